"""How a run ended, as a page shows it first: a colour, a sign and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.exit_code import ExitCode, RunStatus

# colours are CSS classes of outcomes; what is neither a pass nor a failure looks like an error
_TONES = {RunStatus.PASSED: ("passed", "✓"), RunStatus.FAILED: ("failed", "✗")}
_OTHER_TONE = ("errored", "!")
_WORDS = {RunStatus.INCONCLUSIVE: "Inconclusive against the baseline"}


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The status of a run on a page.

    Attributes:
        kind: The CSS class of its colour, without `is-`.
        word: The status alone, for a table.
        verdict: The status as a heading, with the reason where there is one.
    """

    kind: str
    sign: str
    word: str
    verdict: str


NOT_ENDED = StatusLine("errored", "!", "not ended", "The run did not finish")


def status_of_end(end: Mapping[str, Any] | None) -> RunStatus | None:
    """Return the status that the last line of a run file records; None without such a line."""
    code = None if end is None else end.get("exit_code")
    if end is None or code not in {member.value for member in ExitCode}:
        return None
    return RunStatus.of(ExitCode(code), is_finished=end.get("status") == "finished")


def status_line(status: RunStatus | None, why: str | None = None) -> StatusLine:
    """Return a status as a page shows it.

    Args:
        status: None if the run did not come to its end.
        why: Why the run was stopped.
    """
    if status is None:
        return NOT_ENDED
    verdict = _WORDS.get(status, status.value.capitalize())
    reason = why if status is RunStatus.STOPPED else status.reason
    if reason:
        verdict = f"{verdict}: {reason}"
    kind, sign = _TONES.get(status, _OTHER_TONE)
    return StatusLine(kind, sign, status.value, verdict)
