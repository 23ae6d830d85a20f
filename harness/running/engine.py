"""All trials of a run through one queue, so many at once, in flat memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from harness.model.outcome import Outcome, OutcomeLabel
from harness.model.suite import Trial
from harness.running.trial import Clock, Slot, TrialRunner

MOST_WAITING_PER_PLACE = 20


class Slots(Protocol):
    """Gives out places, as many as may send at once."""

    async def acquire(self) -> Slot:
        """Wait for a place and return it."""


class Engine:
    """Starts a trial whenever a place is free and hands on its outcome when it ends.

    A trial that only waits, as for a task, gives its place up; so that those cannot fill the
    memory, at most `MOST_WAITING_PER_PLACE` trials for each place are under way.
    """

    def __init__(
        self,
        runner: TrialRunner,
        slots: Slots,
        concurrency: int,
        clock: Clock,
        *,
        started: Callable[[Trial], None],
        ended: Callable[[Outcome], None],
    ) -> None:
        self._runner, self._slots, self._clock = runner, slots, clock
        self._started, self._ended = started, ended
        self._under_way = asyncio.Semaphore(concurrency * MOST_WAITING_PER_PLACE)
        self._is_stopping = False

    def stop(self) -> None:
        """Start no more trials; those under way go on to their end."""
        self._is_stopping = True

    async def run(self, trials: Iterable[Trial]) -> bool:
        """Run trials and return whether all of them ended, that is, none was left for a stop.

        Raises:
            ExceptionGroup: Something that is no outcome, such as a full disk.
        """
        async with asyncio.TaskGroup() as group:
            for trial in trials:
                if self._has_been_stopped():
                    return False
                if trial.case.skip is not None:
                    self._ended(Outcome(trial, OutcomeLabel.SKIPPED))
                    continue
                ready = self._clock()
                await self._under_way.acquire()
                slot = await self._slots.acquire()
                if self._has_been_stopped():
                    slot.release()
                    return False
                group.create_task(self._run(trial, slot, self._clock() - ready))
        return True

    def _has_been_stopped(self) -> bool:
        return self._is_stopping

    async def _run(self, trial: Trial, slot: Slot, queued: float) -> None:
        self._started(trial)
        try:
            # the outcome is kept before another trial may take the place
            self._ended(await self._runner.run(trial, slot, queued))
        finally:
            slot.release()
            self._under_way.release()
