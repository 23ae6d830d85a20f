"""Where the plugin keeps what belongs to a session or to a test, and what the hooks ask of it.

The hooks are loaded in every session of pytest, so this module imports none of the classes that are
kept: it states as protocols what is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from harness.model.suite import Trial
    from harness.pytest_plugin.case_reports import CaseReports


class CaseTest(Protocol):
    """The test of a case in a variant.

    Attributes:
        case_key: The suite, the case and the variant, as plain texts.
        excuse: Why its failure does not fail the session by itself; None if it does, or passed.
        service_times: When the first of its trials began, in seconds since the epoch, and how many
            seconds they took together; None before there is an outcome.
    """

    trials: Sequence[Trial]
    case_key: tuple[str, str, str]
    excuse: str | None
    service_times: tuple[float, float] | None

    @property
    def will_run(self) -> bool:
        """Whether its requests may be sent ahead: no marker skips it."""


class SessionSummary(Protocol):
    """The report of the prompt tests when the session is over."""

    @property
    def failures(self) -> Sequence[tuple[pytest.TestReport, Sequence[pytest.TestReport]]]:
        """Reports of tests whose excuse did not hold, each with what replaces it."""

    @property
    def lines(self) -> Sequence[str]:
        """Lines for the terminal."""

    @property
    def has_failed(self) -> bool:
        """Whether the session failed for a reason that no test shows."""

    @property
    def gate(self) -> str:
        """That reason, to be reported as a failing test; empty if there is none."""


class HookedSession(Protocol):
    """The prompt tests of a session, as the hooks see them.

    Attributes:
        has_run_tests: Whether a test of a suite asked for its outcomes; skipped ones do not.
    """

    has_run_tests: bool

    def header(self, tests: Sequence[CaseTest]) -> list[str]:
        """Say in a line what will run, and where."""

    def begin(self, session: pytest.Session, tests: Sequence[CaseTest]) -> None:
        """Begin to send, in the order of the tests."""

    def reached(self, test: CaseTest, following: CaseTest | None) -> None:
        """Send ahead of the test that pytest has got to."""

    def end(self, *, is_interrupted: bool) -> None:
        """End the run."""

    def report(self, *, may_rerun: bool) -> SessionSummary:
        """Return the report of the run.

        Args:
            may_rerun: Whether cases may be asked again.
        """


REPORT: pytest.StashKey[SessionSummary] = pytest.StashKey()
SESSION: pytest.StashKey[HookedSession] = pytest.StashKey()
CASES: pytest.StashKey[CaseReports] = pytest.StashKey()  # only with a baseline
ITEM: pytest.StashKey[CaseTest] = pytest.StashKey()  # in the stash of the test itself
# of a controller of pytest-xdist: the id of the run, when it began, where workers say where they
# write, and whether one of them ran a test of a suite; and what it and its workers tell each other
RUN_ID: pytest.StashKey[str] = pytest.StashKey()
BEGAN: pytest.StashKey[float] = pytest.StashKey()
PARTS_POINTER: pytest.StashKey[Path] = pytest.StashKey()
WORKERS_RAN_TESTS: pytest.StashKey[bool] = pytest.StashKey()
HAS_RUN_TESTS = "harness_has_run_tests"
RUN_ID_OF_CONTROLLER, PARTS_POINTER_OF_CONTROLLER = "harness_run_id", "harness_parts_pointer"
