"""What goes to and fro at the moment, for whoever watches the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.client.retry import Retryability, classify
from harness.errors import ApiError

MOST_LOCKED_OUT = 2


class CallStats:
    """Counts retries and who waits for what; says when the service locks the run out.

    Attributes:
        is_reached: Whether the server answered anything yet.
        retries: How many attempts were made again, by the reason why.
        waiting: How many calls wait for their next attempt, by the reason why.
    """

    def __init__(self, locked_out: Callable[[ApiError], None]) -> None:
        self._locked_out = locked_out
        self._in_a_row = 0
        self.is_reached = False
        self.retries: Counter[str] = Counter()
        self.waiting: Counter[str] = Counter()

    def succeeded(self) -> None:
        """Take note of an exchange that brought what it should."""
        self._in_a_row, self.is_reached = 0, True

    def failed(self, error: ApiError) -> None:
        """Take note of one that did not."""
        self.is_reached = self.is_reached or error.status is not None
        if classify(error) is not Retryability.UNAUTHORIZED:
            return
        self._in_a_row += 1
        if self._in_a_row == MOST_LOCKED_OUT:
            self._locked_out(error)

    @contextmanager
    def waiting_after(self, error: ApiError) -> Iterator[None]:
        """Count a call that waits for its next attempt until the block ends."""
        self.retries[error.reason] += 1
        self.waiting[error.reason] += 1
        try:
            yield
        finally:
            self.waiting[error.reason] -= 1
