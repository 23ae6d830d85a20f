"""What a baseline has of one failing case, and whether such a case fails a run.

Runs and pytest sessions follow the same rule, and a session needs it before the run is over.
"""

from __future__ import annotations

from enum import StrEnum

from harness.app.compare.baseline_result import FailOn
from harness.model.case_result import CaseKey
from harness.reporting.comparing.checks import refusals
from harness.reporting.comparing.pairs import pairs_of
from harness.reporting.comparing.sides import RunSide


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

    def fails_run(self, fails_on: FailOn) -> bool:
        """Return whether one such case fails a run by itself."""
        if fails_on is FailOn.BROKEN:
            return self in {FailureKind.BROKEN, FailureKind.NEW}
        return fails_on is FailOn.FAILED


def failure_kind(old: RunSide, new: RunSide, key: CaseKey) -> FailureKind:
    """Return what a baseline has of one failing case that was not run again.

    A case is looked at alone: that others cannot be compared makes no known failure a new one.

    Args:
        old: The baseline.
        new: The run, with the failing case.
        key: The case.
    """
    if key not in old.results or key not in new.results:
        return FailureKind.NEW
    before, now = _alone(old, key), _alone(new, key)
    pairs = pairs_of(before, now)  # none if the baseline has only errors of the case
    if not pairs or any(refusals(before, now, pairs)):
        return FailureKind.NEW
    return FailureKind.BROKEN if pairs[0].old.label.passes else FailureKind.KNOWN


def _alone(side: RunSide, key: CaseKey) -> RunSide:
    # `RunSide.part` looks at every case, which takes too long for each of many failing ones
    return RunSide(side.name, {key: side.results[key]}, judge=side.judge)
