"""One switch that stops a run, for all who may have a reason to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from harness.app.plan.options import Budget
from harness.exit_code import ExitCode
from harness.running.interrupter import Interrupter
from harness.running.interrupts import stop_on_interrupt
from harness.running.stopping import INTERRUPTED, Stop, Stoppable, Stopper


class StopSwitch:
    """Passes reasons to stop on to the engine, and to listeners.

    The client and the recorder may have to stop the run, but the engine is made of them. They get
    the switch, and the engine is connected later. Before that nothing runs that would have to stop.
    """

    def __init__(
        self,
        budget: Budget,
        listeners: Sequence[Callable[[Stop], None]] = (),
        interrupter: Interrupter | None = None,
    ) -> None:
        self._budget, self._listeners, self._interrupter = budget, listeners, interrupter
        self._stopper: Stopper | None = None

    @property
    def reason(self) -> Stop | None:
        """The first reason, or None if the run was not stopped."""
        return None if self._stopper is None else self._stopper.stop

    def __call__(self, stop: Stop) -> None:
        """Stop the run."""
        if self._stopper is not None:
            self._stopper(stop)

    @contextmanager
    def connected(self, engine: Stoppable) -> Iterator[None]:
        """Stop this engine, also on an interrupt or when the time is used up."""
        self._stopper = Stopper(engine, self._budget.grace, self._announce)
        if self._budget.seconds is not None:
            why = f"the time budget of {self._budget.seconds:g} s is used up"
            remaining = self._budget.seconds - self._budget.spent_seconds
            self._stopper.stop_after(remaining, Stop(why, ExitCode.STOPPED))
        try:
            with stop_on_interrupt(lambda: self(INTERRUPTED), self._interrupter):
                yield
        finally:
            # Timers would abort an engine that has ended, and keep the event loop from closing.
            self._stopper.close()

    def _announce(self, stop: Stop) -> None:
        for listener in self._listeners:
            listener(stop)
