"""Ends a run before its time, in good order: by a person, a budget or the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from harness.exit_code import ExitCode


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run ends before its time, and what its exit status says of it."""

    why: str
    exit_code: ExitCode


INTERRUPTED = Stop("interrupted", ExitCode.INTERRUPTED)


class Stoppable(Protocol):
    """Runs trials until it is told not to."""

    def stop(self) -> None:
        """Start no more trials."""

    def abort(self) -> None:
        """End those under way too."""


@dataclass(slots=True)
class Stopper:
    """Stops an engine once: no trial starts any more, and those under way have a grace.

    Attributes:
        engine: What runs the trials.
        grace: Seconds.
        told: Is told of the stop.
        stop: What stopped the run, if anything did.
    """

    engine: Stoppable
    grace: float
    told: Callable[[Stop], None]
    stop: Stop | None = None
    _timers: list[asyncio.TimerHandle] = field(default_factory=list)

    def __call__(self, stop: Stop) -> None:
        """Stop; a second reason changes nothing."""
        if self.stop is not None:
            return
        self.stop = stop
        self.engine.stop()
        self.told(stop)
        self._timers.append(asyncio.get_running_loop().call_later(self.grace, self.engine.abort))

    def after(self, seconds: float, stop: Stop) -> None:
        """Stop when so many seconds have passed."""
        self._timers.append(asyncio.get_running_loop().call_later(seconds, self, stop))

    def close(self) -> None:
        """Forget what would stop later."""
        for timer in self._timers:
            timer.cancel()


@dataclass(slots=True)
class CostBudget:
    """Says when the replies of a run have cost more than they may.

    Attributes:
        most: USD; None for no bound.
    """

    most: float | None
    spent: float = 0.0

    def add(self, cost: float | None) -> Stop | None:
        """Take note of what a trial cost; return the reason to stop if that was too much."""
        self.spent += cost or 0.0
        if self.most is None or self.spent < self.most:
            return None
        why = f"the replies cost {self.spent:.4f} USD, and the cost budget is {self.most:g}"
        return Stop(why, ExitCode.STOPPED)
