"""Compares a run with its baseline, and runs again what flipped if that is asked for."""

from __future__ import annotations

from dataclasses import replace

from harness.app.compare.baseline_policy import judged_by_baseline
from harness.app.compare.baseline_result import BaselineCheck, BaselineResult, FailOn
from harness.app.compare.baselines import Baseline, open_baseline
from harness.app.compare.confirmation import Rerun, confirm, flipped, needed_for, remaining_budget
from harness.app.compare.service_change import drawn_unflipped
from harness.app.execute.run_result import RunResult
from harness.app.plan.options import Budget, OutputOptions
from harness.app.plan.planning import Plan
from harness.errors import StoreError
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey
from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.decision import MARGIN
from harness.reporting.comparing.sides import RunSide, new_variants, side_of
from harness.store.reader import RunReader

THIS_RUN = "this run"
_UNFINISHED = "not compared: the run did not come to its end"


def baseline_for(baseline: Baseline, plan: Plan) -> tuple[RunSide, int]:
    """Return the cases of a baseline that a plan covers, and how many it does not.

    Raises:
        StoreError: They have no case in common.
    """
    planned = {CaseKey(t.suite.name, t.case.id, t.variant.name) for t in plan.trials()}
    side = baseline.side
    if not planned & side.results.keys():
        raise StoreError(f"the baseline {baseline.name} and this run have no case in common")
    suites = {suite.name for suite in plan.suites}
    is_partial = plan.selection.is_partial
    # of a whole run, a case that is in the baseline only was removed, which has to be reported
    keys = [
        key for key in side.results if key.suite in suites and (key in planned or not is_partial)
    ]
    return side.part(keys), len(side.results) - len(keys)


def check_run(
    check: BaselineCheck, plan: Plan, result: RunResult, budget: Budget, outputs: OutputOptions
) -> BaselineResult:
    """Compare a run with its baseline; cases whose verdict flipped are run again if asked.

    Args:
        check: The baseline, and how strictly the run is compared with it.
        plan: What the run was made from.
        result: The run.
        budget: What the run could take; what remains of it is for what is run again.
        outputs: Say how progress is shown.

    Raises:
        StoreError: A record cannot be read.
    """
    # Half a run lacks cases at random: what is missing is not broken, and not removed either.
    if result.stopped is not None or result.broken is not None:
        return _not_compared(check, result, _UNFINISHED)
    old, outside = baseline_for(check.baseline, plan)
    notes = [f"{cases(outside)} of the baseline were not selected"] if outside else []
    comparer, new = _comparer(check), _side(result, check)
    comparisons = comparer.compare_run(old, new)
    notes = [*_notes(check, new), *notes]
    keys = flipped(comparisons[0]) if check.confirm else set()
    if not keys:
        return judged_by_baseline(check, result.summary, comparisons, notes)
    others = sorted(old.results.keys() & new.results.keys() - keys)
    drawn = drawn_unflipped(others, result.run_file)
    sent = check.baseline.requests(set().union(*needed_for(plan, {*keys, *drawn}).values()))
    rest = remaining_budget(budget, result)
    rerun_of = Rerun(plan, result, old, sent, drawn, len(others), check.confirm, rest, outputs)
    again = confirm(rerun_of, comparisons[0])
    rerun = None
    if again.old.results:
        comparisons, rerun = comparer.with_rerun(comparisons, again.old, again.new)
    judged = judged_by_baseline(
        check, result.summary, comparisons, notes, confirmation=again, rerun=rerun
    )
    return _stopped(judged, again.stopped)


def _comparer(check: BaselineCheck) -> Comparer:
    return Comparer(check.margin, by_tag=check.by_tag)


def _notes(check: BaselineCheck, new: RunSide) -> list[str]:
    added = new_variants(check.baseline.side, new)
    return [*check.baseline.notes, *(f"the baseline has no variant {name}" for name in added)]


def _stopped(result: BaselineResult, status: RunStatus | None) -> BaselineResult:
    """Return a result with the status of a rerun that was stopped, unless it failed anyway."""
    # A rerun that was stopped has confirmed nothing, but it does not excuse what failed before it.
    has_failed = result.status is RunStatus.FAILED and status is not RunStatus.INTERRUPTED
    return result if status is None or has_failed else replace(result, status=status)


def check_recorded_run(check: BaselineCheck, result: RunResult) -> BaselineResult:
    """Compare the cases that ran with their baseline, whoever selected them.

    Raises:
        StoreError: The record cannot be read.
    """
    if result.stopped is not None or result.broken is not None:
        return _not_compared(check, result, _UNFINISHED)
    baseline, new = check.baseline, _side(result, check)
    # what was skipped or is expected to fail now ran too, and must not look as if it had not
    old = baseline.side.part({*new.results, *new.not_compared})
    if not old.results:
        return _not_compared(check, result, "no case that ran is in the baseline")
    outside = len(baseline.side.results) - len(old.results)
    notes = _notes(check, new)
    notes += [f"{cases(outside)} of the baseline did not run"] if outside else []
    comparisons = _comparer(check).compare_run(old, new)
    return judged_by_baseline(check, result.summary, comparisons, notes)


def _not_compared(check: BaselineCheck, result: RunResult, why: str) -> BaselineResult:
    # why it is not compared is that it did not finish, or that nothing in it can be compared
    is_finished = result.stopped is None and result.broken is None
    status = RunStatus.of(result.exit_code, is_finished=is_finished)
    return BaselineResult(check, (), status, notes=(why,))


def _side(result: RunResult, check: BaselineCheck) -> RunSide:
    with RunReader(result.run_file) as reader:
        side = side_of(THIS_RUN, reader.outcomes(), excludes_errors=check.excludes_errors)
        # replies judged by another model cannot be compared, so the side has to name it
        side.judge = reader.head.judge
    return side


__all__ = [
    "MARGIN",
    "Baseline",
    "BaselineCheck",
    "BaselineResult",
    "FailOn",
    "baseline_for",
    "check_recorded_run",
    "check_run",
    "open_baseline",
]
