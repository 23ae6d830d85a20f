"""What the exit status of the process says."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process's exit status says."""

    PASSED = 0
    FAILED = 1
    UNUSABLE = 2
    ERRORED = 3
    STOPPED = 4
    NOTHING_SELECTED = 5
    INTERRUPTED = 130
