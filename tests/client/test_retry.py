"""What is tried again, after which wait: the table, row by row."""

from __future__ import annotations

import random
import statistics
from datetime import UTC, datetime
from email.utils import formatdate

import pytest

from harness.client.failures import error_in, status_error
from harness.client.retry import (
    Retryability,
    RetryPolicy,
    allowance_wait,
    classify,
    may_be_paid,
    server_wait,
)
from harness.errors import (
    ApiConnectionError,
    ApiError,
    ApiResponseError,
    ApiTimeoutError,
    StreamError,
    TaskError,
)

NOW = 1_790_000_000.0
SPENT = b'{"error": {"type": "rate_limit_error", "details": {"error_code": "enforced_spend_limit_reached"}}}'  # noqa: E501


def answered(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> ApiError:
    return status_error(status, headers or {}, body, sent_to="POST http://x", now=NOW)


def policy(draw: float = 0.5, **changes: float) -> RetryPolicy:
    return RetryPolicy(lambda: draw, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        *(
            (status, Retryability.PASSING)
            for status in (408, 409, 429, 500, 501, 502, 503, 504, 529)
        ),
        *(
            (status, Retryability.LASTING)
            for status in (300, 307, 400, 402, 404, 405, 413, 422, 431)
        ),
        (401, Retryability.UNAUTHORIZED),
        (403, Retryability.UNAUTHORIZED),
    ],
)
def test_a_status_says_whether_to_try_again(status: int, trouble: Retryability) -> None:
    assert classify(answered(status)) is trouble


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (error_in({"error": {"type": "overloaded_error"}}, 200), Retryability.PASSING),
        (error_in({"error": {"type": "api_error"}}, 200), Retryability.PASSING),
        (error_in({"error": {"type": "rate_limit_error"}}, 200), Retryability.PASSING),
        (error_in({"error": {"type": "invalid_request_error"}}, 200), Retryability.LASTING),
        (error_in({"error": {"type": "authentication_error"}}, 200), Retryability.UNAUTHORIZED),
        (error_in({"error": {"type": "something_new"}}, 200), Retryability.LASTING),
        (StreamError("cut", "truncated_stream"), Retryability.PASSING),
        (StreamError("bad", "bad_stream"), Retryability.LASTING),
        (ApiConnectionError("x", "connection_refused"), Retryability.PASSING),
        (ApiConnectionError("x", "connection_lost"), Retryability.PASSING),
        (ApiConnectionError("x", "response_cut"), Retryability.PASSING),
        (ApiConnectionError("x", "unknown_host"), Retryability.PASSING),
        (ApiConnectionError("x", "tls"), Retryability.LASTING),
        (ApiConnectionError("x", "not_http"), Retryability.LASTING),
        (ApiTimeoutError("x", "connect_timeout"), Retryability.PASSING),
        (ApiTimeoutError("x", "first_byte_timeout"), Retryability.PASSING),
        (ApiTimeoutError("x", "idle_timeout"), Retryability.PASSING),
        (ApiTimeoutError("x", "attempt_timeout"), Retryability.PASSING),
        (ApiTimeoutError("x", "case_timeout"), Retryability.LASTING),
        (ApiResponseError("x", "unexpected_response", 200), Retryability.LASTING),
        (TaskError("x", "task_failed"), Retryability.LASTING),
        (answered(429, body=SPENT), Retryability.LASTING),
        (answered(429, {"retry-after": "3"}, SPENT), Retryability.PASSING),
        (answered(529, {"x-should-retry": "false"}), Retryability.LASTING),
    ],
)
def test_an_error_says_whether_to_try_again(error: ApiError, trouble: Retryability) -> None:
    assert classify(error) is trouble


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "20"}, 20),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-10"}, None),
        ({"retry-after": "60"}, 60),
        ({"retry-after": "61"}, 61),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "9" * 35}, float("9" * 35)),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, None),
        ({"retry-after": formatdate(NOW, usegmt=True)}, None),
        ({"retry-after": "Zzz, 99 Nil 2026 99:99:99 GMT"}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9),
        ({}, None),
    ],
)
def test_a_service_may_say_how_long_to_wait(headers: dict[str, str], wait: float | None) -> None:
    assert server_wait(headers, NOW) == wait


@pytest.mark.parametrize(
    ("remaining", "reset", "wait"),
    [
        ("0", 30, 30),
        ("1", 30, None),
        ("0", -30, None),
        ("0", None, None),
    ],
)
def test_an_allowance_that_is_used_up_is_waited_for(
    remaining: str, reset: int | None, wait: float | None
) -> None:
    name = "anthropic-ratelimit-tokens"
    moment = "soon" if reset is None else datetime.fromtimestamp(NOW + reset, UTC).isoformat()
    headers = {f"{name}-remaining": remaining, f"{name}-reset": moment}

    assert allowance_wait(headers, NOW) == wait


