"""What the answers to a probe's requests show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TypeAlias

from harness.errors import ApiError, ApiStatusError
from harness.model.probe import ProbeFinding, Treatment
from harness.model.reply import Reply
from harness.model.request import Delivery
from harness.probing.requests import (
    BLOCKS_WORD,
    COLOUR,
    DOCUMENT_WORD,
    LAST_NUMBER,
    MOST_TOKENS,
    PDF_WORD,
    RESULT_WORD,
    STOP,
    SYSTEM_WORD,
    TOOL,
)

Answer: TypeAlias = Reply | ApiError
_Judged: TypeAlias = tuple[Treatment, str]

HONOURED, IGNORED = Treatment.HONOURED, Treatment.IGNORED
REFUSED, UNCLEAR = Treatment.REFUSED, Treatment.UNCLEAR
# Refusals of what a request holds; 401, 403 and 429 are about who asks, and how often.
_REFUSALS = frozenset({400, 404, 405, 413, 415, 422, 501})
_LEAST_GROWTH = 5  # input tokens that no part of a request takes less than
_MISCOUNT = 4  # tokens by which counts of servers differ
_LONG_BEGIN = 8  # characters that two random words do not share
_LONGEST = 60  # characters of a reply that is shown
_LEAST_SECONDS = 0.05  # that a reply takes after its first token, so that the two can be told apart
_LATE = 0.95  # of the whole time: a first token so late came with all others


def findings(
    answers: Mapping[str, Answer], model: str, *, is_simulated: bool = False
) -> Iterator[ProbeFinding]:
    """Yield what the answers show, a finding for each part of the API.

    Args:
        answers: Replies and errors by the name of their request.
        model: The model that was asked for.
        is_simulated: Whether a simulator answered, which may have one reply to everything.
    """
    probed = _Probed(answers, model, is_simulated=is_simulated)
    for feature, judge in _FEATURES.items():
        treatment, evidence = judge(probed)
        yield ProbeFinding(feature, treatment, evidence)


class _Probed:
    """The answers, with what several findings need."""

    def __init__(self, answers: Mapping[str, Answer], model: str, *, is_simulated: bool) -> None:
        self.answers, self.model, self.is_simulated = answers, model, is_simulated

    def judged(self, name: str, judge: Callable[[Reply], _Judged]) -> _Judged:
        """Judge a reply; an error is a refusal, or says nothing."""
        answer = self.answers[name]
        return judge(answer) if isinstance(answer, Reply) else _of_error(answer)

    def text(self, name: str) -> str | None:
        """Return the text of a reply; None if there is none."""
        answer = self.answers[name]
        return answer.text.strip() if isinstance(answer, Reply) else None

    def input_tokens(self, name: str) -> int | None:
        """Return the input tokens of a reply, cached ones included; None if not reported."""
        answer = self.answers[name]
        return answer.usage.all_input_tokens if isinstance(answer, Reply) else None

    def seen(self, name: str, word: str, without: str = "plain") -> _Judged:
        """Judge whether a part of a request reached the model.

        Either the reply has the word that stands in it, or its tokens were counted.

        Args:
            name: The request.
            word: What stands in that part alone.
            without: A request without it.
        """

        def judge(reply: Reply) -> _Judged:
            if word.lower() in reply.text.lower():
                return HONOURED, f"the reply is {_shown(reply)}"
            before, now = self.input_tokens(without), self.input_tokens(name)
            if before is None or now is None:
                return UNCLEAR, f"the reply is {_shown(reply)}, and input tokens are not reported"
            if now - before >= _LEAST_GROWTH:
                return HONOURED, f"input tokens: {before} without, {now} with it"
            tokens = f"input tokens: {before} without, {now} with it"
            return IGNORED, f"{tokens}; the reply is {_shown(reply)}"

        return self.judged(name, judge)


def _of_error(error: ApiError) -> _Judged:
    if isinstance(error, ApiStatusError) and error.status in _REFUSALS:
        return REFUSED, error.message
    return UNCLEAR, error.message


def _shown(reply: Reply) -> str:
    text = " ".join(reply.text.split())
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[:_LONGEST]}…`"


def _model(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        if reply.model is None:
            return IGNORED, "the reply names no model"
        if reply.model.startswith(probed.model):  # an alias becomes a name with a date
            return HONOURED, f"`{reply.model}` answered"
        return IGNORED, f"`{reply.model}` answered"

    return probed.judged("plain", judge)


def _max_tokens(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        tokens = reply.usage.output_tokens
        counted = "" if tokens is None else f", {tokens} output tokens"
        evidence = f"of {MOST_TOKENS} tokens: {_shown(reply)}{counted}"
        if tokens is not None and tokens > MOST_TOKENS + _MISCOUNT:
            return IGNORED, evidence
        if reply.stop_reason == "max_tokens" or _is_cut(reply):
            return HONOURED, evidence
        return (IGNORED if _has_counted(reply) else UNCLEAR), evidence

    return probed.judged("count", judge)


def _is_cut(reply: Reply) -> bool:
    """Whether the reply counts, but not to the end."""
    return reply.text.split()[:3] == ["1", "2", "3"] and not _has_counted(reply)


def _has_counted(reply: Reply) -> bool:
    """Whether the reply counts to the end; a small model may repeat what it was asked instead."""
    return reply.text.split()[-2:] == [str(int(LAST_NUMBER) - 1), LAST_NUMBER]


def _stop_reason(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        evidence = f"a reply that was cut ends with `{reply.stop_reason}`"
        if reply.stop_reason == "max_tokens":
            return HONOURED, evidence
        if _is_cut(reply):
            return IGNORED, evidence
        return UNCLEAR, f"the reply was not cut: {_shown(reply)}"

    return probed.judged("count", judge)


def _stop_sequences(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        evidence = f"with `{STOP}` to stop at: {_shown(reply)}, `{reply.stop_reason}`"
        if STOP in reply.text:
            return IGNORED, evidence
        return (HONOURED if _stopped(reply) else UNCLEAR), evidence

    return probed.judged("stop", judge)


def _stopped(reply: Reply) -> bool:
    has_counted = reply.text.split()[-1:] == ["4"]
    return STOP not in reply.text and (reply.stop_reason == "stop_sequence" or has_counted)


def _stop_sequence(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        told = reply.message.get("stop_sequence")
        if not _stopped(reply):
            return UNCLEAR, f"the reply was not stopped: {_shown(reply)}"
        evidence = f"`stop_reason: {reply.stop_reason}`, `stop_sequence: {told}`"
        is_told = reply.stop_reason == "stop_sequence" and told == STOP
        return (HONOURED if is_told else IGNORED), evidence

    return probed.judged("stop", judge)


def _temperature(probed: _Probed) -> _Judged:
    cold = [probed.text("cold 1"), probed.text("cold 2")]
    hot = [probed.text("hot 1"), probed.text("hot 2")]
    for name in ("cold 1", "cold 2", "hot 1", "hot 2"):
        answer = probed.answers[name]
        if not isinstance(answer, Reply):
            return _of_error(answer)
    if cold[0] != cold[1]:
        evidence = f"two replies at temperature 0 differ: `{cold[0]}`, `{cold[1]}`"
        # on some hardware the likeliest token is not always the same, after a while
        is_close = _same_begin(cold) >= _LONG_BEGIN and _same_begin(cold) > _same_begin(hot)
        return (UNCLEAR if is_close else IGNORED), evidence
    if hot[0] != hot[1] or hot[0] != cold[0]:
        return HONOURED, f"at 0 twice `{cold[0]}`, at 1 `{hot[0]}` and `{hot[1]}`"
    if probed.is_simulated:
        return UNCLEAR, "the simulator has one reply to this request"
    return IGNORED, f"two replies at temperature 1 are that at 0: `{cold[0]}`"


def _same_begin(texts: Sequence[str | None]) -> int:
    """Return how many characters texts have in common at their beginning."""
    columns = zip(*(text or "" for text in texts), strict=False)
    return len(list(takewhile(lambda column: len(set(column)) == 1, columns)))


def _narrowed(name: str) -> Callable[[_Probed], _Judged]:
    """Return the judge of a field that leaves only the likeliest token."""

    def judge(probed: _Probed) -> _Judged:
        def judge_reply(reply: Reply) -> _Judged:
            treatment, _ = _temperature(probed)
            text, cold = reply.text.strip(), probed.text("cold 1")
            if treatment is not HONOURED:
                return UNCLEAR, "accepted; temperature shows no difference to compare with"
            if text == cold:
                return HONOURED, f"with one token to choose from, the reply is that at 0: `{cold}`"
            return IGNORED, f"with one token to choose from `{text}`, at temperature 0 `{cold}`"

        return probed.judged(name, judge_reply)

    return judge


def _unknown(probed: _Probed) -> _Judged:
    return probed.judged(
        "unknown field", lambda _: (IGNORED, "a field `harness_probe` is let through")
    )


def _tools(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        called = [block.get("name") for block in reply.content if block.get("type") == "tool_use"]
        if TOOL in called:
            return HONOURED, f"the reply calls `{TOOL}`"
        before, now = probed.input_tokens("plain"), probed.input_tokens("tools")
        grown = None if before is None or now is None else now - before
        said = f"the reply calls no tool: {_shown(reply)}"
        if grown is None:
            return UNCLEAR, f"{said}; input tokens are not reported"
        if grown >= 4 * _LEAST_GROWTH:
            return UNCLEAR, f"{said}; but its definition was counted: {grown} input tokens more"
        return IGNORED, f"{said}; {grown} input tokens more with its definition"

    return probed.judged("tools", judge)


def _stream(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        if reply.delivery is Delivery.STREAM:
            return HONOURED, "the events add up to a message"
        return IGNORED, "the reply came at once"

    return probed.judged("streamed count", judge)


def _first_token(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        if reply.delivery is not Delivery.STREAM or reply.first_token is None:
            return UNCLEAR, "there is no stream"
        first, whole = reply.first_token, reply.latency
        evidence = f"the first token after {first:.3f} s, the last after {whole:.3f} s"
        if whole < _LEAST_SECONDS:
            return UNCLEAR, evidence
        return (HONOURED if first < _LATE * whole else IGNORED), evidence

    return probed.judged("streamed count", judge)


def _usage(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        usage = reply.usage
        evidence = f"{_count(usage.all_input_tokens)} input, {_count(usage.output_tokens)} output"
        return (HONOURED if usage.is_reported else IGNORED), evidence

    return probed.judged("plain", judge)


def _streamed_usage(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        if reply.delivery is not Delivery.STREAM:
            return UNCLEAR, "there is no stream"
        at_once, streamed = probed.input_tokens("count"), reply.usage.all_input_tokens
        evidence = (
            f"{_count(at_once)} input tokens at once, {_count(streamed)} streamed;"
            f" {_count(reply.usage.output_tokens)} output"
        )
        is_equal = at_once is None or at_once == streamed
        return (HONOURED if reply.usage.is_reported and is_equal else IGNORED), evidence

    return probed.judged("streamed count", judge)


def _count(tokens: int | None) -> str:
    return "none" if tokens is None else str(tokens)


def _cache(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        first = probed.answers["cache 1"]
        written = first.usage.cache_creation_input_tokens if isinstance(first, Reply) else 0
        read = reply.usage.cache_read_input_tokens
        evidence = f"{written} tokens written, {read} read of a prompt that was sent twice"
        if written or read:
            return HONOURED, evidence
        return IGNORED, evidence

    return probed.judged("cache 2", judge)


def _async(probed: _Probed) -> _Judged:
    def judge(reply: Reply) -> _Judged:
        if reply.delivery is Delivery.TASK:
            return HONOURED, "a task was made and brought the reply"
        return IGNORED, "the reply came at once"

    return probed.judged("async", judge)


def _errors(probed: _Probed) -> _Judged:
    answer = probed.answers["broken"]
    if isinstance(answer, Reply):
        return IGNORED, "a request without messages was answered"
    if not isinstance(answer, ApiStatusError):
        return UNCLEAR, answer.message
    is_refusal = answer.status in _REFUSALS
    return (HONOURED if is_refusal and answer.is_structured else IGNORED), answer.message


_FEATURES: Mapping[str, Callable[[_Probed], _Judged]] = {
    "model": _model,
    "system": lambda probed: probed.seen("system", SYSTEM_WORD),
    "system as blocks": lambda probed: probed.seen("system blocks", BLOCKS_WORD),
    "max_tokens": _max_tokens,
    "stop_reason": _stop_reason,
    "stop_sequences": _stop_sequences,
    "stop_sequence": _stop_sequence,
    "temperature": _temperature,
    "top_p": _narrowed("top_p"),
    "top_k": _narrowed("top_k"),
    "unknown fields": _unknown,
    "image": lambda probed: probed.seen("picture", COLOUR, "no picture"),
    "text document": lambda probed: probed.seen("document", DOCUMENT_WORD, "no document"),
    "PDF document": lambda probed: probed.seen("pdf", PDF_WORD, "no document"),
    "tools": _tools,
    "tool results": lambda probed: probed.seen("tool result", RESULT_WORD, "tools"),
    "usage": _usage,
    "stream": _stream,
    "usage in streams": _streamed_usage,
    "first token": _first_token,
    "cache_control": _cache,
    "async": _async,
    "errors": _errors,
}
