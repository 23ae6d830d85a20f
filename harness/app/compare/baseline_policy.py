"""What comparisons with a baseline mean for the exit status of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.app.compare.baseline_result import BaselineCheck, BaselineResult, FailOn
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey, CaseLabel
from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.decision import ALPHA
from harness.reporting.comparing.model import ChangeVerdict, Comparison
from harness.reporting.summary import RunSummary


@dataclass(frozen=True, slots=True)
class _Failures:
    """Failing cases that need not fail a run: those that failed before, and those that broke."""

    previous: frozenset[CaseKey] = frozenset()
    broken: frozenset[CaseKey] = frozenset()


def judged_by_baseline(
    check: BaselineCheck,
    summary: RunSummary,
    comparisons: Sequence[Comparison],
    notes: Iterable[str],
    *,
    first: Sequence[Comparison] = (),
) -> BaselineResult:
    """Return what comparisons mean for a run that came to its end.

    Args:
        check: The baseline, and how strictly the run is compared with it.
        summary: The run.
        comparisons: One for each variant.
        notes: What else a person should know.
        first: What the comparisons were before anything was run again.
    """
    # after a rerun the first comparisons still say what failed: the rerun has only chosen cases
    failures = _failures(check, summary, first or comparisons)
    status = _status(check, summary, comparisons, failures)
    remarks = (*notes, *_remarks(check, comparisons, status))
    shown = [comparison for comparison in comparisons if not first or _is_shown(comparison)]
    return BaselineResult(check, tuple(shown), status, tuple(first), failures.previous, remarks)


def _is_shown(comparison: Comparison) -> bool:
    """Return whether a comparison after a rerun is one of the rerun, or stands against it."""
    return comparison.confirms or comparison.verdict in {None, ChangeVerdict.REGRESSED}


def _failures(
    check: BaselineCheck, summary: RunSummary, comparisons: Iterable[Comparison]
) -> _Failures:
    """Return the failing cases that do not fail the run by themselves.

    Whether those that broke fail it is for the comparison to say: one failed repeat may be chance.
    """
    if check.fails_on is FailOn.FAILED:
        return _Failures()
    previous: set[CaseKey] = set()
    broken: set[CaseKey] = set()
    for comparison in comparisons:
        if comparison.verdict is not None:  # a refused comparison excuses nothing
            previous |= {pair.new.key for pair in comparison.still_failing}
            broken |= {pair.new.key for pair in comparison.broken}
    failed = summary.failed_cases
    return _Failures(frozenset(previous & failed), frozenset(broken & failed))


def _status(
    check: BaselineCheck,
    summary: RunSummary,
    comparisons: Sequence[Comparison],
    failures: _Failures,
) -> RunStatus:
    # The order is that of the exit statuses: failed, errored, inconclusive, passed.
    verdicts = {comparison.verdict for comparison in comparisons}
    excused = failures.previous | failures.broken
    if ChangeVerdict.REGRESSED in verdicts or summary.failed_cases - excused:
        return RunStatus.FAILED
    # limits of metrics are asked for by the suite, so no baseline excuses them
    if any(metric.value is not None for metric in summary.missed):
        return RunStatus.FAILED
    if summary.labels[CaseLabel.ERRORED] or summary.missed:
        return RunStatus.ERRORED
    if check.needs_conclusion and verdicts & {None, ChangeVerdict.INCONCLUSIVE}:
        return RunStatus.INCONCLUSIVE
    return RunStatus.PASSED


def _remarks(
    check: BaselineCheck, comparisons: Sequence[Comparison], status: RunStatus
) -> Iterator[str]:
    # Without this, a gate over three cases would pass for ever and look like a strict one.
    if check.fails_on is FailOn.REGRESSION and all(
        comparison.least_p * len(comparisons) >= ALPHA for comparison in comparisons
    ):
        yield "so few cases and repeats can never show a regression; add some"
    broken = sum(len(comparison.broken) for comparison in comparisons)
    if status is RunStatus.PASSED and broken:
        can_confirm = check.may_confirm and not check.confirm
        advice = "; confirming them with 5 repeats asks again" if can_confirm else ""
        yield f"{cases(broken)} broken, which chance may explain{advice}"
