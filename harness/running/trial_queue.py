"""Trials that another thread adds while a run goes on."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from harness.model.suite import Trial


class TrialQueue:
    """A queue of trials for a run that goes on until the queue is closed.

    The run's engine iterates over it: an iteration that stops means "nothing now", and `more` is
    called when there is something again. Everything else may be called by any thread, also before
    the run has begun and after it has ended.

    Attributes:
        opened: Set once the run takes trials.
        count: How many trials were added; one that was added twice counts twice.
    """

    def __init__(self) -> None:
        self._trials: deque[Trial] = deque()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._more: Callable[[], None] | None = None
        self._abort: Callable[[], None] | None = None
        self._closed: asyncio.Event | None = None
        self._is_closed = False
        self.opened = threading.Event()
        self.count = 0

    def __iter__(self) -> Iterator[Trial]:
        return self

    def __next__(self) -> Trial:
        try:
            return self._trials.popleft()
        except IndexError:
            raise StopIteration from None

    def add(self, trials: Iterable[Trial]) -> None:
        """Add trials; they start in this order."""
        with self._lock:
            before = self.count
            for trial in trials:
                self._trials.append(trial)
                self.count += 1
            # Woken once for the whole batch, and not at all for an empty one.
            if self.count > before:
                self._call(self._more)

    def close(self) -> None:
        """Accept no more trials; the run ends when those that were added have ended."""
        with self._lock:
            self._is_closed = True
            self._call(None if self._closed is None else self._closed.set)

    def abort(self) -> None:
        """End the run at once; trials under way leave no outcome."""
        with self._lock:
            self._is_closed = True
            self._trials.clear()
            self._call(self._abort)

    @contextmanager
    def attached(
        self, more: Callable[[], None], abort: Callable[[], None]
    ) -> Iterator[asyncio.Event]:
        """Connect the queue to the run in this event loop until the block ends.

        Args:
            more: Called in the loop when there are trials again.
            abort: Called in the loop when the run must end at once.

        Yields:
            An event that is set when the queue is closed.
        """
        with self._lock:
            self._loop, self._more = asyncio.get_running_loop(), more
            self._closed = asyncio.Event()
            self._abort = abort
            # Closed before the run began, when there was no event to set.
            if self._is_closed:
                self._closed.set()
        self.opened.set()
        try:
            yield self._closed
        finally:
            with self._lock:
                # Calls may still come, and a loop that is closed raises when it is called.
                self._loop = None

    def _call(self, action: Callable[[], None] | None) -> None:
        # The caller holds the lock, so the loop cannot be detached between the check and the call.
        if self._loop is not None and action is not None:
            self._loop.call_soon_threadsafe(action)
