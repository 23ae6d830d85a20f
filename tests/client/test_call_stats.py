"""What is counted of calls, and when a key counts as refused."""

from __future__ import annotations

import pytest

from harness.client.call_stats import CallStats
from harness.errors import ApiConnectionError, ApiError, ApiStatusError

UNAUTHORIZED = ApiStatusError("HTTP 401", "authentication_error", 401)
FORBIDDEN = ApiStatusError("HTTP 403", "permission_error", 403)
OVERLOADED = ApiStatusError("HTTP 529", "overloaded_error", 529)
REFUSED = ApiConnectionError("refused", "connection_refused")


@pytest.mark.parametrize(
    ("calls", "reports"),
    [
        ([UNAUTHORIZED], 0),
        ([UNAUTHORIZED, UNAUTHORIZED], 1),
        ([UNAUTHORIZED, FORBIDDEN], 1),
        ([UNAUTHORIZED, None, UNAUTHORIZED], 0),
        ([UNAUTHORIZED, OVERLOADED, UNAUTHORIZED], 1),
        ([OVERLOADED] * 5, 0),
        ([UNAUTHORIZED] * 5, 1),
        ([UNAUTHORIZED, UNAUTHORIZED, None, UNAUTHORIZED, UNAUTHORIZED], 2),
    ],
)
def test_a_key_is_reported_when_it_is_refused_twice_without_a_success_between(
    calls: list[ApiError | None], reports: int
) -> None:
    reported = list[ApiError]()
    stats = CallStats(reported.append)

    for error in calls:
        if error is None:
            stats.succeeded()
        else:
            stats.failed(error)

    assert len(reported) == reports


@pytest.mark.parametrize(
    ("error", "is_reached"), [(None, True), (OVERLOADED, True), (REFUSED, False)]
)
def test_a_server_is_reached_once_it_answers_anything(
    error: ApiError | None, is_reached: bool
) -> None:
    stats = CallStats(lambda _error: None)

    if error is None:
        stats.succeeded()
    else:
        stats.failed(error)
        stats.failed(REFUSED)

    assert stats.is_reached is is_reached


def test_a_call_counts_as_waiting_until_its_next_attempt_and_its_retry_for_good() -> None:
    stats = CallStats(lambda _error: None)

    with stats.waiting_after(OVERLOADED), stats.waiting_after(REFUSED):
        assert stats.waiting == {"overloaded_error": 1, "connection_refused": 1}

    assert stats.waiting.total() == 0
    assert stats.retries == {"overloaded_error": 1, "connection_refused": 1}


def test_a_wait_that_is_cancelled_is_not_counted_any_more() -> None:
    stats = CallStats(lambda _error: None)

    with pytest.raises(KeyboardInterrupt), stats.waiting_after(OVERLOADED):
        raise KeyboardInterrupt

    assert stats.waiting.total() == 0
