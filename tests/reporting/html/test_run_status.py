"""How a run ended, as pages show it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.exit_code import RunStatus
from harness.reporting.html.run_status import status_line, status_of_end


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (None, None),
        ({}, None),
        ({"status": "finished", "exit_code": 77}, None),
        ({"status": "finished", "exit_code": 0}, RunStatus.PASSED),
        ({"status": "finished", "exit_code": 1}, RunStatus.FAILED),
        ({"status": "finished", "exit_code": 3}, RunStatus.ERRORED),
        ({"status": "finished", "exit_code": 4}, RunStatus.INCONCLUSIVE),
        ({"status": "stopped", "exit_code": 4}, RunStatus.STOPPED),
        ({"status": "finished", "exit_code": 5}, RunStatus.UNJUDGED),
        ({"status": "interrupted", "exit_code": 130}, RunStatus.INTERRUPTED),
    ],
)
def test_the_end_of_a_run_file_says_how_the_run_ended(
    end: dict[str, Any] | None, status: RunStatus | None
) -> None:
    assert status_of_end(end) is status


@pytest.mark.parametrize(
    ("status", "why", "kind", "word", "verdict"),
    [
        (RunStatus.PASSED, None, "passed", "passed", "Passed"),
        (RunStatus.FAILED, None, "failed", "failed", "Failed"),
        (RunStatus.ERRORED, None, "errored", "errored", "Errored: not everything could be judged"),
        (RunStatus.STOPPED, "the budget is spent", "errored", "stopped",
         "Stopped: the budget is spent"),
        (RunStatus.STOPPED, None, "errored", "stopped", "Stopped"),
        (RunStatus.INCONCLUSIVE, None, "errored", "inconclusive",
         "Inconclusive against the baseline"),
        (RunStatus.INTERRUPTED, "interrupted", "errored", "interrupted", "Interrupted"),
        (RunStatus.NOTHING_SELECTED, None, "errored", "nothing selected", "Nothing selected"),
        (RunStatus.UNJUDGED, None, "errored", "unjudged", "Unjudged: nothing was judged"),
        (None, None, "errored", "not ended", "The run did not finish"),
    ],
)  # fmt: skip
def test_a_status_has_a_colour_and_words(
    status: RunStatus | None, why: str | None, kind: str, word: str, verdict: str
) -> None:
    line = status_line(status, why)

    assert (line.kind, line.word, line.verdict) == (kind, word, verdict)


def test_only_a_pass_has_a_check_mark() -> None:
    signs = {status: status_line(status).sign for status in (None, *RunStatus)}

    assert [status for status, sign in signs.items() if sign == "✓"] == [RunStatus.PASSED]
    assert [status for status, sign in signs.items() if sign == "✗"] == [RunStatus.FAILED]
