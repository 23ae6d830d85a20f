"""All trials of a run through one queue, a limited number at once, in flat memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator

from harness.model.outcome import Outcome, OutcomeLabel
from harness.model.suite import Trial
from harness.running.capacity import CapacityLimiter, Permit
from harness.running.trial import Clock, TrialRunner

MOST_STARTED_PER_PERMIT = 20


class Engine:
    """Runs trials under as many permits as requests may be in flight.

    A worker holds one permit: it takes a trial, runs it to its end and takes the next. A trial
    that only waits, as for a task or for its next attempt, gives the permit up: to a trial that
    waits to go on, else to a new worker.

    Args:
        runner: Runs one trial.
        capacity: Returns how many trials may send at once; it is asked anew each time, because
            what a service can take changes.
        clock: Returns seconds.
        started: Called with every trial that starts.
        ended: Called with every outcome, in the order in which trials end.
        seconds_apart: Between the starts of workers, if several may start.
    """

    def __init__(
        self,
        runner: TrialRunner,
        capacity: Callable[[], int],
        clock: Clock,
        *,
        started: Callable[[Trial], None],
        ended: Callable[[Outcome], None],
        seconds_apart: float = 0.0,
    ) -> None:
        self._seconds_apart = seconds_apart
        self._next_start: asyncio.TimerHandle | None = None
        self._due = 1  # how many workers may start together
        self._runner, self._capacity = runner, capacity
        self._started, self._ended = started, ended
        self._limiter = CapacityLimiter(capacity, clock, on_free=self._start_workers)
        self._trials: Iterator[Trial] = iter(())
        self._workers: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed: asyncio.Event | None = None
        self._is_stopping = False
        self._is_dry = False
        self._is_aborted = False

    def stop(self) -> None:
        """Start no more trials; those under way go on to their end."""
        self._is_stopping = True
        if self._closed is not None:
            self._closed.set()

    def abort(self) -> None:
        """End the trials under way; they leave no outcome."""
        self.stop()
        self._is_aborted = True
        for task in self._tasks:
            task.cancel()

    async def run(self, trials: Iterable[Trial], closed: asyncio.Event | None = None) -> bool:
        """Run trials and return whether all of them ended, that is, no stop kept one from running.

        Args:
            trials: What to run. With `closed` their iterator may stop and go on later, after a
                call of `look_again`.
            closed: Set when no more trials will come.

        Raises:
            ExceptionGroup: Something that is not an outcome, such as a full disk.
        """
        self._trials, self._is_dry, self._closed = iter(trials), False, closed
        try:
            async with asyncio.TaskGroup() as self._workers:
                self._limiter.hand_out()
                if closed is not None:
                    await closed.wait()
                    # Trials that were added just before the close have not woken anyone yet.
                    self.look_again()
        finally:
            self._workers = None
            if self._next_start is not None:  # it would keep the next run from its first worker
                self._next_start.cancel()
                self._next_start = None
        return self._is_dry and not self._is_aborted

    def look_again(self) -> None:
        """Start workers for trials that came after the iterator had stopped."""
        self._is_dry = False
        self._limiter.hand_out()

    def _next(self) -> Trial | None:
        """Return the trial to start next; skipped ones end on the way to it."""
        while not self._is_stopping:
            trial = next(self._trials, None)
            if trial is None:
                self._is_dry = True
            elif trial.case.skip is not None:
                self._ended(Outcome(trial, OutcomeLabel.SKIPPED))
                continue
            return trial
        return None

    def _start_workers(self) -> None:
        """Start a worker for each free permit, as far as the bound on started trials allows."""
        if self._is_dry or self._is_stopping or self._workers is None:
            return
        # A trial that waits keeps its rendered request in memory. Without a bound, tasks that take
        # minutes would let all trials of a run start.
        limiter, capacity = self._limiter, self._capacity()
        room = capacity * MOST_STARTED_PER_PERMIT - limiter.in_use - limiter.paused
        number = min(capacity - limiter.in_use, room)
        for _ in range(number if not self._seconds_apart else self._may_start_now(number)):
            # Taken before the task runs, or the next call would start a worker for it again.
            limiter.take()
            task = self._workers.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _may_start_now(self, number: int) -> int:
        """Return how many of so many workers may start now, and look again when others may."""
        if number <= 0 or self._next_start is not None:
            return 0
        loop = asyncio.get_running_loop()
        began = loop.time()

        def look_again() -> None:
            self._next_start = None
            # a loop wakes up every millisecond at most, and several may be due by then
            self._due = max(1, int((loop.time() - began) / self._seconds_apart))
            self._start_workers()
            self._due = 1

        self._next_start = loop.call_later(self._seconds_apart, look_again)
        return min(number, self._due)

    async def _work(self) -> None:
        try:
            await self._run_one_after_the_other()
        except BaseException:
            # The group shuts down and refuses new tasks, so the release below must start none.
            self.stop()
            raise
        finally:
            self._limiter.release()

    async def _run_one_after_the_other(self) -> None:
        limiter = self._limiter
        # No detour through the event loop between two trials: replies that arrive together do not
        # wait for each other, and no more rendered requests than permits are in memory.
        while not limiter.is_contended:
            trial = self._next()
            if trial is None:
                break
            self._started(trial)
            # The outcome is kept before another trial may start: a killed process loses only what
            # was under way.
            self._ended(await self._runner.run(trial, Permit(limiter)))
            # The capacity grows with successes, and this is where one has just come.
            if limiter.free > 0:
                limiter.hand_out()
