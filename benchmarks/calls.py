"""Calls through the client alone: how much of the ideal rate they reach, and what memory they take.

Usage: python -m benchmarks.calls URL CALLS CONCURRENCY; prints seconds and MiB as JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from contextlib import AbstractAsyncContextManager, nullcontext

from harness.client.call_stats import CallStats
from harness.client.exchange import Exchanges
from harness.client.limits import AdaptiveLimit, Limiter
from harness.client.messages import MessagesClient
from harness.client.retry import RetryPolicy
from harness.client.transport import endpoint, open_transport
from harness.model.request import Request
from harness.model.settings import Settings


class NoTasks:
    """The log of a run that makes no tasks."""

    def made_before(self, _request: Request) -> None:
        return None

    def made(self, _request: Request, _name: str) -> None:
        return None


class FreeSlot:
    """A slot that is never contended."""

    def paused(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()


async def make(url: str, calls: int, concurrency: int) -> tuple[float, float]:
    """Make calls and return their seconds, and by how many MiB the peak of memory grew."""
    settings = Settings(base_url=url, auth="none")
    limit = AdaptiveLimit(concurrency, concurrency)
    async with open_transport(url, connect_seconds=10) as transport:
        client = MessagesClient(
            Exchanges(transport, settings.timeouts),
            endpoint(settings, url),
            limiter=Limiter(
                limit, requests=None, tokens=None, clock=time.monotonic, sleep=asyncio.sleep
            ),
            retry=RetryPolicy(lambda: 0.5, 1),
            stats=CallStats(lambda _error: None),
            tasks=NoTasks(),
            timeouts=settings.timeouts,
            prices={},
            clock=time.monotonic,
            sleep=asyncio.sleep,
        )
        remaining = iter(range(calls))

        async def work() -> None:
            for number in remaining:
                message = {"role": "user", "content": f"This is the text of mail {number}"}
                body = {"model": "m", "max_tokens": 4096, "messages": [message]}
                await client.complete(Request(body), FreeSlot(), lambda _attempt: None)

        before, began = _peak(), time.monotonic()
        await asyncio.gather(*(work() for _ in range(concurrency)))
        return time.monotonic() - began, _peak() - before


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
