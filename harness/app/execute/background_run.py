"""A run in a thread of its own, whose trials are asked for one by one, as pytest gets to them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import cast

from harness.app.execute.run_result import RunResult
from harness.app.execute.running import run, scrubber_for
from harness.app.plan.options import Budget, OutputOptions, Sources
from harness.app.plan.planning import Plan
from harness.app.plan.requirements import check_code, required_judges
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
    """A run in a thread, for one other thread that asks for trials and waits for their outcomes.

    pytest's own loop stays in charge; the plugin only asks for trials ahead of it. Trials are told
    apart by their index. A trial that is asked for again after its outcome was taken runs again,
    and the reader of the run file takes the newer outcome. `started` and `ended` are called by the
    run only.
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
        self._unwanted: set[int] = set()  # asked for only because others are compared with them
        self._scrubber = scrubber_for(plan.settings)
        self._has_ended = False
        self._plan, self._outputs = plan, outputs
        self._budget, self._sources = budget, sources
        # A daemon, because a thread that is waited for at exit keeps an interrupted process alive.
        self._thread = threading.Thread(target=self._run, name="harness-run", daemon=True)

    def start(self) -> None:
        """Start the run in its thread."""
        self._thread.start()

    def is_open(self) -> bool:
        """Wait until the run takes trials, or has failed to start; return whether it does."""
        self.queue.opened.wait()
        return not self._has_ended

    def ask(self, trials: Iterable[Trial], beside: Iterable[Trial] = ()) -> None:
        """Ask for trials that were not asked for yet.

        Args:
            trials: Those whose outcomes are wanted.
            beside: Those that they are compared with; these run once, however often tests rerun.

        Raises:
            SettingsError: The budget cannot be kept with them, or they need a judge and none is
                configured.
            BrokenSuitesError: They would run code that is not allowed.
        """
        trials = list(trials)
        new = {trial.index: trial for trial in trials if trial.index not in self._futures}
        beside = [trial for trial in beside if trial.index not in self._asked]
        new |= {trial.index: trial for trial in beside if trial.index not in new}
        self._unwanted |= {trial.index for trial in beside}
        self._unwanted -= {trial.index for trial in trials}
        check_code(self._plan, new.values())
        judges = required_judges(self._plan, new.values())
        self._budget.check(new.values(), self._plan.settings, judges)
        # Before the trials are in the queue: the other thread may end one at once.
        self._futures |= {index: Future() for index in new}
        try:
            self.queue.add(new.values())
            self._asked.update(new)
        except BaseException:
            # An interrupt: a future that stayed would be waited for, but its trial never runs.
            for index in new:
                self._futures.pop(index, None)
            raise
        self._give_up_if_ended()

    def outcome(self, trial: Trial) -> BackgroundOutcome:
        """Wait for a trial, which is asked for if it was not yet, and hand its outcome over once.

        After an interrupt the same call waits for the same outcome.

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
        """Return how many outcomes are wanted and still missing."""
        return sum(
            not future.done() and index not in self._unwanted
            for index, future in self._futures.items()
        )

    def close(self, seconds: float, *, at_once: bool = False) -> bool:
        """End the run, wait for its thread, and return whether it has ended.

        Args:
            seconds: How long to wait; the thread goes on after that, until the process ends.
            at_once: Whether trials in flight are aborted.
        """
        if at_once:
            self.queue.abort()
        else:
            self.queue.close()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def started(self, trial: Trial) -> None:
        """Keep the time at which a trial starts."""
        self._began[trial.index] = time.time()

    def ended(self, outcome: Outcome, record: OutcomeRecord) -> None:
        """Hand an outcome over to whoever waits for it."""
        index = outcome.trial.index
        future = self._futures.get(index)
        began = self._began.pop(index, time.time())
        if future is not None and not future.done():
            future.set_result(BackgroundOutcome(outcome, self._without_secrets(record), began))

    def _without_secrets(self, record: OutcomeRecord) -> OutcomeRecord:
        """Return a record as it is in the run file; pytest's reports are made from it."""
        written = json_bytes(record)
        clean = self._scrubber.clean(written)
        return record if clean == written else cast("OutcomeRecord", json.loads(clean))

    def _run(self) -> None:
        try:
            self.result = run(self._plan, self._outputs, self._budget, self._sources, observer=self)
        except BaseException as error:  # noqa: BLE001  # it is raised where outcomes are waited for
            self._error = _innermost(error)
        finally:
            # In this order: a thread that wakes up in `is_open` reads `_has_ended`.
            self._has_ended = True
            self.queue.opened.set()
            self._give_up_if_ended()

    def _give_up_if_ended(self) -> None:
        # Called by both threads, so that no future is added after the last look at them.
        if self._has_ended:
            for future in list(self._futures.values()):
                future.cancel()

    def why_ended(self, vocabulary: Vocabulary = PYTHON) -> str:
        """Return in a line why no more outcomes come, with options spelled by a vocabulary."""
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
