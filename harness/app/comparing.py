"""Compares runs, or the levels of something inside one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from harness.app.planning import Choice, project_settings
from harness.errors import ExitCode, SettingsError, StoreError
from harness.model.record import OutcomeRecord
from harness.reporting.comparison import ChangeVerdict, Comparer, Comparison
from harness.reporting.comparison_text import (
    comparison_data,
    comparison_markdown,
    comparison_text,
)
from harness.reporting.units import Side, by_case, by_case_and_variant, by_variant, side_of
from harness.store.folder import find_run
from harness.store.reader import RunReader
from harness.suggestions import write_instead


def compare_runs(old: str, new: str, choice: Choice, comparer: Comparer) -> list[Comparison]:
    """Compare two runs; each is a file, a folder, an id or `latest`.

    Raises:
        StoreError: One of them cannot be read, or has no outcome.
    """
    reports = project_settings(choice).reports
    paths = [find_run(name, reports) for name in (old, new)]
    names = _short_names(paths)
    sides = []
    for path, name in zip(paths, names, strict=True):
        with RunReader(path) as reader:
            sides.append(_checked(side_of(name, reader.outcomes(), by_case_and_variant), path))
    if not sides[0].units.keys() & sides[1].units.keys():
        raise StoreError(f"{names[0]} and {names[1]} have no case in common")
    return compare_sides(sides[0], sides[1], comparer)


def compare_sides(old: Side, new: Side, comparer: Comparer) -> list[Comparison]:
    """Compare two sides variant by variant; together they are one family of tests."""
    scopes = list(by_variant(old, new))
    is_one = len(scopes) == 1
    return comparer.compare_scopes(
        (None if is_one else f"variant {name}", before, after) for name, before, after in scopes
    )


def compare_levels(
    run: str, by: str, reference: str | None, choice: Choice, comparer: Comparer
) -> list[Comparison]:
    """Compare the levels of something inside a run with one of them.

    Args:
        run: A file, a folder, an id or `latest`.
        by: `variant`, `model` or `temperature`.
        reference: The level that others are compared with; the first one if None.
        choice: Says where runs are kept.
        comparer: Does it.

    Raises:
        StoreError: The run cannot be read, or has no outcome.
        SettingsError: There are no two levels, or the reference is none of them.
    """
    path = find_run(run, project_settings(choice).reports)
    groups = _groups(path, _LEVEL_OF[by])
    if not groups:
        problem = f"no suite of {path} has two levels of {by} to compare"
        raise SettingsError(problem, "choose another --by")
    levels = {level: None for sides in groups.values() for level in sides}
    if reference is not None and reference not in levels:
        problem = f"`{reference}` is no {by} of {path}"
        raise SettingsError(problem, write_instead(reference, list(levels)))
    pairs = []
    for suites, sides in groups.items():
        chosen = reference if reference in sides else next(iter(sides))
        for level, side in sides.items():
            side.name = level if len(groups) == 1 else f"{level} ({', '.join(suites)})"
            if level != chosen:
                pairs.append((sides[chosen], side))
    return comparer.compare(pairs)


def _groups(
    path: Path, level_of: Callable[[OutcomeRecord], str]
) -> dict[tuple[str, ...], dict[str, Side]]:
    """Return the sides of a run by their levels; suites with the same levels are put together."""
    by_suite: dict[str, dict[str, Side]] = {}
    with RunReader(path) as reader:
        for record in reader.outcomes():
            level = level_of(record)
            sides = by_suite.setdefault(record["suite"], {})
            sides.setdefault(level, Side(level)).add(record, by_case(record))
    alike: dict[tuple[str, ...], list[str]] = {}
    for suite, sides in by_suite.items():
        levels = tuple(level for level, side in sides.items() if side.units)
        alike.setdefault(tuple(sorted(levels)), []).append(suite)
    groups: dict[tuple[str, ...], dict[str, Side]] = {}
    for levels, suites in alike.items():
        if len(levels) > 1:
            first = by_suite[suites[0]]
            groups[tuple(suites)] = {
                level: _joined(by_suite[suite][level] for suite in suites)
                for level in first
                if level in levels
            }
    return groups


def _joined(sides: Iterable[Side]) -> Side:
    """Return one side with the cases of several suites."""
    whole, *others = sides
    for side in others:
        whole.units |= side.units
        whole.skipped += side.skipped
        whole.excluded += side.excluded
    return whole


def comparison_status(
    comparisons: Sequence[Comparison], *, is_forced: bool, needs_conclusion: bool
) -> ExitCode:
    """Return what the exit status says of comparisons."""
    verdicts = [each.verdict for each in comparisons]
    if ChangeVerdict.REGRESSED in verdicts:
        return ExitCode.FAILED
    if None in verdicts and not is_forced:
        return ExitCode.UNUSABLE
    if needs_conclusion and (None in verdicts or ChangeVerdict.INCONCLUSIVE in verdicts):
        return ExitCode.STOPPED
    return ExitCode.PASSED


def _of_request(name: str) -> Callable[[OutcomeRecord], str]:
    return lambda record: str((record["request"] or {}).get(name, "default"))


_LEVEL_OF: dict[str, Callable[[OutcomeRecord], str]] = {
    "variant": lambda record: record["variant"],
    "model": _of_request("model"),
    "temperature": _of_request("temperature"),
}


def _checked(side: Side, path: Path) -> Side:
    if not side.units:
        raise StoreError(f"{path} has no trial that was judged, so there is nothing to compare")
    return side


def _short_names(paths: Sequence[Path]) -> list[str]:
    names = [path.parent.name if path.name == "run.jsonl" else path.stem for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


__all__ = [
    "Comparer",
    "compare_levels",
    "compare_runs",
    "comparison_data",
    "comparison_markdown",
    "comparison_status",
    "comparison_text",
]
