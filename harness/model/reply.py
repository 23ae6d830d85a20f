"""What came back: the message, what it used, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.model.request import Delivery


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the API counts them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Usage:
        """Read the usage of a message; what it does not say counts as 0."""
        counts = message.get("usage")
        if not isinstance(counts, Mapping):
            return cls()
        return cls(
            _count(counts, "input_tokens"),
            _count(counts, "output_tokens"),
            _count(counts, "cache_creation_input_tokens"),
            _count(counts, "cache_read_input_tokens"),
        )

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_creation_input_tokens + other.cache_creation_input_tokens,
            self.cache_read_input_tokens + other.cache_read_input_tokens,
        )

    @property
    def all_input_tokens(self) -> int:
        """The tokens read, whether from a cache or not."""
        cached = self.cache_creation_input_tokens + self.cache_read_input_tokens
        return self.input_tokens + cached


def _count(counts: Mapping[str, Any], name: str) -> int:
    value = counts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP exchange.

    Attributes:
        purpose: `create`, or `poll` for the look-up of a task.
        status: The HTTP status; None if no response came.
        seconds: How long it took.
        wait: Seconds spent waiting before it.
        reason: Why it brought no reply, or None if it did.
        may_be_billed: Whether the service may have answered, and charge for, what did not arrive.
    """

    purpose: str
    status: int | None
    seconds: float
    wait: float = 0.0
    reason: str | None = None
    request_id: str | None = None
    may_be_billed: bool = False


class ReplyOrigin(StrEnum):
    """Where a reply was taken from."""

    SERVICE = "service"
    RUN = "run"
    CACHE = "cache"
    CASSETTE = "cassette"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete message.

    Attributes:
        message: The message as the API has it; blocks of unknown types are kept as they came.
        text: The text blocks, joined.
        delivery: How it was delivered, which a server may choose against the request.
        latency: Seconds from sending the request, at the last attempt, to the end of the reply.
        first_token: Seconds from then to the first content; None if it was not streamed.
        cost: USD; None if the model has no price in the settings.
        origin: Where it was taken from; what comes from a cache or a cassette was not timed.
        key: The key of the request that it answers.
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

    @property
    def stop_reason(self) -> str | None:
        """Why the model stopped, as the API says it."""
        reason = self.message.get("stop_reason")
        return reason if isinstance(reason, str) else None

    @property
    def model(self) -> str | None:
        """The model that answered, as the API says it."""
        model = self.message.get("model")
        return model if isinstance(model, str) else None

    @property
    def content(self) -> tuple[Mapping[str, Any], ...]:
        """The content blocks as they came."""
        return tuple(self.message.get("content") or ())


def text_of(message: Mapping[str, Any]) -> str:
    """Join the text blocks of a message; other blocks say nothing."""
    return "".join(
        block["text"] for block in message.get("content") or () if block.get("type") == "text"
    )
