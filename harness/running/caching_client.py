"""Takes replies from where they are stored, and stores those that are new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.errors import ApiError
from harness.model.reply import Attempt, Reply, given_reply
from harness.model.request import Request
from harness.running.capacity import Permit
from harness.running.trial import CompletionClient


class ReplySource(Protocol):
    """Has stored replies: an earlier run, a cache, a cassette."""

    def recall(self, request: Request) -> Reply | None:
        """Return the stored reply to a request, or None."""


class ReplySink(Protocol):
    """Stores replies."""

    def keep(self, request: Request, reply: Reply) -> None:
        """Store the reply to a request."""


class NoReplyError(ApiError):
    """A reply is not stored, and requests are not allowed."""


@dataclass(frozen=True, slots=True)
class CachingClient:
    """Makes calls only for replies that are not stored.

    Attributes:
        client: Makes the calls; None if requests are not allowed.
        sources: Where replies are looked for, in this order.
        sinks: Where every reply is stored, wherever it comes from.
        why_missing: Returns why a reply is not stored, for the error when `client` is None.
        service: The key of the service that answers: a reply of another one is not taken.
    """

    client: CompletionClient | None
    sources: Sequence[ReplySource] = ()
    sinks: Sequence[ReplySink] = ()
    why_missing: Callable[[Request], str] = lambda _request: "its reply is not stored"
    service: str = ""

    async def complete(
        self, request: Request, slot: Permit, record: Callable[[Attempt], None]
    ) -> Reply:
        """Return the stored reply to a request, or a new one.

        Raises:
            ApiError: No reply came, or it is not stored and requests are not allowed.
        """
        request = request.sent_to(self.service)
        reply = self.recall(request)
        if reply is None:
            if self.client is None:
                raise NoReplyError(self.why_missing(request), "no_reply")
            reply = await self.client.complete(request, slot, record)
        else:
            # A run of stored replies alone never waits: without this it could not be interrupted,
            # because the event loop would get no turn to see the signal.
            await asyncio.sleep(0)
        # Recalled replies too: each run file and each cassette is complete without its sources.
        for sink in self.sinks:
            sink.keep(request, reply)
        return reply

    def recall(self, request: Request) -> Reply | None:
        """Return the stored reply to a request, or None."""
        if request.given is not None:
            return given_reply(request.given, request.key)
        for source in self.sources:
            reply = source.recall(request)
            if reply is not None:
                return reply
        return None
