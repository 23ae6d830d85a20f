"""Compares a run with its baseline, and runs again what flipped if that is asked for."""

from __future__ import annotations

from dataclasses import replace

from harness.app.compare.baseline_policy import judged_by_baseline
from harness.app.compare.baseline_result import BaselineCheck, BaselineResult, FailOn
from harness.app.compare.baselines import Baseline, open_baseline
from harness.app.compare.comparing import scopes_of
from harness.app.compare.confirmation import Rerun, confirm, flipped, needed_for, remaining_budget
from harness.app.execute.run_result import RunResult
from harness.app.plan.options import Budget, OutputOptions
from harness.app.plan.planning import Plan
from harness.errors import StoreError
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey
from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.model import Scope
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
    comparer = Comparer()
    old, outside = baseline_for(check.baseline, plan)
    new = _side(result)
    first = comparer.compare_scopes(scopes_of(old, new))
    notes = list(check.baseline.notes)
    notes += [f"{cases(outside)} of the baseline were not selected"] if outside else []
    added = new_variants(check.baseline.side, new)
    notes += [f"the baseline has no variant {name}" for name in added]
    keys = flipped(first) if check.confirm else set()
    if not keys:
        return judged_by_baseline(check, result.summary, first, notes)
    sent = check.baseline.requests(set().union(*needed_for(plan, keys).values()))
    rest = remaining_budget(budget, result)
    # Holm adjusts for the comparisons of the rerun beside the first ones: both are looked at
    family = len(first) + len({key.variant for key in keys})
    rerun = Rerun(plan, result, old, sent, check.confirm, family, rest, outputs)
    again = confirm(rerun, keys)
    notes += again.notes
    if not again.old.results:
        return _stopped(judged_by_baseline(check, result.summary, first, notes), again.stopped)
    # The first run chose the cases that flipped by chance, too, so for those only the rerun counts;
    # the others were not chosen by their result and keep what they showed.
    scopes = [*scopes_of(again.old, again.new, confirms=True), *_without(again.old, old, new)]
    judged = judged_by_baseline(
        check, result.summary, comparer.compare_scopes(scopes), notes, first=first
    )
    return replace(judged, status=RunStatus.FAILED) if again.has_drifted else judged


def _without(again: RunSide, old: RunSide, new: RunSide) -> list[Scope]:
    """Return what was not run again, which is judged by what it showed."""
    others = [side.part(side.results.keys() - again.results.keys()) for side in (old, new)]
    return [
        replace(scope, name=f"{scope.name or 'all'}, what did not flip")
        for scope in scopes_of(*others)
    ]


def _stopped(result: BaselineResult, status: RunStatus | None) -> BaselineResult:
    """Return a result with the status of a rerun that was stopped, unless it failed anyway."""
    # A rerun that was stopped has confirmed nothing, but it does not excuse what failed before it.
    has_failed = result.status is RunStatus.FAILED and status is not RunStatus.INTERRUPTED
    return result if status is None or has_failed else replace(result, status=status)


def check_recorded_run(baseline: Baseline, result: RunResult) -> BaselineResult:
    """Compare the cases that ran with their baseline, whoever selected them.

    Raises:
        StoreError: The record cannot be read.
    """
    check = BaselineCheck(baseline)
    if result.stopped is not None or result.broken is not None:
        return _not_compared(check, result, _UNFINISHED)
    new = _side(result)
    # what was skipped or is expected to fail now ran too, and must not look as if it had not
    old = baseline.side.part({*new.results, *new.not_compared})
    if not old.results:
        return _not_compared(check, result, "no case that ran is in the baseline")
    outside = len(baseline.side.results) - len(old.results)
    notes = list(baseline.notes)
    notes += [f"{cases(outside)} of the baseline did not run"] if outside else []
    comparisons = Comparer().compare_scopes(scopes_of(old, new))
    return judged_by_baseline(check, result.summary, comparisons, notes)


def _not_compared(check: BaselineCheck, result: RunResult, why: str) -> BaselineResult:
    # why it is not compared is that it did not finish, or that nothing in it can be compared
    is_finished = result.stopped is None and result.broken is None
    status = RunStatus.of(result.exit_code, is_finished=is_finished)
    return BaselineResult(check, (), status, notes=(why,))


def _side(result: RunResult) -> RunSide:
    with RunReader(result.run_file) as reader:
        side = side_of(THIS_RUN, reader.outcomes())
        # replies judged by another model cannot be compared, so the side has to name it
        side.judge = reader.head.judge
    return side


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
