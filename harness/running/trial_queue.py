"""Trials that are asked for while a run goes on, by another thread."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from harness.model.suite import Trial


class TrialQueue:
    """A queue of trials into a run whose end is not known before.

    It is iterated over by the run's engine: an iteration that stops means "nothing now", and
    `more` is called when there is something again. Everything else may be called by any thread,
    also before the run has begun and after it has ended.

    Attributes:
        opened: Is set once the run takes trials.
        count: How many trials were asked for, those asked for again included.
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
        """Ask for trials; they start in this order."""
        with self._lock:
            before = self.count
            for trial in trials:
                self._trials.append(trial)
                self.count += 1
            if self.count > before:
                self._call(self._more)

    def close(self) -> None:
        """Ask for nothing any more; the run ends when what was asked for has ended."""
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
            more: Is called in the loop when there are trials again.
            abort: Is called in the loop when the run is to end at once.

        Yields:
            What is set when nothing more will be asked for.
        """
        with self._lock:
            self._loop, self._more = asyncio.get_running_loop(), more
            self._closed = asyncio.Event()
            self._abort = abort
            if self._is_closed:
                self._closed.set()
        self.opened.set()
        try:
            yield self._closed
        finally:
            with self._lock:
                self._loop = None

    def _call(self, action: Callable[[], None] | None) -> None:
        if self._loop is not None and action is not None:
            self._loop.call_soon_threadsafe(action)
