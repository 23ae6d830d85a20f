"""Counts of retries and waiting calls, for the progress line, and the check of the API key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.client.retry import Retryability, classify
from harness.errors import ApiError

# Every further request of the run would fail alike, and each would be an errored trial.
MOST_UNAUTHORIZED = 2


class CallStats:
    """Counts retries and the calls that wait for one; reports a key that is not accepted.

    Args:
        on_unauthorized: Called once with the error when authentication failed for
            `MOST_UNAUTHORIZED` calls in a row.

    Attributes:
        is_reached: Whether the server has answered anything yet, be it an error.
        retries: How many attempts were made again, by the reason why.
        waiting: How many calls wait for their next attempt, by the reason why.
        perhaps_billed: How many requests the service may charge for, of calls that were cut short:
            those under way, those that failed before, and those that made a task.
    """

    def __init__(self, on_unauthorized: Callable[[ApiError], None]) -> None:
        self._on_unauthorized = on_unauthorized
        self._in_a_row = 0
        self.is_reached = False
        self.retries: Counter[str] = Counter()
        self.waiting: Counter[str] = Counter()
        self.perhaps_billed = 0

    def succeeded(self) -> None:
        """Count a success: the server is there and the key is good."""
        self._in_a_row, self.is_reached = 0, True

    def failed(self, error: ApiError) -> None:
        """Count a failure; only a success ends a row of those that are about the key."""
        # A refused connection has no status: there may be no server at all.
        self.is_reached = self.is_reached or error.status is not None
        if classify(error) is not Retryability.UNAUTHORIZED:
            return
        self._in_a_row += 1
        # Exactly then: calls in flight go on to fail after the run was stopped.
        if self._in_a_row == MOST_UNAUTHORIZED:
            self._on_unauthorized(error)

    @contextmanager
    def waiting_after(self, error: ApiError) -> Iterator[None]:
        """Count a call that waits for its next attempt until the block ends."""
        self.retries[error.reason] += 1
        self.waiting[error.reason] += 1
        try:
            yield
        finally:
            self.waiting[error.reason] -= 1
