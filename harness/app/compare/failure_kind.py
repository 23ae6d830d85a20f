"""What a baseline has of one failing case, and whether such a case fails a run.

Runs and pytest sessions follow the same rule, and a session needs it before the run is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from harness.app.compare.baseline_result import FailOn
from harness.app.compare.comparability import comparable_pair
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.reporting.case_results import key_of
from harness.reporting.comparing.sides import RunSide, side_of


class FailureKind(StrEnum):
    """What the baseline has of a failing case.

    Attributes:
        KNOWN: It failed in the baseline too.
        BROKEN: It passed in the baseline and, if it was run again, failed again.
        PASSED_AGAIN: It passed in the baseline, failed, and passed when it was run again.
        NEW: The baseline tells nothing of it, or cannot be compared with it.
    """

    KNOWN = "known"
    BROKEN = "broken"
    PASSED_AGAIN = "passed again"
    NEW = "new"

    @property
    def words(self) -> str:
        """What such a failure is called where it does not fail the run."""
        return {
            FailureKind.KNOWN: "known failure",
            FailureKind.BROKEN: "broken, not counted",
            FailureKind.PASSED_AGAIN: "failed and passed again",
            FailureKind.NEW: "new, not counted",
        }[self]

    def fails_run(self, fails_on: FailOn) -> bool:
        """Return whether one such case fails a run by itself."""
        if fails_on is FailOn.BROKEN:
            return self in {FailureKind.BROKEN, FailureKind.NEW}
        return fails_on is FailOn.FAILED


def failure_kind(old: RunSide, new: RunSide, key: CaseKey) -> FailureKind:
    """Return what a baseline has of one failing case that was not run again.

    Args:
        old: The baseline.
        new: The run, with the failing case.
        key: The case.
    """
    pair = comparable_pair(old, new, key)
    if pair is None:
        return FailureKind.NEW
    return FailureKind.BROKEN if pair.old.label.passes else FailureKind.KNOWN


def kind_of_trials(
    old: RunSide, records: Sequence[OutcomeRecord], judge: str | None
) -> FailureKind:
    """Return what a baseline has of a failing case while its run still goes on.

    Args:
        old: The baseline.
        records: All repeats of the case.
        judge: The model that judged them, if there was one.
    """
    new = side_of("this run", records)
    new.judge = judge
    return failure_kind(old, new, key_of(records[0]))
