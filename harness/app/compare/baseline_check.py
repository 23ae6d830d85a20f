"""Compares a run with its baseline, and runs again what flipped if that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path

from harness.app.compare.baseline_policy import judged_by_baseline
from harness.app.compare.baseline_result import BaselineCheck, BaselineResult, FailOn
from harness.app.compare.baselines import Baseline, open_whole_baseline
from harness.app.compare.confirmation import Confirmation, confirm, flipped
from harness.app.compare.fresh_runs import Rerun, needed_for, remaining_budget, trial_key
from harness.app.compare.run_sides import side_of_run
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
from harness.reporting.comparing.model import Comparison
from harness.reporting.comparing.sides import RunSide, new_variants
from harness.store.reader import RunReader

THIS_RUN = "this run"
_ALL_NEW = "not compared: no case that ran is in the baseline"
_UNFINISHED = "not compared: the run did not come to its end"


@dataclass(frozen=True, slots=True)
class RerunSetup:
    """What cases of a run are run again with.

    Attributes:
        plan: Has these cases; others are not run again.
        budget: What the run could take; what remains of it is for what is run again.
        outputs: Say how progress is shown.
    """

    plan: Plan
    budget: Budget
    outputs: OutputOptions


def baseline_for(baseline: Baseline, plan: Plan) -> tuple[RunSide, int]:
    """Return the cases of a baseline that a plan covers, and how many it does not.

    Of selected cases there may be none: they may be new.

    Raises:
        StoreError: They have no case in common.
    """
    planned = {trial_key(trial) for trial in plan.trials()}
    suites = {suite.name for suite in plan.suites}
    return _part_for(baseline, suites, planned, is_partial=plan.selection.is_partial)


def _part_for(
    baseline: Baseline, suites: set[str], selected: set[CaseKey], *, is_partial: bool
) -> tuple[RunSide, int]:
    side = baseline.side
    if not is_partial and not selected & side.results.keys():
        raise _nothing_in_common(baseline)
    suites = suites | _removed_suites(baseline, suites)
    # of a whole run, a case that is in the baseline only was removed, which has to be reported
    keys = [
        key for key in side.results if key.suite in suites and (key in selected or not is_partial)
    ]
    return side.part(keys), len(side.results) - len(keys)


def _nothing_in_common(baseline: Baseline) -> StoreError:
    return StoreError(f"the baseline {baseline.name} and this run have no case in common")


def _removed_suites(baseline: Baseline, suites: set[str]) -> set[str]:
    """Return the suites of a baseline whose files are gone; others were just not among the paths.

    Nothing is known of older baselines, or where not even the suites that ran are where they were.
    """
    files = baseline.head.get("suites")
    if not isinstance(files, Mapping):
        return set()
    gone = {str(name) for name, path in files.items() if not Path(str(path)).is_file()}
    return set() if gone & suites else gone - suites


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
    if not _is_finished(result):
        return _not_compared(check, result, _UNFINISHED)
    old, outside = baseline_for(check.baseline, plan)
    if not old.results:
        return _not_compared(check, result, _ALL_NEW)
    new, setup = _side(result, check), RerunSetup(plan, budget, outputs)
    return _compared(check, result, old, new, _outside(outside, "not selected"), setup)


def check_merged_run(
    check: BaselineCheck, result: RunResult, setup: RerunSetup | None = None
) -> BaselineResult:
    """Compare a run that was merged with its baseline, as the whole run that it stands for.

    Args:
        check: The baseline, and how strictly the run is compared with it.
        result: The run.
        setup: What cases whose verdict flipped are run again with, if they are.

    Raises:
        StoreError: The record cannot be read, or has no case of the baseline.
    """
    if not _is_finished(result):
        return _not_compared(check, result, _UNFINISHED)
    head, new = result.head(), _side(result, check)
    selected = {*new.results, *new.not_compared, *new.left_out}
    suites = {suite.name for suite in head.suites}
    is_partial = not head.has_all_cases
    old, outside = _part_for(check.baseline, suites, selected, is_partial=is_partial)
    if not old.results:
        return _not_compared(check, result, _ALL_NEW)
    return _compared(check, result, old, new, _outside(outside, "not selected"), setup)


def check_recorded_run(
    check: BaselineCheck,
    result: RunResult,
    setup: RerunSetup | None = None,
    *,
    ignored: frozenset[CaseKey] = frozenset(),
    whole_suites: Set[str] = frozenset(),
) -> BaselineResult:
    """Compare the cases that ran with their baseline, whoever selected them.

    Args:
        check: The baseline, and how strictly the run is compared with it.
        result: The run.
        setup: What cases whose verdict flipped are run again with, if they are.
        ignored: Failing cases that fail nothing, because whoever selected them says so.
        whole_suites: Suites that ran as a whole, so that a case that did not run was removed.

    Raises:
        StoreError: The record cannot be read, or suites that ran as a whole have no case of the
            baseline.
    """
    if not _is_finished(result):
        return _not_compared(check, result, _UNFINISHED)
    baseline, new = check.baseline, _side(result, check)
    whole = whole_suites | (_removed_suites(baseline, set(whole_suites)) if whole_suites else set())
    # what was skipped or is expected to fail now ran too, and must not look as if it had not
    ran = {*new.results, *new.not_compared, *new.left_out}
    old = baseline.side.part(
        key for key in baseline.side.results if key in ran or key.suite in whole
    )
    if whole_suites and not old.results.keys() & ran:
        raise _nothing_in_common(baseline)
    if not old.results:
        return _not_compared(check, result, _ALL_NEW)
    notes = _outside(len(baseline.side.results) - len(old.results), "not run")
    return _compared(check, result, old, new, notes, setup, ignored)


def _compared(
    check: BaselineCheck,
    result: RunResult,
    old: RunSide,
    new: RunSide,
    notes: Iterable[str],
    setup: RerunSetup | None,
    ignored: frozenset[CaseKey] = frozenset(),
) -> BaselineResult:
    comparer = _comparer(check)
    comparisons, rerun = comparer.compare_run(old, new), None
    again = None if setup is None else _run_again(check, result, comparisons[0], setup)
    if again is not None and again.has_both_sides:
        rerun = comparer.compare_rerun(comparisons[0], again.old, again.new)
    judged = judged_by_baseline(
        check,
        result.summary,
        comparisons,
        [*_notes(check, new), *notes],
        confirmation=again,
        rerun=rerun,
        ignored=ignored,
    )
    return judged if again is None else _stopped(judged, again.stopped)


def _run_again(
    check: BaselineCheck, result: RunResult, whole: Comparison, setup: RerunSetup
) -> Confirmation | None:
    """Run what flipped again; None if that is not asked for, or nothing flipped."""
    if not check.confirm:
        return None
    plan, old = setup.plan, whole.old
    planned = {trial_key(trial) for trial in plan.trials()}
    keys = flipped(whole) & planned
    if not keys:
        return None
    # a case that only errored in the baseline has no pass rate to compare with
    others = sorted({pair.new.key for pair in whole.pairs} & planned - flipped(whole))
    drawn = drawn_unflipped(others, result.run_file)
    sent = check.baseline.requests(set().union(*needed_for(plan, {*keys, *drawn}).values()))
    budget = remaining_budget(setup.budget, result)
    rerun = Rerun(plan, result, old, sent, drawn, len(others), check.confirm, budget, setup.outputs)
    return confirm(rerun, whole, keys)


def _outside(number: int, verb: str) -> list[str]:
    return [f"of the baseline, {cases(number)} {verb}"] if number else []


def _is_finished(result: RunResult) -> bool:
    # Half a run lacks cases at random: what is missing is not broken, and not removed either.
    return result.stopped is None and result.broken is None


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


def _not_compared(check: BaselineCheck, result: RunResult, why: str) -> BaselineResult:
    # why it is not compared is that it did not finish, or that nothing in it can be compared
    status = RunStatus.of(result.exit_code, is_finished=_is_finished(result))
    return BaselineResult(check, (), status, notes=(why,))


def _side(result: RunResult, check: BaselineCheck) -> RunSide:
    with RunReader(result.run_file) as reader:
        return side_of_run(THIS_RUN, reader, excludes_errors=check.excludes_errors)


__all__ = [
    "MARGIN",
    "Baseline",
    "BaselineCheck",
    "BaselineResult",
    "FailOn",
    "RerunSetup",
    "baseline_for",
    "check_merged_run",
    "check_recorded_run",
    "check_run",
    "open_whole_baseline",
]
