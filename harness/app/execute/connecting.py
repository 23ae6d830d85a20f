"""What the requests of a run go through: one transport, and a limit each for trials and judges."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.app.execute.simulator import simulator_beside
from harness.errors import ApiError
from harness.model.settings import Settings
from harness.running.trial import Clock, CompletionClient

if TYPE_CHECKING:
    from harness.client.call_stats import CallStats
    from harness.client.limits import Limiter
    from harness.simulator.rules import Rules

# Without requests a trial waits for nothing, so a second slot would have nothing to overlap with.
_OFFLINE_LIMIT = 1


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients of a run, one for its trials and one for its judges.

    Judges have a limit of their own: a trial that waits for its judge must not keep the slot
    that the judge needs.

    Attributes:
        trials: None if no requests may be sent; `judges` likewise.
        trial_limit: Returns how many requests of trials may be in flight now; it adapts.
        judge_limit: The same for judges.
        activity: Describes what is in flight, and what requests wait for.
        limits: The limits of the trials so far: from which second on, how many.
        queue_limit: Returns how many requests the service works on at once, if it queues more.
        perhaps_billed: Returns how many requests of calls that were cut short may cost something.
    """

    trials: CompletionClient | None
    judges: CompletionClient | None
    trial_limit: Callable[[], int]
    judge_limit: Callable[[], int]
    activity: Callable[[], str] = str
    limits: Sequence[tuple[float, int]] = ()
    queue_limit: Callable[[], int | None] = lambda: None
    perhaps_billed: Callable[[], int] = int


def offline_clients() -> Clients:
    """Return the clients of a run that sends no requests."""
    return Clients(None, None, lambda: _OFFLINE_LIMIT, lambda: _OFFLINE_LIMIT)


@asynccontextmanager
async def open_clients(
    settings: Settings,
    rules: Rules | None,
    tasks: Any,
    clock: Clock,
    on_unauthorized: Callable[[ApiError], None],
) -> AsyncIterator[Clients]:
    """Connect to the service, or to a simulator that runs until the block ends.

    Args:
        settings: Where requests go, and the limits.
        rules: The simulator's; None connects to the service.
        tasks: Remembers the ids of tasks.
        clock: Seconds since the run began.
        on_unauthorized: Is called when the service refuses the key.
    """
    if rules is None:
        async with _clients_at(
            str(settings.base_url), settings, tasks, clock, on_unauthorized
        ) as clients:
            yield clients
        return
    async with (
        simulator_beside(rules, settings.service.ranges) as base_url,
        _clients_at(base_url, settings, tasks, clock, on_unauthorized) as clients,
    ):
        yield clients


@asynccontextmanager
async def _clients_at(
    base_url: str,
    settings: Settings,
    tasks: Any,
    clock: Clock,
    on_unauthorized: Callable[[ApiError], None],
) -> AsyncIterator[Clients]:
    # Imported here because commands that send nothing, such as `validate`, need no HTTP.
    from harness.client.call_stats import CallStats
    from harness.client.exchange import Exchanges
    from harness.client.limits import AdaptiveLimit, Limiter, Window
    from harness.client.messages import MessagesClient
    from harness.client.queueing import QueueWatch
    from harness.client.retry import RetryPolicy
    from harness.client.transport import endpoint, open_transport

    per_minute = (settings.requests_per_minute, settings.tokens_per_minute)
    # What a service allows per minute is for trials and judges together, so they share the windows.
    requests, tokens = (None if most is None else Window(most) for most in per_minute)

    def limiter() -> Limiter:
        return Limiter(
            AdaptiveLimit(
                settings.first_concurrency,
                settings.most_concurrency,
                # whoever names a number wants that many in flight
                QueueWatch() if settings.concurrency is None else None,
            ),
            requests=requests,
            tokens=tokens,
            clock=clock,
            sleep=asyncio.sleep,
        )

    trial_limiter, judge_limiter = limiter(), limiter()
    stats = CallStats(on_unauthorized)
    async with open_transport(base_url, connect_seconds=settings.timeouts.connect) as transport:
        client = partial(
            MessagesClient,
            Exchanges(transport, settings.timeouts),
            endpoint(settings, base_url),
            retry=RetryPolicy(
                random.random, settings.max_attempts, loading_seconds=settings.retry_for
            ),
            stats=stats,
            tasks=tasks,
            timeouts=settings.timeouts,
            prices=settings.prices,
            clock=clock,
            sleep=asyncio.sleep,
        )
        yield Clients(
            client(limiter=trial_limiter),
            client(limiter=judge_limiter),
            lambda: trial_limiter.limit,
            lambda: judge_limiter.limit,
            lambda: activity(trial_limiter, judge_limiter, stats),
            trial_limiter.history,
            lambda: trial_limiter.queue_limit,
            lambda: stats.perhaps_billed,
        )


def activity(limiter: Limiter, judges: Limiter, stats: CallStats) -> str:
    """Describe in a line how many requests are in flight, what others wait for, and the retries."""
    parts = [f"{limiter.in_flight} of {limiter.limit} in flight"]
    if judges.in_flight:
        parts.append(f"{judges.in_flight} of {judges.limit} of judges")
    if limiter.paused:
        pause = limiter.pause_seconds
        why = f"the service asked for {pause:.0f} s" if pause else "requests or tokens a minute"
        parts.append(f"{limiter.paused} paused ({why})")
    if stats.waiting.total():
        parts.append(f"waiting to try again: {_counts(stats.waiting)}")
    if stats.retries:
        parts.append(f"retries: {_counts(stats.retries)}")
    return " · ".join(parts)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items()) if count)
