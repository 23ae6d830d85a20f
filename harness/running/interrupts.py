"""Ctrl-C: the first one stops in good order, the second one at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.running.interrupter import Interrupter

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Interrupts:
    """How many signals to stop have come."""

    count: int = 0


@contextmanager
def stop_on_interrupt(
    stop: Callable[[], None], interrupter: Interrupter | None = None
) -> Iterator[Interrupts]:
    """Call `stop` at the first interrupt and cancel the current task at the second.

    Args:
        stop: Ends the run in good order.
        interrupter: Interrupts beside the signals of the process.
    """
    task = asyncio.current_task()
    interrupts = Interrupts()

    def interrupt() -> None:
        interrupts.count += 1
        if interrupts.count == 1:
            stop()
        elif task is not None:
            # Cancelling unwinds the run: connections close, and what has ended stays in the file.
            task.cancel()

    with (interrupter or Interrupter()).attached(interrupt), _on_signals(interrupt):
        yield interrupts


@contextmanager
def _on_signals(interrupt: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    try:
        for number in _SIGNALS:
            loop.add_signal_handler(number, interrupt)
    except (NotImplementedError, RuntimeError, ValueError):
        # Windows has no such handlers, and only the main thread may set them: under pytest the
        # run is in another thread, and pytest handles Ctrl-C; in a notebook the interrupter does.
        yield
        return
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
