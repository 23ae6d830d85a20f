from __future__ import annotations

import pytest

from harness.exit_code import ExitCode, RunStatus


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (RunStatus.STOPPED, RunStatus.INCONCLUSIVE, 4),
        (RunStatus.NOTHING_SELECTED, RunStatus.UNJUDGED, 5),
    ],
)
def test_two_statuses_share_an_exit_code(first: RunStatus, second: RunStatus, code: int) -> None:
    assert (first.exit_code, second.exit_code) == (code, code)


def test_all_other_statuses_have_an_exit_code_of_their_own() -> None:
    assert len(RunStatus) == len(ExitCode) + 2


@pytest.mark.parametrize("status", list(RunStatus))
def test_a_status_is_known_again_by_its_exit_code_and_whether_the_run_finished(
    status: RunStatus,
) -> None:
    is_finished = status not in {RunStatus.STOPPED, RunStatus.NOTHING_SELECTED}

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
        (RunStatus.UNJUDGED, None, "UNJUDGED: nothing was judged"),
    ],
)
def test_a_headline_is_the_status_with_its_reason(
    status: RunStatus, why: str | None, headline: str
) -> None:
    assert status.headline(why) == headline


@pytest.mark.parametrize(
    ("own", "baseline", "status"),
    [
        (RunStatus.FAILED, RunStatus.PASSED, RunStatus.PASSED),
        (RunStatus.PASSED, RunStatus.FAILED, RunStatus.FAILED),
        (RunStatus.PASSED, RunStatus.INCONCLUSIVE, RunStatus.INCONCLUSIVE),
        (RunStatus.UNJUDGED, RunStatus.PASSED, RunStatus.UNJUDGED),
        (RunStatus.UNJUDGED, RunStatus.INCONCLUSIVE, RunStatus.UNJUDGED),
        (RunStatus.UNJUDGED, RunStatus.FAILED, RunStatus.FAILED),
    ],
)
def test_a_baseline_has_the_last_word_but_does_not_excuse_that_nothing_was_judged(
    own: RunStatus, baseline: RunStatus, status: RunStatus
) -> None:
    assert own.beside(baseline) is status
