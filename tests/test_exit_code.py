from __future__ import annotations

import pytest

from harness.exit_code import ExitCode, RunStatus


def test_stopped_and_inconclusive_are_two_statuses_with_one_exit_code() -> None:
    codes = {status.exit_code for status in (RunStatus.STOPPED, RunStatus.INCONCLUSIVE)}

    assert codes == {ExitCode.STOPPED}
    assert len(RunStatus) == len(ExitCode) + 1


@pytest.mark.parametrize("status", list(RunStatus))
def test_a_status_is_known_again_by_its_exit_code_and_whether_the_run_finished(
    status: RunStatus,
) -> None:
    is_finished = status is not RunStatus.STOPPED

    again = RunStatus.of(status.exit_code, is_finished=is_finished)

    assert again is status


@pytest.mark.parametrize(
    ("status", "why", "headline"),
    [
        (RunStatus.PASSED, None, "PASSED"),
        (RunStatus.INCONCLUSIVE, None, "INCONCLUSIVE"),
        (RunStatus.STOPPED, "the budget is used up", "STOPPED: the budget is used up"),
        (RunStatus.ERRORED, None, "ERRORED: not everything could be judged"),
        (RunStatus.NOTHING_SELECTED, None, "NOTHING SELECTED"),
    ],
)
def test_a_headline_is_the_status_with_its_reason(
    status: RunStatus, why: str | None, headline: str
) -> None:
    assert status.headline(why) == headline
