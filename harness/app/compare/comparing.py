"""Compares runs, or the levels of something inside one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness.app.compare.baselines import Baseline, baseline_of_run, open_baseline
from harness.errors import SettingsError, StoreError
from harness.exit_code import RunStatus
from harness.model.record import OutcomeRecord
from harness.model.suite import VARIABLES, VARIANT_AXIS
from harness.model.suite_head import SuiteHead
from harness.reporting.case_results import ComparableResultCollector
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.data import comparison_data
from harness.reporting.comparing.decision import MARGIN
from harness.reporting.comparing.markdown import comparison_markdown
from harness.reporting.comparing.model import ChangeVerdict, Comparison
from harness.reporting.comparing.sentences import is_part
from harness.reporting.comparing.sides import RunSide, pooled_side
from harness.reporting.comparing.text import comparison_text
from harness.store.atomic_file import write_atomically
from harness.store.folder import RUN_FILE, find_run
from harness.store.reader import RunReader, is_run_file
from harness.suggestions import write_instead
from harness.wording import Option, Wording

if TYPE_CHECKING:
    from harness.app.plan.options import RunOptions

_NO_LEVEL = "default"  # of what a request does not say


class ComparedRuns(NamedTuple):
    """Two runs as a whole and in parts, and what a person should know of their records."""

    comparisons: list[Comparison]
    notes: tuple[str, ...]


def compare_runs(
    old: str, new: str, choice: RunOptions, comparer: Comparer, *, excludes_errors: bool = False
) -> ComparedRuns:
    """Compare two runs; each is a baseline, a file, a folder, an id or `latest`.

    Raises:
        StoreError: One of them cannot be read, or has no outcome.
    """
    baselines = [_opened(name, choice, excludes_errors=excludes_errors) for name in (old, new)]
    names = [_short_name(baseline) for baseline in baselines]
    # two runs in folders of the same name would both be called `run`
    if len(set(names)) < len(names):
        names = [baseline.name for baseline in baselines]
    sides = [
        replace(baseline.side, name=name) for baseline, name in zip(baselines, names, strict=True)
    ]
    if not sides[0].results.keys() & sides[1].results.keys():
        raise StoreError(f"{names[0]} and {names[1]} have no case in common")
    notes = tuple(note for baseline in baselines for note in baseline.notes)
    return ComparedRuns(comparer.compare_run(sides[0], sides[1]), notes)


def _opened(name: str, choice: RunOptions, *, excludes_errors: bool) -> Baseline:
    path = Path(name)
    if path.is_file() and is_run_file(path):
        return baseline_of_run(name, path, excludes_errors=excludes_errors)
    from harness.app.plan.project import project_settings  # only names have to be looked up

    return open_baseline(name, project_settings(choice), excludes_errors=excludes_errors)


def compare_levels(
    run: str,
    by: str,
    reference: str | None,
    choice: RunOptions,
    comparer: Comparer,
    *,
    excludes_errors: bool = False,
) -> list[Comparison]:
    """Compare the levels of something inside a run with one of them.

    Args:
        run: A file, a folder, an id or `latest`.
        by: An axis of the variants: `variant`, `prompt`, a field of requests or a variable.
        reference: The level that others are compared with; None for the one with the most cases.
        choice: Says where runs are kept.
        comparer: Does it.
        excludes_errors: Whether trials that errored are left out instead of counted as failures.

    Raises:
        StoreError: The run cannot be read, or has no outcome.
        SettingsError: There are no two levels, or the reference is none of them.
    """
    from harness.app.plan.project import project_settings

    path = find_run(run, project_settings(choice).reports)
    groups = _groups(path, by, excludes_errors=excludes_errors)
    if not groups:
        problem = f"no suite of {path} has two levels of {by} to compare"
        raise SettingsError(problem, Wording("choose another {by}", by=Option("by")))
    levels = {level: None for sides in groups.values() for level in sides}
    if reference is not None and reference not in levels:
        problem = f"`{reference}` is not a {by} of {path}"
        raise SettingsError(problem, write_instead(reference, list(levels)))
    pairs = []
    # Suites may lack the reference: each group then has its own, the level with the most cases, and
    # of several the first in suite order. A level that single cases set is no reference.
    for suites, sides in groups.items():
        most = max(sides, key=lambda level: len(sides[level].results))
        chosen = reference if reference in sides else most
        for level, side in sides.items():
            side.name = level if len(groups) == 1 else f"{level} ({', '.join(suites)})"
            if level != chosen:
                pairs.append((sides[chosen], side))
    return comparer.compare(pairs)


def _groups(
    path: Path, by: str, *, excludes_errors: bool
) -> dict[tuple[str, ...], dict[str, RunSide]]:
    """Return the sides of a run by their levels; suites with the same levels are put together."""
    by_suite = _sides_by_level(path, by, excludes_errors=excludes_errors)
    # Suites that do not have the same levels cannot be pooled: a level would win by its suites.
    alike: dict[tuple[str, ...], list[str]] = {}
    for suite, sides in by_suite.items():
        levels = tuple(level for level, side in sides.items() if side.results)
        alike.setdefault(tuple(sorted(levels)), []).append(suite)
    groups: dict[tuple[str, ...], dict[str, RunSide]] = {}
    for levels, suites in alike.items():
        if len(levels) > 1:
            first = by_suite[suites[0]]
            groups[tuple(suites)] = {
                level: _joined(by_suite[suite][level] for suite in suites)
                for level in first
                if level in levels
            }
    return groups


def _sides_by_level(path: Path, by: str, *, excludes_errors: bool) -> dict[str, dict[str, RunSide]]:
    """Return the sides of each suite by their levels, each case once over all its variants."""
    levels: dict[tuple[str, str], str] = {}
    collectors: dict[tuple[str, str], ComparableResultCollector] = {}
    without_level: list[OutcomeRecord] = []

    def collect(record: OutcomeRecord, level: str) -> None:
        collectors.setdefault((record["suite"], level), ComparableResultCollector()).add(record)

    with RunReader(path) as reader:
        level_of = _level_of(by, reader.head.suites, path)
        for record in reader.outcomes():
            group = (record["suite"], record["variant"])
            level = level_of(record)
            if level is None:
                level = levels.get(group)
            if level is None:
                without_level.append(record)
                continue
            levels.setdefault(group, level)
            collect(record, level)
    # a trial that sent nothing, as one that was skipped, belongs to the level of its variant
    for record in without_level:
        collect(record, levels.get((record["suite"], record["variant"]), _NO_LEVEL))
    sides: dict[str, dict[str, RunSide]] = {}
    for (suite, level), collector in collectors.items():
        side = RunSide(level, excludes_errors=excludes_errors)
        for result in collector.results():
            side.add(result)
        sides.setdefault(suite, {})[level] = pooled_side(side)
    return sides


def _joined(sides: Iterable[RunSide]) -> RunSide:
    """Return one side with the cases of several suites."""
    whole, *others = sides
    for side in others:
        whole.results |= side.results
        whole.skipped += side.skipped
        whole.excluded += side.excluded
        whole.not_compared |= side.not_compared
        whole.left_out |= side.left_out
    return whole


def draw(comparisons: Sequence[Comparison], folder: Path) -> list[Path]:
    """Draw what was compared into a folder and return the charts.

    Raises:
        StoreError: One of them cannot be written.
    """
    from harness.reporting.charts import charts, figures_of  # few comparisons draw

    sides: dict[str, RunSide] = {}
    for comparison in comparisons:
        for side in (comparison.old, comparison.new):
            previous = sides.get(side.name, side)
            sides[side.name] = replace(previous, results={**previous.results, **side.results})
    drawn = charts(figures_of(sides.values()))
    for name, chart in drawn.items():
        write_atomically(folder / name, [chart.encode()], "chart")
    return [folder / name for name in drawn]


def comparison_status(
    comparisons: Sequence[Comparison], *, is_forced: bool, needs_conclusion: bool
) -> RunStatus:
    """Return what comparisons come to."""
    verdicts = [comparison.verdict for comparison in comparisons]
    # A regression that was found counts even if another comparison was refused.
    if ChangeVerdict.REGRESSED in verdicts:
        return RunStatus.FAILED
    if None in verdicts and not is_forced:
        return RunStatus.UNUSABLE
    # parts have fewer cases than the whole: what they cannot tell is no news
    wholes = {comparison.verdict for comparison in comparisons if not is_part(comparison)}
    if needs_conclusion and (None in verdicts or ChangeVerdict.INCONCLUSIVE in wholes):
        return RunStatus.INCONCLUSIVE
    return RunStatus.PASSED


def _of_request(name: str) -> Callable[[OutcomeRecord], str | None]:
    def level_of(record: OutcomeRecord) -> str | None:
        request = record["request"]
        return None if request is None else str(request.get(name, _NO_LEVEL))

    return level_of


def _of_variant(axis: str, suites: Sequence[SuiteHead]) -> Callable[[OutcomeRecord], str | None]:
    levels = {suite.name: suite.levels for suite in suites}

    def level_of(record: OutcomeRecord) -> str | None:
        of_variant = levels.get(record["suite"], {}).get(record["variant"], {})
        return of_variant.get(axis, _NO_LEVEL)

    return level_of


# by what was sent: cases may set them, too
_LEVEL_OF: dict[str, Callable[[OutcomeRecord], str | None]] = {
    VARIANT_AXIS: lambda record: record["variant"],
    "model": _of_request("model"),
    "temperature": _of_request("temperature"),
}


def _level_of(
    by: str, suites: Sequence[SuiteHead], path: Path
) -> Callable[[OutcomeRecord], str | None]:
    """Return what tells the level of a trial on an axis.

    Raises:
        SettingsError: No variants of the run differ in it.
    """
    if by in _LEVEL_OF:
        return _LEVEL_OF[by]
    axes = {axis for suite in suites for levels in suite.levels.values() for axis in levels}
    for axis in (by, f"{VARIABLES}.{by}"):
        if axis in axes:
            return _of_variant(axis, suites)
    problem = f"the variants of {path} do not differ in `{by}`"
    raise SettingsError(problem, write_instead(by, sorted(axes | _LEVEL_OF.keys())))


def _short_name(baseline: Baseline) -> str:
    path = baseline.run_file
    if path is None:
        return Path(baseline.name).name
    return path.parent.name if path.name == RUN_FILE else path.stem


__all__ = [
    "MARGIN",
    "Comparer",
    "compare_levels",
    "compare_runs",
    "comparison_data",
    "comparison_markdown",
    "comparison_status",
    "comparison_text",
    "draw",
]
