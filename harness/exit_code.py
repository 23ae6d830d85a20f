"""How a run ended, and what the exit status of the process says of that."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What the process's exit status says; `RunStatus` names what shares a number."""

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
    is resumed, an inconclusive one needs more cases or repeats. Likewise 5: nothing was selected,
    or nothing of what was selected could be judged.
    """

    PASSED = "passed"
    FAILED = "failed"
    UNUSABLE = "unusable"
    ERRORED = "errored"
    STOPPED = "stopped"
    INCONCLUSIVE = "inconclusive"
    NOTHING_SELECTED = "nothing selected"
    UNJUDGED = "unjudged"
    INTERRUPTED = "interrupted"

    @classmethod
    def of(cls, code: ExitCode, *, is_finished: bool) -> RunStatus:
        """Return the status behind an exit code.

        Args:
            code: What the process ends with.
            is_finished: Whether the run came to its end; one that did cannot have been stopped,
                and something was selected, or there would be no run.
        """
        finished = (status for status, number in _SHARED_CODES.items() if number is code)
        return next(finished, cls[code.name]) if is_finished else cls[code.name]

    @property
    def exit_code(self) -> ExitCode:
        """The exit status of a process whose run ended so."""
        return _SHARED_CODES[self] if self in _SHARED_CODES else ExitCode[self.name]

    def beside(self, baseline: RunStatus) -> RunStatus:
        """Return how a run ended that was compared with a baseline.

        Args:
            baseline: What the comparison says; it has the last word, but finding nothing wrong is
                no praise where nothing was judged.
        """
        is_silent = baseline in {RunStatus.PASSED, RunStatus.INCONCLUSIVE}
        return self if self is RunStatus.UNJUDGED and is_silent else baseline

    def headline(self, why: str | None = None) -> str:
        """Return the status as reports print it first, with the reason where there is one."""
        word, why = self.value.upper(), why or self.reason
        return word if why is None else f"{word}: {why}"

    @property
    def reason(self) -> str | None:
        """What the status means, where its name alone does not say it."""
        return _REASONS.get(self)


_SHARED_CODES = {
    RunStatus.INCONCLUSIVE: ExitCode.STOPPED,
    RunStatus.UNJUDGED: ExitCode.NOTHING_SELECTED,
}
_REASONS = {
    RunStatus.ERRORED: "not everything could be judged",
    RunStatus.UNJUDGED: "nothing was judged",
}
