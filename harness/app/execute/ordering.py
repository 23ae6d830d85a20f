"""In which order the trials of a run go through the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from harness.app.execute.reply_sources import Replies
from harness.app.plan.planning import Plan
from harness.model.suite import Trial
from harness.store.writer import RunWriter

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable


class RunsTrials(Protocol):
    """Runs trials; the engine."""

    async def run(self, trials: Iterable[Trial], closed: asyncio.Event | None = None) -> bool:
        """Run trials and return whether all of them ended."""

    def look_again(self) -> None:
        """Go on after the iterator of trials had paused."""

    def abort(self) -> None:
        """End the trials in flight."""


class QueuesTrials(Protocol):
    """Yields the trials that another thread asks for."""

    def attached(
        self, more: Callable[[], None], abort: Callable[[], None]
    ) -> AbstractContextManager[asyncio.Event]:
        """Connect the queue to a run until the block ends."""

    def __iter__(self) -> Iterator[Trial]: ...


async def run_queued(engine: RunsTrials, queue: QueuesTrials) -> bool:
    """Run trials as they are asked for; return whether all of them ended."""
    with queue.attached(engine.look_again, engine.abort) as closed:
        return await engine.run(queue, closed)


async def run_planned(
    engine: RunsTrials,
    plan: Plan,
    replies: Replies,
    writer: RunWriter,
    publish: Callable[[], None],
) -> bool:
    """Run the trials of a plan; after an earlier run, first those that it answered completely.

    Args:
        engine: What runs them.
        plan: The trials, and the fingerprints to find their replies by.
        replies: The replies of an earlier run, if any.
        writer: Takes the replies that are not used before `publish`.
        publish: Is called when the new run file holds every reply of the earlier one.

    Returns:
        Whether all of them ended.
    """
    if replies.sources.run is None:
        return await engine.run(plan.trials())
    answered: set[int] = set()

    def answered_trials() -> Iterator[Trial]:
        for trial in plan.trials():
            compared = (trial, *trial.peers())
            # A judge may give an answer that is not stored, so its trials are not "answered".
            if all(replies.is_complete(plan, peer) for peer in compared) and not plan.needs_judge(
                trial
            ):
                answered.add(trial.index)
                yield trial

    # A resumed run is a new file. It stays hidden until it holds every reply of the old one, so
    # that one file has them all whenever the process is killed: nothing is sent before `publish`.
    have_answered_ended = await engine.run(answered_trials())
    for trial in plan.trials():
        if trial.index not in answered:
            replies.carry_over(plan, trial, writer)
    publish()
    remaining = (trial for trial in plan.trials() if trial.index not in answered)
    return await engine.run(remaining) and have_answered_ended
