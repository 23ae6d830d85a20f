"""The assertion on why the model stopped."""

from __future__ import annotations

from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

stop_reason_assertions = AssertionRegistry()


@stop_reason_assertions.register("stop_reason")
def stop_reason(reply: Reply, reason: str) -> Verdict:
    """Pass when the model stopped for this reason, such as `end_turn` or `max_tokens`."""
    words = f"the model stopped for {reply.stop_reason!r}"
    if reply.stop_reason == reason:
        return Verdict.passing(words)
    words = f"{words}, expected {reason!r}"
    return Verdict.failing(words, expected=reason, actual=str(reply.stop_reason))
