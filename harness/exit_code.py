"""How a run ended, and what the exit status of the process says of that."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What the process's exit status says."""

    PASSED = 0
    FAILED = 1
    UNUSABLE = 2
    ERRORED = 3
    STOPPED = 4
    NOTHING_SELECTED = 5
    INTERRUPTED = 130


class RunStatus(StrEnum):
    """How a run ended.

    Exit status 4 covers two of them, because a script treats both alike: nothing failed, but the
    run does not show that all is well. People need to know which one it is: a run that was stopped
    is resumed, an inconclusive one needs more cases or repeats.
    """

    PASSED = "passed"
    FAILED = "failed"
    UNUSABLE = "unusable"
    ERRORED = "errored"
    STOPPED = "stopped"
    INCONCLUSIVE = "inconclusive"
    NOTHING_SELECTED = "nothing selected"
    INTERRUPTED = "interrupted"

    @classmethod
    def of(cls, code: ExitCode, *, is_finished: bool) -> RunStatus:
        """Return the status behind an exit code.

        Args:
            code: What the process ends with.
            is_finished: Whether the run came to its end; one that did cannot have been stopped.
        """
        if code is ExitCode.STOPPED and is_finished:
            return cls.INCONCLUSIVE
        return cls[code.name]

    @property
    def exit_code(self) -> ExitCode:
        """The exit status of a process whose run ended so."""
        return ExitCode.STOPPED if self is RunStatus.INCONCLUSIVE else ExitCode[self.name]

    def headline(self, why: str | None = None) -> str:
        """Return the status as reports print it first, with the reason where there is one."""
        word = self.value.upper()
        if self is RunStatus.ERRORED and why is None:
            why = "not everything could be judged"
        return word if why is None else f"{word}: {why}"
