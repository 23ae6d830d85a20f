"""Which failed exchanges are retried, and after which wait."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from harness.errors import ApiConnectionError, ApiError, ApiTimeoutError, StreamError

_PASSING_STATUSES = frozenset({408, 409, 425, 429})
_LOADING = 503  # what servers of local models answer while they load one
_PASSING_TIMEOUTS = frozenset(
    {"connect_timeout", "first_byte_timeout", "idle_timeout", "attempt_timeout"}
)
_LONGEST_BACKOFF_LOADING = 10.0  # nobody else waits for it, so it may be asked often
_UNREACHABLE = frozenset({"connection_refused", "unknown_host", "connect_timeout"})
_MAYBE_PAID = frozenset(
    {
        "first_byte_timeout",
        "idle_timeout",
        "attempt_timeout",
        "case_timeout",
        "connection_lost",
        "response_cut",
        "not_http",
    }
)


class Retryability(Enum):
    """What an error says about the next try."""

    PASSING = "another try may succeed"
    LASTING = "another try would fail alike"
    UNAUTHORIZED = "every request of the run would fail alike"


def classify(error: ApiError) -> Retryability:
    """Return whether a request that failed is worth another try."""
    if error.status in (401, 403):
        return Retryability.UNAUTHORIZED
    # A certificate that is not trusted does not get better, nor does a server that breaks HTTP; a
    # stream that was cut, unlike one that breaks the rules, is the fault of the connection.
    is_passing = (
        (isinstance(error, ApiConnectionError) and error.reason not in ("tls", "not_http"))
        or (isinstance(error, ApiTimeoutError) and error.reason in _PASSING_TIMEOUTS)
        or (isinstance(error, StreamError) and error.reason == "truncated_stream")
        or (error.status is not None and _is_passing_status(error))
    )
    return Retryability.PASSING if is_passing else Retryability.LASTING


def _is_passing_status(error: ApiError) -> bool:
    if error.status is None or error.is_final:
        return False
    return error.status in _PASSING_STATUSES or error.status >= 500


def may_be_paid(error: ApiError) -> bool:
    """Return whether the service may have answered, and charge for, what did not arrive."""
    return error.reason in _MAYBE_PAID or isinstance(error, StreamError)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after which waits a request is tried again.

    Attributes:
        random: Returns numbers from 0 up to 1.
        max_attempts: The first try counts.
        loading_seconds: How long a model that is loading is waited for, whatever the attempts.
        longest_server_wait: Seconds; if the service asks for more, the call fails.
        first_backoff: Seconds; doubled for every further try. The wait is drawn from 0 up to it.
        longest_backoff: Seconds.

    Source:
        Full jitter: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    random: Callable[[], float]
    max_attempts: int = 6
    longest_server_wait: float = 300.0
    first_backoff: float = 1.0
    longest_backoff: float = 60.0
    loading_seconds: float = 0.0

    def wait(
        self,
        error: ApiError,
        attempt: int,
        seconds_left: float,
        *,
        is_reached: bool = True,
        seconds_waited: float = 0.0,
    ) -> float:
        """Return how many seconds to wait before the next try.

        Args:
            error: Why the last try failed.
            attempt: How many tries there were.
            seconds_left: What is left of the time of the call.
            is_reached: Whether the server answered anything in this run.
            seconds_waited: How long the call has taken so far.

        Raises:
            ApiError: There must not be another try. It is `error`, with the reason added if the
                failure itself was worth one.
        """
        if classify(error) is not Retryability.PASSING:
            raise error
        may_be_loading = error.status == _LOADING and seconds_waited < self.loading_seconds
        if attempt >= self.max_attempts and not may_be_loading:
            raise self._given_up(error, attempt)
        server_asks = error.retry_after
        if server_asks is not None and server_asks > self.longest_server_wait:
            most = f"{self.longest_server_wait:g} s"
            why = f"the service asks to wait {server_asks:g} s, and the longest wait is {most}"
            raise error.because(why, "rate_limited")
        # A server that never answered may not be there at all, as with a wrong port: the user
        # waits for seconds then and not for minutes.
        is_missing = not is_reached and error.reason in _UNREACHABLE
        longest = self.first_backoff if is_missing else self.longest_backoff
        if may_be_loading:
            longest = min(longest, _LONGEST_BACKOFF_LOADING)
        wait = self._backoff(attempt, longest) if server_asks is None else server_asks
        # Failing now says the same as failing after the wait.
        if wait >= seconds_left:
            raise error.because("the call has no time left for another attempt (timeouts.case)")
        return wait

    def _given_up(self, error: ApiError, attempt: int) -> ApiError:
        if attempt == 1:
            return error
        setting = "max_attempts"
        if error.status == _LOADING and not self.loading_seconds:
            setting += "; `retry_for` waits for a model that is loading"
        return error.because(f"given up after {attempt} attempts ({setting})")

    def bearable(self, wait: float | None) -> float | None:
        """Return a wait that the service asks for, or None if it is longer than any allowed one."""
        # For the whole run's pause: one absurd header must not stop all requests for days.
        return wait if wait is not None and wait <= self.longest_server_wait else None

    def _backoff(self, attempt: int, longest: float) -> float:
        most: float = min(longest, self.first_backoff * 2 ** (attempt - 1))
        # From 0 on: calls that failed together would else all come back together.
        return most * self.random()


def server_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a service asks to wait, or None without a usable header.

    Args:
        headers: The response's headers, their names in lower case.
        now: The time, in seconds since the epoch, for headers that hold a date.

    Source:
        RFC 9110, 10.2.3 "Retry-After"; `retry-after-ms` as the Messages API has it.
    """
    wait = _number(headers.get("retry-after-ms"))
    if wait is not None:
        wait /= 1000
    else:
        value = headers.get("retry-after")
        wait = _number(value)
        if wait is None and value:
            wait = _seconds_until(value, now)
    return wait if wait is not None and wait > 0 else None


_ALLOWANCES = ("requests", "tokens", "input-tokens", "output-tokens")


def allowance_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds until the allowances that are used up are reset, or None.

    Args:
        headers: The response's headers, their names in lower case.
        now: The time, in seconds since the epoch.

    Source:
        The Messages API's `anthropic-ratelimit-*-remaining` and `-reset`, a time of RFC 3339.
    """
    waits = [
        _seconds_until_reset(headers.get(f"anthropic-ratelimit-{name}-reset", ""), now)
        for name in _ALLOWANCES
        if headers.get(f"anthropic-ratelimit-{name}-remaining") == "0"
    ]
    return max((wait for wait in waits if wait > 0), default=None)


def _seconds_until_reset(moment: str, now: float) -> float:
    try:
        return datetime.fromisoformat(moment).timestamp() - now
    except (ValueError, OverflowError):
        return 0.0


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _seconds_until(date: str, now: float) -> float | None:
    from email.utils import parsedate_to_datetime  # 8 ms that few runs need

    try:
        return parsedate_to_datetime(date).timestamp() - now
    except (ValueError, OverflowError):
        return None