@pytest.mark.parametrize(
    ("attempt", "most"), [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 16.0), (9, 60.0), (50, 60.0)]
)
def test_without_word_from_the_service_the_wait_is_drawn_from_a_range_that_doubles(
    attempt: int, most: float
) -> None:
    generator = random.Random(4711)
    drawn = RetryPolicy(generator.random, max_attempts=100)
    error = answered(529)

    waits = [drawn.wait(error, attempt, 1e6) for _ in range(10_000)]

    assert 0 <= min(waits) <= max(waits) <= most
    assert statistics.fmean(waits) == pytest.approx(most / 2, rel=0.02)


@pytest.mark.parametrize(
    ("error", "attempt", "seconds_left", "wait"),
    [
        (answered(529), 1, 600, 0.5),
        (answered(529), 5, 600, 8.0),
        (answered(429, {"retry-after": "7"}), 1, 600, 7.0),
        (answered(429, {"retry-after": "300"}), 5, 600, 300.0),
        (answered(503, {"retry-after-ms": "20"}), 2, 600, 0.02),
    ],
)
def test_the_wait_is_the_services_or_a_draw(
    error: ApiError, attempt: int, seconds_left: float, wait: float
) -> None:
    assert policy().wait(error, attempt, seconds_left) == wait


def test_a_server_that_was_never_there_is_not_waited_for_long() -> None:
    refused = ApiConnectionError("x", "connection_refused")

    waits = [policy(0.99).wait(refused, attempt, 600, is_reached=False) for attempt in range(1, 6)]

    assert waits == [0.99] * 5
    assert policy(0.5).wait(refused, 5, 600, is_reached=True) == 8.0


@pytest.mark.parametrize(
    ("error", "attempt", "seconds_left", "words", "reason"),
    [
        (answered(529), 6, 600, "; given up after 6 attempts (max_attempts)", "overloaded_error"),
        (
            answered(429, {"retry-after": "301"}), 1, 600,
            "; the service asks to wait 301 s, and the longest wait is 300 s", "rate_limited",
        ),
        (
            answered(429, {"retry-after": "30"}), 1, 29,
            "; the call has no time left for another attempt (timeouts.case)", "rate_limit_error",
        ),
        (answered(400), 1, 600, "HTTP 400 invalid_request_error", "invalid_request_error"),
    ],
)  # fmt: skip
def test_what_is_not_tried_again_says_why(
    error: ApiError, attempt: int, seconds_left: float, words: str, reason: str
) -> None:
    with pytest.raises(ApiError) as caught:
        policy().wait(error, attempt, seconds_left)

    assert caught.value.message.endswith(words)
    assert (caught.value.reason, caught.value.status) == (reason, error.status)
    assert type(caught.value) is type(error)


@pytest.mark.parametrize(
    ("error", "may_be"),
    [
        (ApiTimeoutError("x", "first_byte_timeout"), True),
        (ApiConnectionError("x", "connection_lost"), True),
        (ApiConnectionError("x", "not_http"), True),
        (StreamError("x", "truncated_stream"), True),
        (ApiTimeoutError("x", "connect_timeout"), False),
        (ApiConnectionError("x", "connection_refused"), False),
        (answered(529), False),
    ],
)
def test_what_may_have_been_answered_may_be_billed(error: ApiError, may_be: bool) -> None:
    assert may_be_paid(error) is may_be


def test_a_model_that_is_loading_is_waited_for_by_time_and_not_by_attempts() -> None:
    loading = answered(503)
    patient = policy(0.99, loading_seconds=300.0)

    waits = [patient.wait(loading, 7, 600, seconds_waited=waited) for waited in (30.0, 299.0)]

    assert all(0 < wait <= 10 for wait in waits)
    with pytest.raises(ApiError, match=r"given up after 9 attempts \(max_attempts\)"):
        patient.wait(loading, 9, 600, seconds_waited=300.0)
    with pytest.raises(ApiError, match="given up after 9 attempts"):
        patient.wait(answered(500), 9, 600, seconds_waited=30.0)
    with pytest.raises(ApiError, match="`retry_for` waits for a model that is loading"):
        policy().wait(loading, 6, 600)


@pytest.mark.parametrize(
    ("status", "body", "wait"), [(429, b"", 30.0), (500, b"", None), (429, SPENT, None)]
)
def test_a_429_waits_for_the_reset_of_the_allowance_that_is_used_up(
    status: int, body: bytes, wait: float | None
) -> None:
    headers = {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": datetime.fromtimestamp(NOW + 30, UTC).isoformat(),
    }

    assert answered(status, headers, body).retry_after == wait


def test_a_request_that_came_too_early_is_tried_again() -> None:
    assert classify(answered(425)) is Retryability.PASSING
