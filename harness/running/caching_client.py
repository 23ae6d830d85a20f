"""Replies that are known already are not asked for; those that are new are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from harness.errors import ApiError
from harness.model.reply import Attempt, Reply
from harness.model.request import Request
from harness.running.trial import Completes


class ReplySource(Protocol):
    """Knows replies: of an earlier run, a cache, a cassette."""

    def recall(self, request: Request) -> Reply | None:
        """Return the reply to a request, if it is known."""


class ReplySink(Protocol):
    """Keeps replies for later."""

    def keep(self, request: Request, reply: Reply) -> None:
        """Store the reply to a request."""


class NoReplyError(ApiError):
    """A reply is not known, and nobody may be asked for it."""


@dataclass(frozen=True, slots=True)
class CachingClient:
    """Makes calls only for replies that are not known.

    Attributes:
        client: Who is asked; None if nobody may be.
        known: Where replies are looked for, in this order.
        keepers: Who keeps the replies, wherever they come from.
        why_missing: Says why a reply is not known, when nobody may be asked.
    """

    client: Completes | None
    known: Sequence[ReplySource] = ()
    keepers: Sequence[ReplySink] = ()
    why_missing: Callable[[Request], str] = lambda _request: "its reply is not known"

    async def complete(
        self, request: Request, slot: Any, record: Callable[[Attempt], None]
    ) -> Reply:
        """Return the reply to a request, known or new.

        Raises:
            ApiError: None came, or it is not known and nobody may be asked.
        """
        reply = self.recall(request)
        if reply is None:
            if self.client is None:
                raise NoReplyError(self.why_missing(request), "no_reply")
            reply = await self.client.complete(request, slot, record)
        else:
            await asyncio.sleep(0)  # so that a long row of them can be interrupted
        for keeper in self.keepers:
            keeper.keep(request, reply)
        return reply

    def recall(self, request: Request) -> Reply | None:
        """Return the reply to a request, if it is known."""
        for each in self.known:
            reply = each.recall(request)
            if reply is not None:
                return reply
        return None
