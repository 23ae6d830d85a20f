"""Assertions on what a reply took: time, tokens, money."""

from __future__ import annotations

from harness.assertions.parameters import Duration
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply, ReplyOrigin

limit_assertions = AssertionRegistry()


@limit_assertions.register("max_latency", is_negatable=False)
def max_latency(reply: Reply, limit: Duration) -> Verdict:
    """Pass when the whole reply was there within `limit` (`250ms`, `5s`, seconds) of the request.

    Retries and waiting for a free place do not count.
    """
    return untimed(reply) or _within("the reply took", reply.latency, limit)


@limit_assertions.register("max_ttft", is_negatable=False)
def max_ttft(reply: Reply, limit: Duration) -> Verdict:
    """Pass when the first token of a streamed reply came within `limit` of the request."""
    if (verdict := untimed(reply)) is not None:
        return verdict
    if reply.first_token is None:
        return Verdict.errored(
            "there is no time to first token, because the reply was not streamed;"
            " set `stream: true` in `request`"
        )
    return _within("the first token took", reply.first_token, limit)


@limit_assertions.register("max_cost", is_negatable=False)
def max_cost(reply: Reply, limit: float) -> Verdict:
    """Pass when the reply cost at most `limit` USD by the price table of the settings."""
    if reply.cost is None:
        return Verdict.errored(
            f"the model `{reply.model}` has no price; add it to `prices` in the settings"
        )
    reason = f"the reply cost {reply.cost:.6f} USD, the limit is {limit:g}"
    return _verdict(reason, reply.cost, limit)


@limit_assertions.register("max_input_tokens", is_negatable=False)
def max_input_tokens(reply: Reply, limit: int) -> Verdict:
    """Pass when the request had at most `limit` tokens, those read from or kept in a cache too."""
    tokens = reply.usage.all_input_tokens
    return _verdict(f"the request had {tokens} tokens, the limit is {limit}", tokens, limit)


@limit_assertions.register("max_output_tokens", is_negatable=False)
def max_output_tokens(reply: Reply, limit: int) -> Verdict:
    """Pass when the reply has at most `limit` tokens."""
    tokens = reply.usage.output_tokens
    return _verdict(f"the reply has {tokens} tokens, the limit is {limit}", tokens, limit)


@limit_assertions.register("max_total_tokens", is_negatable=False)
def max_total_tokens(reply: Reply, limit: int) -> Verdict:
    """Pass when request and reply have at most `limit` tokens together."""
    tokens = reply.usage.all_input_tokens + reply.usage.output_tokens
    return _verdict(f"request and reply have {tokens} tokens, the limit is {limit}", tokens, limit)


@limit_assertions.register("min_tokens_per_second", is_negatable=False)
def min_tokens_per_second(reply: Reply, least: float) -> Verdict:
    """Pass when the reply came at `least` so many tokens a second, from the request to its end."""
    if (verdict := untimed(reply)) is not None:
        return verdict
    if reply.latency <= 0:
        return Verdict.errored("the reply took no time, so there is no speed")
    speed = reply.usage.output_tokens / reply.latency
    reason = f"the reply came at {speed:.1f} tokens a second, the least is {least:g}"
    if speed >= least:
        return Verdict.passing(reason)
    return Verdict.failing(reason, expected=f"at least {least:g}", actual=f"{speed:.1f}")


def untimed(reply: Reply) -> Verdict | None:
    """Return the verdict on the time of a reply that took none, or None if it took some."""
    if reply.origin is ReplyOrigin.CACHE:
        return Verdict.errored(
            "the reply was in the cache, so nothing was timed; run without the cache"
        )
    if reply.origin is ReplyOrigin.GIVEN:
        return Verdict.errored("the reply was given, so nothing was timed")
    if reply.origin is ReplyOrigin.CASSETTE:
        return Verdict.left_out("the reply was replayed, so nothing was timed")
    return None


def _within(what: str, seconds: float, limit: float) -> Verdict:
    return _verdict(f"{what} {seconds:.3f} s, the limit is {limit:g} s", seconds, limit)


def _verdict(reason: str, actual: float, limit: float) -> Verdict:
    if actual <= limit:
        return Verdict.passing(reason)
    return Verdict.failing(reason, expected=f"at most {limit:g}", actual=f"{actual:g}")
