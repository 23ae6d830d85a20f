from __future__ import annotations

from typing import Any, Literal

import pytest

from harness.model.case_result import CaseKey
from harness.pytest_plugin.case_reports import CaseReports
from harness.pytest_plugin.report_attributes import CASE, IS_EXCUSED

KEY = CaseKey("test", "a", "default")
Outcome = Literal["passed", "failed", "skipped"]


def report(
    outcome: Outcome, when: Literal["setup", "call", "teardown"] = "call", wasxfail: str = ""
) -> pytest.TestReport:
    """Return a report of the test of a case."""
    extra: dict[str, Any] = {CASE: tuple(KEY), IS_EXCUSED: wasxfail == "known"}
    extra |= {"wasxfail": wasxfail} if wasxfail else {}
    return pytest.TestReport(
        "t::a", ("t", 1, "a"), {}, outcome, "it failed", when, [("out", "said")], **extra
    )


def excused() -> pytest.TestReport:
    return report("skipped", wasxfail="known")


def seen(*reports: pytest.TestReport) -> CaseReports:
    cases = CaseReports()
    for each in reports:
        cases.pytest_runtest_logreport(each)
    return cases


def test_what_failed_and_what_was_excused_is_told_apart() -> None:
    failed, known = seen(report("failed")), seen(excused())

    assert (set(failed.failed), set(failed.excused)) == ({KEY}, set())
    assert (set(known.failed), set(known.excused)) == (set(), {KEY})
    assert list(known.suites) == ["test"]


def test_a_failure_that_a_marker_expects_is_neither() -> None:
    cases = seen(report("skipped", wasxfail="a marker's reason"))

    assert (set(cases.failed), set(cases.excused)) == (set(), set())


def test_of_a_test_that_runs_again_the_last_report_counts() -> None:
    assert not seen(report("failed"), report("passed")).failed
    assert not seen(excused(), report("passed")).excused


def test_tests_that_are_no_cases_are_left_alone() -> None:
    other = report("failed")
    delattr(other, CASE)

    assert not seen(other).failed


def test_an_excuse_that_does_not_hold_becomes_the_failure_it_was() -> None:
    first = excused()
    cases = seen(report("passed", "setup"), first, report("passed", "teardown"))

    setup, failure, teardown = cases.failures(KEY, "asked again 3 times: 0 passed")

    assert [one.outcome for one in (setup, failure, teardown)] == ["passed", "failed", "passed"]
    assert failure.longrepr == "it failed"
    assert not hasattr(failure, "wasxfail")
    assert failure.sections[-1] == ("baseline", "asked again 3 times: 0 passed")
    assert cases.excuse_of(KEY) is first
    assert first.outcome == "skipped"  # pytest still has it
