"""Ctrl-C: the first stops in good order, the second at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Interrupts:
    """Counts the signals to stop."""

    count: int = 0


@contextmanager
def stop_on_interrupt(stop: Callable[[], None]) -> Iterator[Interrupts]:
    """Call `stop` at the first signal to stop and cancel the current task at the second."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    interrupts = Interrupts()

    def interrupt() -> None:
        interrupts.count += 1
        if interrupts.count == 1:
            stop()
        elif task is not None:
            task.cancel()

    try:
        for each in _SIGNALS:
            loop.add_signal_handler(each, interrupt)
    except (NotImplementedError, RuntimeError, ValueError):
        yield interrupts  # no such handlers on this platform, or outside the main thread
        return
    try:
        yield interrupts
    finally:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)
