"""A session that is over, compared with its baseline."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from harness import app
from harness.app.compare.baseline_check import (
    BaselineCheck,
    BaselineResult,
    RerunSetup,
    check_recorded_run,
)
from harness.app.compare.failure_kind import FailureKind
from harness.app.compare.recorded_plan import recorded_plan
from harness.errors import HarnessError
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey
from harness.pytest_plugin.case_reports import CaseReports
from harness.pytest_plugin.session_baseline import excuse_of
from harness.pytest_plugin.session_run import SECONDS_TO_GIVE_UP
from harness.pytest_plugin.vocabulary import shown


@dataclass(frozen=True, slots=True)
class SessionComparison:
    """What the baseline says of a session.

    Attributes:
        failures: Reports of tests whose excuse did not hold, each with what replaces it.
        notes: Why nothing was asked again that should have been.
    """

    result: BaselineResult
    failures: Sequence[tuple[pytest.TestReport, Sequence[pytest.TestReport]]]
    notes: Sequence[str] = ()


def compared(
    check: BaselineCheck,
    result: app.RunResult,
    reports: CaseReports,
    run_options: Callable[[], app.RunOptions],
    budget: app.Budget,
    *,
    may_rerun: bool,
) -> SessionComparison:
    """Compare the run of a session with its baseline.

    Args:
        check: The baseline, and how strictly the session is compared with it.
        result: The run.
        reports: What pytest reported of the tests.
        run_options: Return what suites are loaded and run with.
        budget: What the session could take.
        may_rerun: Whether cases whose verdict flipped may be asked again.

    Raises:
        KeyboardInterrupt: Asking again was interrupted.
        StoreError: The record cannot be read.
    """
    setup, notes = None, list[str]()
    if check.confirm and may_rerun:
        try:
            setup = _rerun_setup(result, reports, run_options(), budget)
        except HarnessError as error:
            notes = [f"note: nothing was asked again: {shown(error)}"]
    # what a marker expects to fail, and what only a test in Python asked for, is for pytest to say
    ignored = result.summary.failed_cases - reports.failed - set(reports.excused)
    whole = frozenset(reports.suites) if result.head().has_all_cases else frozenset[str]()
    baseline_result = check_recorded_run(
        check, result, setup, ignored=frozenset(ignored), whole_suites=whole
    )
    if setup is not None and baseline_result.status is RunStatus.INTERRUPTED:
        # the rerun takes Ctrl-C for itself, and pytest has to end, too
        raise KeyboardInterrupt
    failures = [
        (reports.excuse_of(key), tuple(reports.failures(key, _why(baseline_result, key))))
        for key in reports.excused
        if not _holds(reports.excuse_of(key), key, baseline_result, result)
    ]
    return SessionComparison(baseline_result, failures, notes)


def _holds(
    excuse: pytest.TestReport, key: CaseKey, baseline_result: BaselineResult, result: app.RunResult
) -> bool:
    """Return whether the excuse of a test still holds at the end of the session."""
    is_whole = result.stopped is None and result.broken is None
    if is_whole:
        return key in baseline_result.known_failures
    # half a session is not compared: what is known stays known, what broke was not asked again
    return getattr(excuse, "wasxfail", None) != excuse_of(FailureKind.BROKEN, baseline_result.check)


def _rerun_setup(
    result: app.RunResult, reports: CaseReports, options: app.RunOptions, budget: app.Budget
) -> RerunSetup:
    # suites of `harness_suite` are not among them: what becomes of their cases, a test decides
    suites = [suite for suite in result.head().suites if suite.name in reports.suites]
    plan = recorded_plan(suites, options)
    # Ctrl-C ends a session in a few seconds, whatever it waits for
    budget = replace(budget, grace=SECONDS_TO_GIVE_UP)
    return RerunSetup(plan, budget, app.OutputOptions(command=sys.argv))


def _why(result: BaselineResult, key: CaseKey) -> str:
    """Return why an excuse does not hold."""
    again = None if result.confirmation is None else result.confirmation.new.results.get(key)
    if again is not None:
        return f"asked again {again.judged} times: {again.passed} passed"
    if not result.comparisons:
        return result.notes[0]
    refusals = result.comparisons[0].refusals
    return f"not comparable: {refusals[0]}" if refusals else "it was not asked again"
