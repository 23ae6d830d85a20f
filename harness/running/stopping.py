"""Ends a run early and in good order: for a person, a budget or a service that refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from harness.exit_code import ExitCode


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run ends early, and the exit status that follows."""

    why: str
    exit_code: ExitCode


INTERRUPTED = Stop("interrupted", ExitCode.INTERRUPTED)


class Stoppable(Protocol):
    """Runs trials until it is stopped."""

    def stop(self) -> None:
        """Start no more trials."""

    def abort(self) -> None:
        """End those under way too."""


@dataclass(slots=True)
class Stopper:
    """Stops an engine once: no more trials start, and those under way get a grace period.

    Attributes:
        engine: What runs the trials.
        grace: Seconds that trials under way have to end.
        on_stop: Called once, with the first stop.
        stop: The first stop, if there was one.
    """

    engine: Stoppable
    grace: float
    on_stop: Callable[[Stop], None]
    stop: Stop | None = None
    _timers: list[asyncio.TimerHandle] = field(default_factory=list)

    def __call__(self, stop: Stop) -> None:
        """Stop; a second reason changes nothing."""
        # Trials that end during the grace period may pass a budget as well. The first reason is
        # what the user did or has to change, and a later one must not lengthen the grace period.
        if self.stop is not None:
            return
        self.stop = stop
        self.engine.stop()
        self.on_stop(stop)
        self._timers.append(asyncio.get_running_loop().call_later(self.grace, self.engine.abort))

    def stop_after(self, seconds: float, stop: Stop) -> None:
        """Stop when this many seconds have passed."""
        self._timers.append(asyncio.get_running_loop().call_later(seconds, self, stop))

    def close(self) -> None:
        """Cancel the timers; a run that ended by itself must not be stopped later."""
        for timer in self._timers:
            timer.cancel()


@dataclass(slots=True)
class CostBudget:
    """Stops a run when its replies have cost as much as they may.

    Attributes:
        most: USD; None for no bound.
        spent: USD so far.
    """

    most: float | None
    spent: float = 0.0

    def add(self, cost: float, *, is_whole: bool = True) -> Stop | None:
        """Add the cost of a trial; return the reason to stop once the bound is reached.

        Args:
            cost: USD.
            is_whole: Whether the service reported the tokens of all its replies. If not, nobody
                knows when the bound is reached, so the run has to stop at once.
        """
        # A reply without a price counts as 0: a bounded run refuses models without one beforehand.
        self.spent += cost
        return self.reached(0.0, is_whole=is_whole)

    def reached(self, unfinished: float, *, is_whole: bool) -> Stop | None:
        """Return the reason to stop if the bound is reached.

        Args:
            unfinished: USD of replies whose trials have not ended, so that `add` has not seen them.
            is_whole: As for `add`.
        """
        if self.most is None:
            return None
        if not is_whole:
            why = (
                f"the service did not report the tokens of a reply, so the cost budget of"
                f" {self.most:g} USD cannot be kept: leave it out, and limit the time or the"
                " number of trials instead"
            )
            return Stop(why, ExitCode.STOPPED)
        cost = self.spent + unfinished
        if cost < self.most:
            return None
        why = f"the replies cost {cost:.4f} USD, and the cost budget is {self.most:g}"
        return Stop(why, ExitCode.STOPPED)
