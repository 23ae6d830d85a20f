"""What comparisons with a baseline mean for the exit status of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.app.compare.baseline_result import BaselineCheck, BaselineResult, FailOn
from harness.app.compare.confirmation import Confirmation
from harness.app.compare.failure_kind import FailureKind, failure_kind
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey, CaseLabel
from harness.reporting.comparing.checks import cases, few, named
from harness.reporting.comparing.decision import ALPHA
from harness.reporting.comparing.model import ChangeVerdict, Comparison
from harness.reporting.summary import RunSummary
from harness.stats.families import FIRST_SHARE


@dataclass(frozen=True, slots=True)
class FailingCases:
    """The failing cases of a run, by what the baseline has of them."""

    known: frozenset[CaseKey]
    broken: frozenset[CaseKey]
    passed_again: frozenset[CaseKey]
    new: frozenset[CaseKey]

    @property
    def all(self) -> frozenset[CaseKey]:
        """All of them."""
        return self.known | self.broken | self.passed_again | self.new

    def excused(self, fails_on: FailOn) -> dict[CaseKey, str]:
        """Return those that do not fail the run by themselves, and what each is called."""
        kinds = {
            FailureKind.KNOWN: self.known,
            FailureKind.BROKEN: self.broken,
            FailureKind.PASSED_AGAIN: self.passed_again,
            FailureKind.NEW: self.new,
        }
        return {
            key: kind.words
            for kind, keys in kinds.items()
            for key in keys
            if not kind.fails_run(fails_on)
        }


def judged_by_baseline(
    check: BaselineCheck,
    summary: RunSummary,
    comparisons: Sequence[Comparison],
    notes: Iterable[str],
    *,
    confirmation: Confirmation | None = None,
    rerun: Comparison | None = None,
    ignored: frozenset[CaseKey] = frozenset(),
) -> BaselineResult:
    """Return what comparisons mean for a run that came to its end.

    Args:
        check: The baseline, and how strictly the run is compared with it.
        summary: The run.
        comparisons: The whole run and its parts.
        notes: What else a person should know.
        confirmation: What was asked again, if anything.
        rerun: The comparison of what was asked again on both sides.
        ignored: Failing cases that fail nothing, whatever the baseline has of them.
    """
    failing = failing_cases(summary, comparisons[0], confirmation, ignored)
    excused = failing.excused(check.fails_on)
    if check.fails_on is FailOn.REGRESSION and comparisons[0].verdict is None:
        excused = {}  # no regression can be found, so nothing would ever fail the run
    elif confirmation is not None and _has_regressed(rerun):
        # they are what fails the run
        excused = {
            key: words for key, words in excused.items() if key not in confirmation.failed_again
        }
    reasons = tuple(_reasons(summary, comparisons, rerun, failing, frozenset(excused)))
    status = _status(check, summary, comparisons, has_failed=bool(reasons))
    return BaselineResult(
        check,
        tuple(comparisons),
        status,
        confirmation=confirmation,
        rerun=rerun,
        reasons=reasons,
        excused=excused,
        notes=(
            *notes,
            *_remarks(check, comparisons[0], failing, frozenset(excused), confirmation),
        ),
    )


def failing_cases(
    summary: RunSummary,
    whole: Comparison,
    confirmation: Confirmation | None,
    ignored: frozenset[CaseKey] = frozenset(),
) -> FailingCases:
    """Return the failing cases of a run, but for those to ignore, by what the baseline has."""
    failed = frozenset(summary.failed_cases) - ignored
    kinds = {key: failure_kind(whole.old, whole.new, key) for key in failed}
    known, broken, new = (
        frozenset(key for key in failed if kinds[key] is kind)
        for kind in (FailureKind.KNOWN, FailureKind.BROKEN, FailureKind.NEW)
    )
    again = frozenset() if confirmation is None else confirmation.passed_again & broken
    return FailingCases(known, broken - again, again, new)


def _reasons(
    summary: RunSummary,
    comparisons: Sequence[Comparison],
    rerun: Comparison | None,
    failing: FailingCases,
    excused: frozenset[CaseKey],
) -> Iterator[str]:
    """Yield why the run fails."""
    for comparison in comparisons:
        if comparison.verdict is ChangeVerdict.REGRESSED:
            yield f"{_part(comparison)} regressed"
    if _has_regressed(rerun):
        yield "the cases that were run again pass less often with today's request"
    lists = {
        "broke": failing.broken | failing.passed_again,
        "failed before, too": failing.known,
        "failed without a case in the baseline to compare it with": failing.new,
    }
    for words, keys in lists.items():
        names = named(sorted(keys - excused))
        if names:
            yield f"{cases(len(names))} {words}: {few(names)}"
    # limits of metrics are asked for by the suite, so no baseline excuses them
    missed = [metric for metric in summary.missed if metric.value is not None]
    if missed:
        yield f"a metric missed its limits: {few([metric.line for metric in missed])}"


def _has_regressed(rerun: Comparison | None) -> bool:
    return rerun is not None and rerun.verdict is ChangeVerdict.REGRESSED


def _part(comparison: Comparison) -> str:
    return "it" if comparison.scope is None else f"{comparison.kind.value} {comparison.scope}"


def _status(
    check: BaselineCheck,
    summary: RunSummary,
    comparisons: Sequence[Comparison],
    *,
    has_failed: bool,
) -> RunStatus:
    # The order is that of the exit statuses: failed, errored, inconclusive, passed.
    if has_failed:
        return RunStatus.FAILED
    if summary.labels[CaseLabel.ERRORED] or summary.missed:
        return RunStatus.ERRORED
    # parts have fewer cases than the whole: what they cannot tell is no news
    is_open = comparisons[0].verdict is ChangeVerdict.INCONCLUSIVE
    if check.needs_conclusion and (is_open or any(c.verdict is None for c in comparisons)):
        return RunStatus.INCONCLUSIVE
    return RunStatus.PASSED


def _remarks(
    check: BaselineCheck,
    whole: Comparison,
    failing: FailingCases,
    excused: frozenset[CaseKey],
    confirmation: Confirmation | None,
) -> Iterator[str]:
    # Without this, a gate over three cases would pass for ever and look like a strict one.
    can_tell = whole.trials.least_p < (ALPHA if whole.family == 1 else ALPHA * FIRST_SHARE)
    if check.fails_on is FailOn.REGRESSION and whole.passing.cases and not can_tell:
        yield "so few cases and repeats can never show a regression; add some"
    excuses = {
        "known failures, not counted": failing.known & excused,
        "broken, not counted because only a regression fails this run": failing.broken & excused,
        "failed and passed again, not counted": failing.passed_again & excused,
        "new and failing, not counted because only a regression fails this run": (
            failing.new & excused
        ),
    }
    # of a case that fails the run in other variants, those that do not are named
    of_failing = {key[:2] for key in failing.all - excused}
    for words, keys in excuses.items():
        apart = sorted(key for key in keys if key[:2] in of_failing)
        names = [*named(sorted(keys.difference(apart))), *map(str, apart)]
        if names:
            number = cases(len(named(sorted(keys))))
            yield f"{words}: {number} ({few(names)})"
    if failing.broken - excused and check.may_confirm and not check.confirm:
        yield "asking broken cases again, 5 times each, tells them from flaky ones"
    if confirmation is not None:
        blamed = named(sorted(confirmation.old_request_fails))
        if blamed:
            why = "the baseline's own request fails now too, so the prompt is not to blame"
            yield f"{why}: {few(blamed)}"
        if confirmation.service is not None and confirmation.service.is_sure:
            yield confirmation.service.sentence()
        yield from confirmation.notes
