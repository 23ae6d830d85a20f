"""What one reply shows of a part of the API, whatever came of other requests."""

from __future__ import annotations

from typing import TypeAlias

from harness.model.probe import Treatment
from harness.model.reply import Reply
from harness.model.request import Delivery
from harness.probing.requests import LAST_NUMBER, MOST_TOKENS, STOP

Judged: TypeAlias = tuple[Treatment, str]

HONOURED, IGNORED, UNCLEAR = Treatment.HONOURED, Treatment.IGNORED, Treatment.UNCLEAR
_LONGEST = 60  # characters of a reply that is shown
_LEAST_SECONDS = 0.05  # that a reply takes after its first token, so that the two can be told apart
_LATE = 0.95  # of the whole time: a first token so late came with all others
_MISCOUNT = 4  # tokens by which counts of servers differ


def max_tokens(reply: Reply) -> Judged:
    """Judge whether a reply that would be long was cut."""
    tokens = reply.usage.output_tokens
    number = "" if tokens is None else f", {tokens} output tokens"
    evidence = f"of {MOST_TOKENS} tokens: {shown(reply)}{number}"
    if tokens is not None and tokens > MOST_TOKENS + _MISCOUNT:
        return IGNORED, evidence
    if reply.stop_reason == "max_tokens" or _is_cut(reply):
        return HONOURED, evidence
    return (IGNORED if _has_counted(reply) else UNCLEAR), evidence


def _is_cut(reply: Reply) -> bool:
    """Whether the reply counts, but not to the end."""
    return reply.text.split()[:3] == ["1", "2", "3"] and not _has_counted(reply)


def _has_counted(reply: Reply) -> bool:
    """Whether the reply counts to the end; a small model may repeat what it was asked instead."""
    return reply.text.split()[-2:] == [str(int(LAST_NUMBER) - 1), LAST_NUMBER]


def stop_reason(reply: Reply) -> Judged:
    """Judge whether a reply that was cut says so."""
    evidence = f"a reply that was cut ends with `{reply.stop_reason}`"
    if reply.stop_reason == "max_tokens":
        return HONOURED, evidence
    if _is_cut(reply):
        return IGNORED, evidence
    return UNCLEAR, f"the reply was not cut: {shown(reply)}"


def stop_sequences(reply: Reply) -> Judged:
    """Judge whether a reply ends where it was to stop."""
    evidence = f"with `{STOP}` to stop at: {shown(reply)}, `{reply.stop_reason}`"
    if STOP in reply.text:
        return IGNORED, evidence
    return (HONOURED if _stopped(reply) else UNCLEAR), evidence


def _stopped(reply: Reply) -> bool:
    has_counted = reply.text.split()[-1:] == ["4"]
    return STOP not in reply.text and (reply.stop_reason == "stop_sequence" or has_counted)


def stop_sequence(reply: Reply) -> Judged:
    """Judge whether a reply says where it was stopped."""
    reported = reply.message.get("stop_sequence")
    if not _stopped(reply):
        return UNCLEAR, f"the reply was not stopped: {shown(reply)}"
    evidence = f"`stop_reason: {reply.stop_reason}`, `stop_sequence: {reported}`"
    is_reported = reply.stop_reason == "stop_sequence" and reported == STOP
    return (HONOURED if is_reported else IGNORED), evidence


def unknown_field(_reply: Reply) -> Judged:
    """Judge a field that no server knows: it was not refused."""
    return IGNORED, "a field `harness_probe` is let through"


def stream(reply: Reply) -> Judged:
    """Judge whether a reply came as a stream."""
    if reply.delivery is Delivery.STREAM:
        return HONOURED, "the events add up to a message"
    return IGNORED, "the reply came at once"


def first_token(reply: Reply) -> Judged:
    """Judge whether the first token of a stream came before the others."""
    if reply.delivery is not Delivery.STREAM or reply.first_token is None:
        return UNCLEAR, "there is no stream"
    first, whole = reply.first_token, reply.latency
    evidence = f"the first token after {first:.3f} s, the last after {whole:.3f} s"
    if whole < _LEAST_SECONDS:
        return UNCLEAR, evidence
    return (HONOURED if first < _LATE * whole else IGNORED), evidence


def usage(reply: Reply) -> Judged:
    """Judge whether tokens are reported."""
    reported = reply.usage
    evidence = (
        f"{counted(reported.all_input_tokens)} input, {counted(reported.output_tokens)} output"
    )
    return (HONOURED if reported.is_reported else IGNORED), evidence


def as_task(reply: Reply) -> Judged:
    """Judge whether a reply came as a task."""
    if reply.delivery is Delivery.TASK:
        return HONOURED, "a task was made and brought the reply"
    return IGNORED, "the reply came at once"


def counted(tokens: int | None) -> str:
    """Return a number of tokens in words."""
    return "none" if tokens is None else str(tokens)


def shown(reply: Reply) -> str:
    """Return the beginning of a reply, as evidence."""
    text = " ".join(reply.text.split())
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[:_LONGEST]}…`"
