"""All trials of a run through one queue, so many at once, in flat memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager

from harness.model.outcome import Outcome, OutcomeLabel
from harness.model.suite import Trial
from harness.running.trial import Clock, TrialRunner

MOST_WAITING_PER_PLACE = 20


class Engine:
    """Runs trials in as many places as may send at once.

    A worker stands for a place: it takes a trial, runs it to its end and takes the next, without
    a detour through the event loop, so that replies which come together do not wait for each
    other. A trial that only waits, as for a task or for its next attempt, gives its place up: to
    one that waits to go on, else to a new worker. So that those who wait cannot fill the memory, at
    most `MOST_WAITING_PER_PLACE` trials for each place are under way.

    How many places there are is asked anew each time, because what a service can take changes.
    """

    def __init__(
        self,
        runner: TrialRunner,
        places: Callable[[], int],
        clock: Clock,
        *,
        started: Callable[[Trial], None],
        ended: Callable[[Outcome], None],
    ) -> None:
        self._runner, self._places, self._clock = runner, places, clock
        self._started, self._ended = started, ended
        self._trials: Iterator[Trial] = iter(())
        self._workers: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._taken = 0
        self._under_way = 0
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
        """Run trials and return whether all of them ended, that is, none was left for a stop.

        Args:
            trials: What to run. With `closed` their iterator may stop and go on later, after a
                call of `look_again`.
            closed: Is set when nothing more will come.

        Raises:
            ExceptionGroup: Something that is no outcome, such as a full disk.
        """
        self._trials, self._is_dry, self._closed = iter(trials), False, closed
        try:
            async with asyncio.TaskGroup() as self._workers:
                self._fill_places()
                if closed is not None:
                    await closed.wait()
                    self.look_again()
        finally:
            self._workers = None
        return self._is_dry and not self._is_aborted

    def look_again(self) -> None:
        """Take note that there may be trials where there were none."""
        self._is_dry = False
        self._fill_places()

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

    async def _work(self) -> None:
        try:
            await self._run_one_after_the_other()
        except BaseException:
            self.stop()  # the group is shutting down, and takes no more workers
            raise
        self.give_place_up()

    async def _run_one_after_the_other(self) -> None:
        while not self._waiting and self._taken <= self._places():
            trial = self._next()
            if trial is None:
                break
            self._under_way += 1
            self._started(trial)
            # the outcome is kept before another trial may take the place
            self._ended(await self._runner.run(trial, Place(self, self._clock)))
            self._under_way -= 1
            if self._taken < self._places():
                self._fill_places()

    def give_place_up(self) -> None:
        """Let others have the place of a trial that ended or only waits."""
        self._taken -= 1
        self._fill_places()

    def set_aside(self, number: int) -> None:
        """Leave so many trials out of those that are under way, so that others may start."""
        self._under_way -= number

    def _fill_places(self) -> None:
        """Give free places to those who wait to go on, and what is left to new workers."""
        places = self._places()
        while self._taken < places and self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                self._taken += 1
                waiter.set_result(None)
        if self._is_dry or self._is_stopping or self._workers is None:
            return
        room = places * MOST_WAITING_PER_PLACE - self._under_way
        for _ in range(min(places - self._taken, room)):
            self._taken += 1
            task = self._workers.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def take_place(self) -> None:
        """Wait for a place to go on in; those who wait are served in their order."""
        if self._taken < self._places() and not self._waiting:
            self._taken += 1
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter


class Place:
    """A trial's place among those that may send."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self.queued = 0.0
        self._pauses = 0

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Let others have the place until the block ends, then wait for one again.

        Of several blocks at once, as of the votes of a judge, the first gives the place up and
        the last takes one again.
        """
        if not self._pauses:
            self._engine.give_place_up()
        self._pauses += 1
        try:
            yield
        finally:
            self._pauses -= 1
        if self._pauses:
            return
        began = self._clock()
        await self._engine.take_place()
        self.queued += self._clock() - began

    @asynccontextmanager
    async def set_aside(self) -> AsyncIterator[None]:
        """Give the place up as `paused` does, for one that waits for trials yet to start."""
        self._engine.set_aside(1)
        try:
            async with self.paused():
                yield
        finally:
            self._engine.set_aside(-1)
