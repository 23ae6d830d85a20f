"""A run held against a baseline: what is said of it, and what that means for the exit status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from harness.app.compare.baselines import Baseline, head_of, open_baseline
from harness.app.compare.comparing import scopes_of
from harness.app.compare.confirmation import confirm, flipped, left_of, needed_for
from harness.app.execute.execution import Budget
from harness.app.execute.running import OutputOptions, RunResult
from harness.app.plan.planning import Plan
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.model.case_result import CaseKey
from harness.reporting.comparing.checks import cases, few
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.decision import ALPHA
from harness.reporting.comparing.model import ChangeVerdict, Comparison, Scope
from harness.reporting.comparing.render import (
    comparison_data,
    comparison_markdown,
    comparison_text,
    headline,
)
from harness.reporting.comparing.sides import RunSide, new_variants, side_of
from harness.reporting.failures import harmless
from harness.reporting.markdown import escaped
from harness.store.reader import RunReader

THIS_RUN = "this run"
_ADVICE = "if the change is meant, save what is right now: `harness baseline save`"


class FailOn(StrEnum):
    """What fails a run: every failed case, or only what is worse than in the baseline."""

    FAILED = "failed"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class BaselineCheck:
    """What a run is held against, and how strictly.

    Attributes:
        fails_on: What fails the run.
        needs_conclusion: Whether it is not enough that no change was found.
        confirm: How often the cases whose verdict flipped are run again on both sides.
        may_confirm: Whether the way in has that option.
    """

    baseline: Baseline
    fails_on: FailOn = FailOn.FAILED
    needs_conclusion: bool = False
    confirm: int = 0
    may_confirm: bool = False


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """What came of holding a run against a baseline.

    Attributes:
        comparisons: One for each variant; of the runs that confirm where there are any.
        first: What was found before anything was run again; empty if nothing was.
        known: Failing cases that failed in the baseline too and do not fail the run.
        notes: What else a person should know.
    """

    gate: BaselineCheck
    comparisons: tuple[Comparison, ...]
    exit_code: ExitCode
    first: tuple[Comparison, ...] = ()
    known: frozenset[CaseKey] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def has_regressed(self) -> bool:
        """Whether a variant is worse than in the baseline."""
        return any(comparison.verdict is ChangeVerdict.REGRESSED for comparison in self.comparisons)

    def headlines(self) -> list[str]:
        """Return the verdicts in words, a line each."""
        return [headline(comparison) for comparison in self.comparisons]

    def warnings(self) -> list[str]:
        """Return what a reader has to know even if everything passed."""
        is_told = {ChangeVerdict.IMPROVED, ChangeVerdict.EQUIVALENT, ChangeVerdict.REGRESSED}
        return [
            headline(comparison)
            for comparison in self.comparisons
            if comparison.verdict not in is_told
        ]

    def regressions(self) -> list[str]:
        """Return what fails the run, in words."""
        is_worse = ChangeVerdict.REGRESSED
        return [
            headline(comparison)
            for comparison in self.comparisons
            if comparison.verdict is is_worse
        ]

    def text(self, *, is_short: bool = False) -> str:
        """Return the comparisons for a terminal."""
        parts = [_in_a_line(f"baseline: {self.gate.baseline.title}")]
        if self.first and not is_short:
            parts += [_in_a_line(f"at first {headline(each)}") for each in self.first]
        show = _in_short if is_short else partial(comparison_text, advice=_ADVICE)
        parts += [part for comparison in self.comparisons for part in ("", show(comparison))]
        return "\n".join([*parts, *(_in_a_line(f"note: {note}") for note in self.notes)])

    def markdown(self) -> str:
        """Return the comparisons for a job summary or a pull request."""
        notes = "".join(f"- {escaped(note)}\n" for note in self.notes)
        return comparison_markdown(self.comparisons) + notes

    def data(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "name": self.gate.baseline.name,
            **{key: self.gate.baseline.head.get(key) for key in ("run", "started", "git")},
            "fail_on": self.gate.fails_on.value,
            "comparisons": [comparison_data(comparison) for comparison in self.comparisons],
            "before_confirming": [comparison_data(each) for each in self.first],
            "known_failures": len(self.known),
            "notes": list(self.notes),
        }


def _in_short(comparison: Comparison) -> str:
    """Return the verdict, and why there is none or what broke."""
    lines = [headline(comparison), *(f"  not comparable: {why}" for why in comparison.refusals)]
    names = [str(pair.new.key) for pair in comparison.broken]
    if names and not comparison.refusals:
        lines.append(f"  broken: {few(names)}")
    return "\n".join(_in_a_line(line) if line[:1] != " " else harmless(line) for line in lines)


def _in_a_line(text: str) -> str:
    return harmless(" ".join(text.split()))


def baseline_for(baseline: Baseline, plan: Plan) -> tuple[RunSide, int]:
    """Return the cases of a baseline that a run is asked for, and how many it is not.

    Raises:
        StoreError: They have no case in common.
    """
    planned = {(t.suite.name, t.case.id, t.variant.name) for t in plan.trials()}
    side = baseline.side
    if not planned & side.results.keys():
        raise StoreError(f"the baseline {baseline.name} and what is to run have no case in common")
    suites = {suite.name for suite in plan.suites}
    is_partial = plan.selection.is_partial
    keys = [key for key in side.results if key[0] in suites and (key in planned or not is_partial)]
    return side.part(keys), len(side.results) - len(keys)


def check_run(
    gate: BaselineCheck, plan: Plan, result: RunResult, budget: Budget, outputs: OutputOptions
) -> BaselineResult:
    """Hold a run against its baseline; cases whose verdict flipped are run again if asked.

    Args:
        gate: What it is held against, and how strictly.
        plan: What the run was made from.
        result: The run.
        budget: What the run could take; what is left of it is for what is run again.
        outputs: Say how progress is shown.

    Raises:
        StoreError: A record cannot be read.
    """
    if result.stopped is not None or result.broken is not None:
        return _not_held(gate, result, "not compared: the run did not come to its end")
    comparer = Comparer()
    old, left = baseline_for(gate.baseline, plan)
    new = _side(result)
    first = comparer.compare_scopes(scopes_of(old, new))
    notes = [f"{cases(left)} of the baseline were not asked for"] if left else []
    added = new_variants(gate.baseline.side, new)
    notes += [f"the baseline has no variant {each}" for each in added]
    keys = flipped(first) if gate.confirm else set()
    if not keys:
        return _held(gate, result, first, notes)
    sent = gate.baseline.requests(set().union(*needed_for(plan, keys).values()))
    rest = left_of(budget, result)
    family = len(first) + len({variant for _, _, variant in keys})
    again = confirm(plan, result, old, sent, keys, gate.confirm, family, rest, outputs)
    notes += again.notes
    if not again.old.results:
        return _stopped(_held(gate, result, first, notes), again.stopped)
    scopes = [*scopes_of(again.old, again.new, confirms=True), *_without(again.old, old, new)]
    held = _held(gate, result, comparer.compare_scopes(scopes), notes, first=first)
    return replace(held, exit_code=ExitCode.FAILED) if again.has_drifted else held


def _without(again: RunSide, old: RunSide, new: RunSide) -> list[Scope]:
    """Return what was not run again, which is judged by what it showed."""
    left = [side.part(side.results.keys() - again.results.keys()) for side in (old, new)]
    return [
        replace(scope, name=f"{scope.name or 'all'}, what did not flip")
        for scope in scopes_of(left[0], left[1])
    ]


def _stopped(held: BaselineResult, status: ExitCode | None) -> BaselineResult:
    """Return what is held with the status of a rerun that was stopped, unless it failed anyway."""
    if status is None or (held.exit_code is ExitCode.FAILED and status != ExitCode.INTERRUPTED):
        return held
    return replace(held, exit_code=status)


def check_recorded_run(baseline: Baseline, result: RunResult) -> BaselineResult:
    """Hold the cases that ran against their baseline, whoever chose them.

    Raises:
        StoreError: The record cannot be read.
    """
    gate = BaselineCheck(baseline)
    if result.stopped is not None or result.broken is not None:
        return _not_held(gate, result, "not compared: the run did not come to its end")
    new = _side(result)
    old = baseline.side.part(new.results)
    if not old.results:
        return _not_held(gate, result, "no case that ran is in the baseline")
    left = len(baseline.side.results) - len(old.results)
    notes = [f"{cases(left)} of the baseline did not run"] if left else []
    return _held(gate, result, Comparer().compare_scopes(scopes_of(old, new)), notes)


def _not_held(gate: BaselineCheck, result: RunResult, why: str) -> BaselineResult:
    return BaselineResult(gate, (), result.exit_code, notes=(why,))


def _side(result: RunResult) -> RunSide:
    with RunReader(result.run_file) as reader:
        side = side_of(THIS_RUN, reader.outcomes())
        side.judge = head_of(reader.run)["judge"]
    return side


def _held(
    gate: BaselineCheck,
    result: RunResult,
    comparisons: Sequence[Comparison],
    notes: Iterable[str],
    *,
    first: Sequence[Comparison] = (),
) -> BaselineResult:
    """Return what comparisons mean; `first` is what they were before anything was run again."""
    known, broken = _known_failures(gate, result, first or comparisons)
    status = _status(gate, result, comparisons, known | broken)
    told = [*notes, *_doubts(gate, comparisons, status)]
    shown = [comparison for comparison in comparisons if not first or _is_telling(comparison)]
    return BaselineResult(gate, tuple(shown), status, tuple(first), known, tuple(told))


def _is_telling(comparison: Comparison) -> bool:
    """Return whether a comparison after a rerun is one of the rerun, or stands against it."""
    return comparison.confirms or comparison.verdict in {None, ChangeVerdict.REGRESSED}


def _doubts(
    gate: BaselineCheck, comparisons: Sequence[Comparison], status: ExitCode
) -> Iterator[str]:
    if gate.fails_on is FailOn.REGRESSION and all(
        comparison.least_p * len(comparisons) >= ALPHA for comparison in comparisons
    ):
        yield "so few cases and repeats can never be called a regression; add some"
    broken = sum(len(comparison.broken) for comparison in comparisons)
    if status is ExitCode.PASSED and broken:
        advice = "; --confirm 5 asks again" if gate.may_confirm and not gate.confirm else ""
        yield f"{cases(broken)} broken, which chance may explain{advice}"


def _known_failures(
    gate: BaselineCheck, result: RunResult, comparisons: Iterable[Comparison]
) -> tuple[frozenset[CaseKey], frozenset[CaseKey]]:
    """Return the failing cases that need not fail the run: known ones, and those that broke.

    Whether those that broke fail it is for the comparison to say.
    """
    if gate.fails_on is FailOn.FAILED:
        return frozenset(), frozenset()
    known: set[CaseKey] = set()
    broken: set[CaseKey] = set()
    for comparison in comparisons:
        if comparison.verdict is not None:
            known |= {pair.new.key for pair in comparison.still_failing}
            broken |= {pair.new.key for pair in comparison.broken}
    failed = result.summary.failed_cases
    return frozenset(known & failed), frozenset(broken & failed)


def _status(
    gate: BaselineCheck,
    result: RunResult,
    comparisons: Sequence[Comparison],
    known: frozenset[CaseKey],
) -> ExitCode:
    verdicts, missed = {comparison.verdict for comparison in comparisons}, result.summary.missed
    if ChangeVerdict.REGRESSED in verdicts or result.summary.failed_cases - known:
        return ExitCode.FAILED
    if any(metric.value is not None for metric in missed):
        return ExitCode.FAILED
    if result.summary.total.counts["errored"] or missed:
        return ExitCode.ERRORED
    if gate.needs_conclusion and verdicts & {None, ChangeVerdict.INCONCLUSIVE}:
        return ExitCode.STOPPED
    return ExitCode.PASSED


__all__ = [
    "Baseline",
    "BaselineCheck",
    "BaselineResult",
    "FailOn",
    "baseline_for",
    "check_recorded_run",
    "check_run",
    "open_baseline",
]
