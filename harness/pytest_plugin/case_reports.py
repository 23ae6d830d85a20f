"""What pytest reported of the tests of cases, where a session is compared with a baseline.

In the controller of pytest-xdist the reports of all workers come together.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from typing import Literal

import pytest

from harness.model.case_result import CaseKey
from harness.pytest_plugin.report_attributes import CASE, IS_EXCUSED


class CaseReports:
    """Collects reports; a plugin of pytest.

    Attributes:
        failed: The cases whose tests failed.
    """

    def __init__(self) -> None:
        self.failed: set[CaseKey] = set()
        self._excused: dict[CaseKey, pytest.TestReport] = {}
        self._phases: dict[tuple[CaseKey, str], pytest.TestReport] = {}
        self._suites: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a report; of a test that runs again, the last one counts."""
        name = getattr(report, CASE, None)
        if name is None:
            return
        key = CaseKey(*name)
        self._suites[key.suite] = None
        self._phases[key, str(report.when)] = report
        if report.when != "call":
            return
        self.failed.discard(key)
        self._excused.pop(key, None)
        if report.failed:
            self.failed.add(key)
        elif getattr(report, IS_EXCUSED, False):
            self._excused[key] = report

    @property
    def suites(self) -> Collection[str]:
        """The suites that tests were made from."""
        return self._suites

    @property
    def excused(self) -> Collection[CaseKey]:
        """The cases that failed and were reported as expected to."""
        return self._excused.keys()

    def excuse_of(self, key: CaseKey) -> pytest.TestReport:
        """Return the report of a test whose failure was excused."""
        return self._excused[key]

    def failures(self, key: CaseKey, why: str) -> Iterator[pytest.TestReport]:
        """Yield the reports of a test once more, with the failure that was excused.

        All phases are there, because reports such as JUnit's are complete only with the last one.
        """
        for phase in ("setup", "call", "teardown"):
            report = self._phases.get((key, phase))
            if report is None:
                continue
            report = copy.copy(report)
            if phase == "call":
                del report.wasxfail
                vars(report).pop(IS_EXCUSED, None)
                report.outcome = "failed"
                report.sections = [*report.sections, ("baseline", why)]
            yield report


def gate_reports(why: str) -> Iterator[pytest.TestReport]:
    """Yield the reports of a test that fails because the session does, for a reason of its own."""
    phases: tuple[Literal["call", "teardown"], ...] = ("call", "teardown")
    for when in phases:
        yield pytest.TestReport(
            nodeid="harness::gate",
            location=("harness", None, "gate"),
            keywords={},
            outcome="failed" if when == "call" else "passed",
            longrepr=why if when == "call" else None,
            when=when,
        )
