"""Token counts: what a service tells of a reply, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the API counts them.

    Attributes:
        input_tokens: Without those of prompt caching; None if the service did not report it.
        output_tokens: None likewise.
        cache_creation_input_tokens: Written into the cache.
        cache_read_input_tokens: Read from it.
        ephemeral_1h_input_tokens: How many of the written ones are kept for an hour.
        web_search_requests: Searches that the service made.
    """

    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0
    web_search_requests: int = 0

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Usage:
        """Return the usage of a message.

        A count that is missing, or that cannot be true, was not reported: a request has tokens, and
        so has a reply with content. Gateways that stream write 0 for what they do not know.
        """
        counts = _mapping(message, "usage")
        written = _count(counts, "cache_creation_input_tokens") or 0
        read = _count(counts, "cache_read_input_tokens") or 0
        asked, answered = _count(counts, "input_tokens"), _count(counts, "output_tokens")
        return cls(
            None if not asked and not written and not read else asked,
            None if not answered and _has_content(message) else answered,
            written,
            read,
            _count(_mapping(counts, "cache_creation"), "ephemeral_1h_input_tokens") or 0,
            _count(_mapping(counts, "server_tool_use"), "web_search_requests") or 0,
        )

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            _sum(self.input_tokens, other.input_tokens),
            _sum(self.output_tokens, other.output_tokens),
            self.cache_creation_input_tokens + other.cache_creation_input_tokens,
            self.cache_read_input_tokens + other.cache_read_input_tokens,
            self.ephemeral_1h_input_tokens + other.ephemeral_1h_input_tokens,
            self.web_search_requests + other.web_search_requests,
        )

    @property
    def all_input_tokens(self) -> int | None:
        """Input tokens, cached ones included; None if the service did not report it."""
        cached = self.cache_creation_input_tokens + self.cache_read_input_tokens
        return _sum(self.input_tokens, cached)

    @property
    def all_tokens(self) -> int | None:
        """Tokens of the request and the reply; None if the service did not report it."""
        return _sum(self.all_input_tokens, self.output_tokens)

    @property
    def is_reported(self) -> bool:
        """Whether the service reported the tokens of the request and of the reply."""
        return self.all_tokens is not None


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens.

    Attributes:
        cache_read: Of tokens read from the prompt cache; None for the price of input.
        cache_write: Of tokens written into it, likewise.
        cache_write_1h: Of those that are kept for an hour; None for the price of `cache_write`.
        web_search: Of a thousand searches; None if it is not known.
    """

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None
    web_search: float | None = None

    def cost(self, usage: Usage) -> float | None:
        """Return the price of a usage in USD, searches without a price left out.

        Returns None if the service did not report the tokens.
        """
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        read = _first(self.cache_read, self.input)
        write = _first(self.cache_write, self.input)
        kept = usage.ephemeral_1h_input_tokens
        tokens = (
            self.input * usage.input_tokens
            + self.output * usage.output_tokens
            + read * usage.cache_read_input_tokens
            + write * max(0, usage.cache_creation_input_tokens - kept)
            + _first(self.cache_write_1h, write) * kept
        ) / 1_000_000
        return tokens + (self.web_search or 0.0) * usage.web_search_requests / 1_000

    def is_partial(self, usage: Usage) -> bool:
        """Whether the service did more than this price knows of."""
        return self.web_search is None and usage.web_search_requests > 0


class Cost(NamedTuple):
    """What a reply cost.

    Attributes:
        usd: None if its model has no price, or if the service did not report the tokens.
        is_partial: Whether the service did more than the price knows of.
    """

    usd: float | None
    is_partial: bool


def cost_of(
    prices: Mapping[str, Price], message: Mapping[str, Any], body: Mapping[str, Any], usage: Usage
) -> Cost:
    """Return the cost of a message.

    The model is the one in the message or, without a price for that, the one in the request.

    Args:
        prices: By models.
        message: The reply.
        body: The request.
        usage: That of the message.
    """
    price = prices.get(str(message.get("model"))) or prices.get(str(body.get("model")))
    if price is None:
        return Cost(None, is_partial=False)
    return Cost(price.cost(usage), price.is_partial(usage))


def _has_content(message: Mapping[str, Any]) -> bool:
    blocks = message.get("content")
    if not isinstance(blocks, list):
        return bool(blocks)
    return any(block.get("text") or block.get("type") != "text" for block in blocks)


def _mapping(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    # asked first, because it is one and Python takes five times as long for the general question
    return part if isinstance(part, (dict, Mapping)) else {}


def _count(counts: Mapping[str, Any], name: str) -> int | None:
    value = counts.get(name)
    return value if type(value) is int else None  # true and false are no counts


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _first(price: float | None, other: float) -> float:
    return other if price is None else price
