"""A run whose trials are asked for one by one, as pytest gets to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

from harness.app.job import Bounds
from harness.app.planning import Plan
from harness.app.replies import Sources
from harness.app.running import Outputs, RunResult, run
from harness.errors import HarnessError
from harness.model.outcome import Outcome
from harness.model.record import OutcomeRecord
from harness.model.suite import Trial
from harness.running.feed import Feed


class RunEndedError(HarnessError):
    """A trial was asked for, and the run had ended before it could be run."""


@dataclass(frozen=True, slots=True)
class LiveOutcome:
    """An outcome, its record, and when the trial began, in seconds since the epoch."""

    outcome: Outcome
    record: OutcomeRecord
    began: float


class LiveRun:
    """A run in a thread of its own; its methods are for one other thread.

    Trials are known by their index: one that is asked for again is run again, and the run file's
    reader takes the newer outcome.
    """

    def __init__(self, plan: Plan, outputs: Outputs, bounds: Bounds, sources: Sources) -> None:
        self.feed = Feed()
        self.result: RunResult | None = None
        self._error: BaseException | None = None
        self._began: dict[int, float] = {}
        self._futures: dict[int, Future[LiveOutcome]] = {}
        self._abandoned: list[Future[LiveOutcome]] = []
        self._lock = threading.Lock()
        self._has_ended = False
        self._parts = (plan, outputs, bounds, sources)
        # a thread that is waited for at exit could keep an interrupted process alive
        self._thread = threading.Thread(target=self._run, name="harness-run", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask(self, trials: Iterable[Trial]) -> None:
        """Ask for trials that nobody waits for yet; those that were asked for are left alone."""
        new = []
        for trial in trials:
            if trial.index not in self._futures:
                self._futures[trial.index] = Future()
                new.append(trial)
        self._give_up_if_ended()
        self.feed.add(new)

    def outcome(self, trial: Trial) -> LiveOutcome:
        """Wait for a trial, ask for it if nobody has, and forget its outcome.

        Raises:
            RunEndedError: The run ended without it; the message says why.
        """
        self.ask([trial])
        future = self._futures[trial.index]
        try:
            return future.result()
        except CancelledError as error:
            raise RunEndedError(self._why_ended()) from error
        except BaseException:  # who waits was interrupted, perhaps by a timeout
            self._abandoned.append(future)
            raise
        finally:
            self._futures.pop(trial.index, None)

    def waiting(self) -> int:
        """Return how many trials were asked for and have no outcome yet."""
        asked = [*self._futures.values(), *self._abandoned]
        return sum(not future.done() for future in asked)

    def close(self, seconds: float, *, at_once: bool = False) -> None:
        """End the run and wait so many seconds for it.

        Args:
            seconds: How long to wait; what is not done then goes on without anyone.
            at_once: Whether trials under way are given up.
        """
        if at_once:
            self.feed.abort()
        else:
            self.feed.close()
        self._thread.join(seconds)

    def started(self, trial: Trial) -> None:
        """Take note of a trial that starts."""
        self._began[trial.index] = time.time()

    def ended(self, outcome: Outcome, record: OutcomeRecord) -> None:
        """Hand an outcome over."""
        index = outcome.trial.index
        future = self._futures.get(index)
        if future is not None and not future.done():
            future.set_result(LiveOutcome(outcome, record, self._began.pop(index, time.time())))

    def _run(self) -> None:
        try:
            self.result = run(*self._parts, live=self)
        except BaseException as error:  # noqa: BLE001  # whoever waits is told
            self._error = error
        finally:
            self._has_ended = True
            self._give_up_if_ended()

    def _give_up_if_ended(self) -> None:
        if self._has_ended:
            with self._lock:
                for future in list(self._futures.values()):
                    future.cancel()

    def _why_ended(self) -> str:
        if self._error is not None:
            return str(self._error) or type(self._error).__name__
        if self.result is not None and self.result.broken is not None:
            return self.result.broken
        if self.result is not None and self.result.stopped is not None:
            return f"the run was stopped: {self.result.stopped.why}"
        return "the run has ended"
