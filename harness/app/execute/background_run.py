"""A run whose trials are asked for one by one, as pytest gets to them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import cast

from harness.app.execute.execution import Budget
from harness.app.execute.reply_sources import Sources
from harness.app.execute.running import OutputOptions, RunResult, run, scrubber_for
from harness.app.plan.planning import Plan
from harness.errors import HarnessError, RunEndedError
from harness.json_text import json_bytes
from harness.model.outcome import Outcome
from harness.model.record import OutcomeRecord
from harness.model.suite import Trial
from harness.running.trial_queue import TrialQueue
from harness.wording import PYTHON, Vocabulary


@dataclass(frozen=True, slots=True)
class BackgroundOutcome:
    """An outcome, its record without secrets, and when it began, in seconds since the epoch."""

    outcome: Outcome
    record: OutcomeRecord
    began: float


class BackgroundRun:
    """A run in a thread of its own, for one other thread.

    Trials are known by their index: one that is asked for again after its outcome was taken is run
    again, and the run file's reader takes the newer outcome. `started` and `ended` are the run's to
    call.
    """

    def __init__(
        self, plan: Plan, outputs: OutputOptions, budget: Budget, sources: Sources
    ) -> None:
        self.queue = TrialQueue()
        self.result: RunResult | None = None
        self._error: BaseException | None = None
        self._began: dict[int, float] = {}
        self._futures: dict[int, Future[BackgroundOutcome]] = {}
        self._asked: set[int] = set()
        self._unwanted: set[int] = set()  # that only others are compared with
        self._scrubber = scrubber_for(plan.settings)
        self._has_ended = False
        self._plan, self._outputs = plan, outputs
        self._suites = {suite.name for suite in plan.suites}
        self._budget, self._sources = budget, sources
        # a thread that is waited for at exit could keep an interrupted process alive
        self._thread = threading.Thread(target=self._run, name="harness-run", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def is_open(self) -> bool:
        """Wait until the run has begun, and return whether it could."""
        self.queue.opened.wait()
        return not self._has_ended

    def ask(self, trials: Iterable[Trial], beside: Iterable[Trial] = ()) -> None:
        """Ask for trials; those that are asked for already are left alone.

        Args:
            trials: Those whose outcomes are wanted.
            beside: Those that they are compared with, which are run once.

        Raises:
            SettingsError: The budget of the run cannot be kept with them, or a judge decides
                something and there is none.
        """
        trials = list(trials)
        new = {trial.index: trial for trial in trials if trial.index not in self._futures}
        beside = [each for each in beside if each.index not in self._asked]
        new |= {trial.index: trial for trial in beside if trial.index not in new}
        self._unwanted |= {each.index for each in beside}
        self._unwanted -= {trial.index for trial in trials}
        suites = {trial.suite.name: trial.suite for trial in new.values()}
        judges = self._plan.judges_of(
            suite for name, suite in suites.items() if name not in self._suites
        )
        self._budget.check(new.values(), self._plan.settings, judges)
        self._suites |= set(suites)
        self._futures |= {index: Future() for index in new}  # before an outcome can come
        try:
            self.queue.add(new.values())
            self._asked.update(new)
        except BaseException:  # interrupted; nobody must wait for what was never fed
            for index in new:
                self._futures.pop(index, None)
            raise
        self._give_up_if_ended()

    def outcome(self, trial: Trial) -> BackgroundOutcome:
        """Wait for a trial, ask for it if nobody has, and forget its outcome.

        Who is interrupted while waiting may ask again, and waits for the same outcome.

        Raises:
            RunEndedError: The run ended without it; the message says why.
        """
        self.ask([trial])
        future = self._futures[trial.index]
        try:
            outcome = future.result()
        except CancelledError:
            self._futures.pop(trial.index, None)
            raise RunEndedError(self.why_ended()) from self._error
        self._futures.pop(trial.index, None)
        return outcome

    def waiting(self) -> int:
        """Return how many outcomes are wanted and are not there yet."""
        return sum(
            not future.done() and index not in self._unwanted
            for index, future in self._futures.items()
        )

    def close(self, seconds: float, *, at_once: bool = False) -> bool:
        """End the run, wait so many seconds for it, and return whether it has ended.

        Args:
            seconds: How long to wait; what is not done then goes on without anyone.
            at_once: Whether trials under way are given up.
        """
        if at_once:
            self.queue.abort()
        else:
            self.queue.close()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def started(self, trial: Trial) -> None:
        """Take note of a trial that starts."""
        self._began[trial.index] = time.time()

    def ended(self, outcome: Outcome, record: OutcomeRecord) -> None:
        """Hand an outcome over."""
        index = outcome.trial.index
        future = self._futures.get(index)
        began = self._began.pop(index, time.time())
        if future is not None and not future.done():
            future.set_result(BackgroundOutcome(outcome, self._without_secrets(record), began))

    def _without_secrets(self, record: OutcomeRecord) -> OutcomeRecord:
        """Return a record as it is in the run file; reports are made from it."""
        written = json_bytes(record)
        clean = self._scrubber.clean(written)
        return record if clean == written else cast("OutcomeRecord", json.loads(clean))

    def _run(self) -> None:
        try:
            self.result = run(self._plan, self._outputs, self._budget, self._sources, observer=self)
        except BaseException as error:  # noqa: BLE001  # whoever waits is told
            self._error = _innermost(error)
        finally:
            self._has_ended = True
            self.queue.opened.set()
            self._give_up_if_ended()

    def _give_up_if_ended(self) -> None:
        if self._has_ended:
            for future in list(self._futures.values()):
                future.cancel()

    def why_ended(self, vocabulary: Vocabulary = PYTHON) -> str:
        """Return in a line why there are no outcomes any more, in the words of a way in."""
        if isinstance(self._error, HarnessError):
            return self._error.message_in(vocabulary)
        if self._error is not None:
            return f"the run broke: {type(self._error).__name__}: {self._error}"
        if self.result is not None and self.result.broken is not None:
            return self.result.broken
        if self.result is not None and self.result.stopped is not None:
            return f"the run was stopped: {self.result.stopped.why}"
        return "the run has ended"


def _innermost(error: BaseException) -> BaseException:
    """Return the first error of a group, which says more than the group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
