"""Replies: the message, the tokens it used, the time it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.model.request import Delivery
from harness.model.usage import Usage

UNKNOWN_DELTAS = "unknown_deltas"  # of a block: pieces of a stream that nothing is known about


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP exchange.

    Attributes:
        purpose: `create`, or `poll` for looking up a task.
        status: The HTTP status; None if no response came.
        seconds: Its duration.
        wait: Seconds spent waiting before it.
        reason: Why it failed, or None.
        may_be_billed: Whether the service may charge for a reply that did not arrive.
    """

    purpose: str
    status: int | None
    seconds: float
    wait: float = 0.0
    reason: str | None = None
    request_id: str | None = None
    may_be_billed: bool = False


class ReplyOrigin(StrEnum):
    """Where a reply comes from."""

    SERVICE = "service"
    RUN = "run"
    CACHE = "cache"
    CASSETTE = "cassette"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete message.

    Attributes:
        message: The message as the API sent it, with blocks of unknown types.
        text: The text blocks, joined.
        delivery: How it was delivered; a server may not do as the request asks.
        latency: Seconds from sending the request, at the last attempt, to the end of the reply.
        first_token: Seconds from the same moment to the first content; None without a stream.
        cost: USD; None if the model has no price in the settings, or its tokens were not reported.
        is_cost_partial: Whether the service did more than the price knows of.
        origin: Where it comes from; a reply from a cache or a cassette has no times.
        key: The key of the request that it answers.
        is_simulated: Whether a simulator answered where the settings do not name one.
    """

    message: Mapping[str, Any]
    text: str
    usage: Usage = field(default_factory=Usage)
    delivery: Delivery = Delivery.AT_ONCE
    latency: float = 0.0
    first_token: float | None = None
    cost: float | None = None
    attempts: tuple[Attempt, ...] = ()
    origin: ReplyOrigin = ReplyOrigin.SERVICE
    key: str = ""
    is_simulated: bool = False
    is_cost_partial: bool = False

    @property
    def stop_reason(self) -> str | None:
        """Why the model stopped, in the words of the API."""
        reason = self.message.get("stop_reason")
        return reason if isinstance(reason, str) else None

    @property
    def model(self) -> str | None:
        """The model that answered, by its name in the API."""
        model = self.message.get("model")
        return model if isinstance(model, str) else None

    @property
    def content(self) -> tuple[Mapping[str, Any], ...]:
        """The content blocks as the API sent them."""
        return tuple(self.message.get("content") or ())

    @property
    def said(self) -> tuple[Mapping[str, Any], ...]:
        """The content as a later turn sends it back; without what only the record keeps."""
        return tuple(
            {name: value for name, value in block.items() if name != UNKNOWN_DELTAS}
            if UNKNOWN_DELTAS in block
            else block
            for block in self.content
        )


def text_of(message: Mapping[str, Any]) -> str:
    """Return the text blocks of a message, joined; other blocks have no text."""
    return "".join(
        block["text"] for block in message.get("content") or () if block.get("type") == "text"
    )


def given_reply(text: str, key: str) -> Reply:
    """Return the reply to a request that nobody was sent, because its text was given.

    Args:
        text: What it says.
        key: The key of the request.
    """
    message = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
    }
    return Reply(message, text, origin=ReplyOrigin.GIVEN, key=key)
