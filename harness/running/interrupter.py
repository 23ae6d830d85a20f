"""Ctrl-C for a run that is not in the main thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupter:
    """Interrupts a run from another thread, as Ctrl-C interrupts one in the main thread.

    Signals reach the main thread only. Where that one waits for a run in another thread, as in a
    notebook, it hands them on with this.

    Attributes:
        count: How many interrupts have come.
    """

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.RLock()  # a signal may come while one is being handled
        self._loop: asyncio.AbstractEventLoop | None = None
        self._interrupt: Callable[[], None] | None = None

    def interrupt(self) -> None:
        """Interrupt the run, or as soon as it begins."""
        with self._lock:
            self.count += 1
            if self._loop is not None and self._interrupt is not None:
                self._loop.call_soon_threadsafe(self._interrupt)

    @contextmanager
    def attached(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call `interrupt` in this event loop for each interrupt until the block ends."""
        with self._lock:
            self._loop, self._interrupt = asyncio.get_running_loop(), interrupt
            for _ in range(self.count):
                self._loop.call_soon(interrupt)
        try:
            yield
        finally:
            with self._lock:
                self._loop = None  # it may be closed by the next interrupt
