"""The client with everything it needs, put together for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import httpx

from harness.client.call_stats import CallStats
from harness.client.exchange import Exchanges
from harness.client.limits import AdaptiveLimit, Limiter
from harness.client.messages import MessagesClient
from harness.client.retry import RetryPolicy
from harness.client.transport import endpoint, open_transport
from harness.errors import ApiError
from harness.model.request import Request
from harness.model.settings import Settings
from harness.running.capacity import CapacityLimiter, Permit


def free_permit() -> Permit:
    """Return a permit that nobody else waits for."""
    return Permit(CapacityLimiter(lambda: 1_000, lambda: 0.0))


@dataclass
class FakeTasks:
    """A log of tasks in memory."""

    ids: dict[str, str] = field(default_factory=dict)

    def made_before(self, request: Request) -> str | None:
        return self.ids.get(request.key)

    def made(self, request: Request, name: str) -> None:
        self.ids[request.key] = name


@dataclass
class Parts:
    """What a client is made of, beside its transport and settings; time is the event loop's."""

    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = lambda: 0.5
    unauthorized: list[ApiError] = field(default_factory=list)
    limit: int = 10_000
    tasks: FakeTasks = field(default_factory=FakeTasks)
    stats: CallStats = field(init=False)

    def __post_init__(self) -> None:
        self.stats = CallStats(self.unauthorized.append)

    def client(self, transport: httpx.AsyncBaseTransport, settings: Settings) -> MessagesClient:
        limiter = Limiter(
            AdaptiveLimit(self.limit, self.limit),
            requests=None,
            tokens=None,
            clock=self.clock,
            sleep=self.sleep,
        )
        return MessagesClient(
            Exchanges(transport, settings.timeouts),
            endpoint(settings, str(settings.base_url)),
            limiter=limiter,
            retry=RetryPolicy(self.random, settings.max_attempts),
            stats=self.stats,
            tasks=self.tasks,
            timeouts=settings.timeouts,
            prices=settings.prices,
            clock=self.clock,
            sleep=self.sleep,
        )


def transport_to(url: str) -> AbstractAsyncContextManager[httpx.AsyncBaseTransport]:
    return open_transport(url, connect_seconds=2)
