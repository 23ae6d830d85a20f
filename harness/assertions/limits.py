"""Assertions on what a reply cost: time, tokens, money."""

from __future__ import annotations

from harness.assertions.parameters import Duration
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply, ReplyOrigin

limit_assertions = AssertionRegistry()

UNREPORTED = "the service did not report how many tokens the reply took"


@limit_assertions.register("max_latency", is_negatable=False)
def max_latency(reply: Reply, limit: Duration) -> Verdict:
    """Pass when the complete reply arrived within a duration (`250ms`, `5s`, seconds).

    Time spent on retries and on waiting for a free slot does not count.
    """
    return untimed(reply) or _within("the reply took", reply.latency, limit)


@limit_assertions.register("max_ttft", is_negatable=False)
def max_ttft(reply: Reply, limit: Duration) -> Verdict:
    """Pass when the first token of a streamed reply arrived within a duration."""
    if (verdict := untimed(reply)) is not None:
        return verdict
    if reply.first_token is None:
        return Verdict.errored(
            "the reply was not streamed, so it has no time to first token;"
            " set `stream: true` in `request`"
        )
    return _within("the first token took", reply.first_token, limit)


@limit_assertions.register("max_cost", is_negatable=False)
def max_cost(reply: Reply, limit: float) -> Verdict:
    """Pass when the reply cost at most this many USD, by the `prices` of the settings."""
    if reply.cost is None:
        return Verdict.errored(no_cost(reply))
    if reply.is_cost_partial and reply.cost <= limit:
        return Verdict.errored(
            f"{reply.usage.web_search_requests} web searches of the reply have no price; add"
            f" `web_search` to the prices of `{reply.model}` in the settings"
        )
    reason = f"the reply cost {reply.cost:.6f} USD, the limit is {limit:g}"
    return _verdict(reason, reply.cost, limit)


@limit_assertions.register("max_input_tokens", is_negatable=False)
def max_input_tokens(reply: Reply, limit: int) -> Verdict:
    """Pass when the request had at most this many tokens, those of prompt caching included."""
    tokens = reply.usage.all_input_tokens
    if tokens is None:
        return Verdict.errored(UNREPORTED)
    return _verdict(f"the request had {tokens} tokens, the limit is {limit}", tokens, limit)


@limit_assertions.register("max_output_tokens", is_negatable=False)
def max_output_tokens(reply: Reply, limit: int) -> Verdict:
    """Pass when the reply has at most this many tokens."""
    tokens = reply.usage.output_tokens
    if tokens is None:
        return Verdict.errored(UNREPORTED)
    return _verdict(f"the reply has {tokens} tokens, the limit is {limit}", tokens, limit)


@limit_assertions.register("max_total_tokens", is_negatable=False)
def max_total_tokens(reply: Reply, limit: int) -> Verdict:
    """Pass when request and reply together have at most this many tokens."""
    tokens = reply.usage.all_tokens
    if tokens is None:
        return Verdict.errored(UNREPORTED)
    return _verdict(f"request and reply have {tokens} tokens, the limit is {limit}", tokens, limit)


@limit_assertions.register("min_tokens_per_second", is_negatable=False)
def min_tokens_per_second(reply: Reply, least: float) -> Verdict:
    """Pass when the reply came at this many tokens per second or more.

    The time is that from the request to the end of the reply.
    """
    if (verdict := untimed(reply)) is not None:
        return verdict
    if reply.latency <= 0:
        return Verdict.errored("the reply took no time, so it has no speed")
    if reply.usage.output_tokens is None:
        return Verdict.errored(UNREPORTED)
    speed = reply.usage.output_tokens / reply.latency
    reason = f"the reply came at {speed:.1f} tokens per second, the minimum is {least:g}"
    if speed >= least:
        return Verdict.passing(reason)
    return Verdict.failing(reason, expected=f"at least {least:g}", actual=f"{speed:.1f}")


def no_cost(reply: Reply) -> str:
    """Return why the cost of a reply is not known."""
    if not reply.usage.is_reported:
        return f"{UNREPORTED}, so its cost is not known"
    return f"the model `{reply.model}` has no price; add it to `prices` in the settings"


def untimed(reply: Reply) -> Verdict | None:
    """Return the verdict on the time of a reply whose time was not measured; else None."""
    if reply.origin is ReplyOrigin.GIVEN:
        return Verdict.errored("the reply was not requested in this run, so it was not timed")
    # whoever uses a cache or replays a cassette knows that nothing is timed: this is not an error
    if reply.origin is ReplyOrigin.CACHE:
        return Verdict.not_applicable("the reply came from the cache, so it was not timed")
    if reply.origin is ReplyOrigin.CASSETTE:
        return Verdict.not_applicable("the reply was replayed, so it was not timed")
    return None


def _within(what: str, seconds: float, limit: float) -> Verdict:
    return _verdict(f"{what} {seconds:.3f} s, the limit is {limit:g} s", seconds, limit)


def _verdict(reason: str, actual: float, limit: float) -> Verdict:
    if actual <= limit:
        return Verdict.passing(reason)
    return Verdict.failing(reason, expected=f"at most {limit:g}", actual=f"{actual:g}")
