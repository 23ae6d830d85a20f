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
    other. A trial that only waits, as for a task, gives its place up: to one that waits to go on,
    else to a new worker. So that those who wait cannot fill the memory, at most
    `MOST_WAITING_PER_PLACE` trials for each place are under way.
    """

    def __init__(
        self,
        runner: TrialRunner,
        concurrency: int,
        clock: Clock,
        *,
        started: Callable[[Trial], None],
        ended: Callable[[Outcome], None],
    ) -> None:
        self._runner, self._concurrency, self._clock = runner, concurrency, clock
        self._started, self._ended = started, ended
        self._trials: Iterator[Trial] = iter(())
        self._workers: asyncio.TaskGroup | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._free_places = 0
        self._under_way = 0
        self._is_stopping = False
        self._is_complete = False

    def stop(self) -> None:
        """Start no more trials; those under way go on to their end."""
        self._is_stopping = True

    async def run(self, trials: Iterable[Trial]) -> bool:
        """Run trials and return whether all of them ended, that is, none was left for a stop.

        Raises:
            ExceptionGroup: Something that is no outcome, such as a full disk.
        """
        self._trials = iter(trials)
        async with asyncio.TaskGroup() as self._workers:
            for _ in range(self._concurrency):
                self._workers.create_task(self._work())
        return self._is_complete

    def _next(self) -> Trial | None:
        """Return the trial to start next; skipped ones end on the way to it."""
        while not self._is_stopping:
            trial = next(self._trials, None)
            if trial is None:
                self._is_complete = True
            elif trial.case.skip is not None:
                self._ended(Outcome(trial, OutcomeLabel.SKIPPED))
                continue
            return trial
        return None

    async def _work(self) -> None:
        while not self._waiting and (trial := self._next()) is not None:
            self._under_way += 1
            self._started(trial)
            # the outcome is kept before another trial may take the place
            self._ended(await self._runner.run(trial, Place(self, self._clock)))
            self._under_way -= 1
        self._hand_on_place()

    def _hand_on_place(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free_places += 1

    def give_place_up(self) -> None:
        """Let another trial have the place of one that only waits."""
        may_start = self._under_way < self._concurrency * MOST_WAITING_PER_PLACE
        is_over = self._is_complete or self._is_stopping
        if self._waiting or is_over or not may_start or self._workers is None:
            self._hand_on_place()
        else:
            self._workers.create_task(self._work())

    async def take_place(self) -> None:
        """Wait for a place to go on in; those who wait are served in their order."""
        if self._free_places:
            self._free_places -= 1
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter


class Place:
    """A trial's place among those that may send."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self.queued = 0.0

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Let others have the place until the block ends, then wait for one again."""
        self._engine.give_place_up()
        try:
            yield
        finally:
            began = self._clock()
            await self._engine.take_place()
            self.queued += self._clock() - began
