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
    PDF_WORD,
    RESULT_WORD,
    SYSTEM_WORD,
    TOOL,
)
from harness.probing.single_replies import (
    HONOURED,
    IGNORED,
    UNCLEAR,
    Judged,
    as_task,
    counted,
    first_token,
    max_tokens,
    shown,
    stop_reason,
    stop_sequence,
    stop_sequences,
    stream,
    unknown_field,
    usage,
)

Answer: TypeAlias = Reply | ApiError

REFUSED = Treatment.REFUSED
# Refusals of what a request holds; 401, 403 and 429 are about who asks, and how often.
_REFUSALS = frozenset({400, 404, 405, 413, 415, 422, 501})
_LEAST_GROWTH = 5  # input tokens that no part of a request takes less than
_LONG_BEGIN = 8  # characters that two random words do not share


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

    def text(self, name: str) -> str | None:
        """Return the text of a reply; None if there is none."""
        answer = self.answers[name]
        return answer.text.strip() if isinstance(answer, Reply) else None

    def input_tokens(self, name: str) -> int | None:
        """Return the input tokens of a reply, cached ones included; None if not reported."""
        answer = self.answers[name]
        return answer.usage.all_input_tokens if isinstance(answer, Reply) else None


def _seen(name: str, word: str, without: str = "plain") -> Callable[[_Probed], Judged]:
    """Return a judge of whether a part of a request reached the model.

    Either the reply has the word that stands in it, or its tokens were counted.

    Args:
        name: The request.
        word: What stands in that part alone.
        without: A request without it.
    """

    def judge(probed: _Probed, reply: Reply) -> Judged:
        if word.lower() in reply.text.lower():
            return HONOURED, f"the reply is {shown(reply)}"
        before, now = probed.input_tokens(without), probed.input_tokens(name)
        if before is None or now is None:
            return UNCLEAR, f"the reply is {shown(reply)}, and input tokens are not reported"
        tokens = f"input tokens: {before} without, {now} with it"
        if now - before >= _LEAST_GROWTH:
            return HONOURED, tokens
        return IGNORED, f"{tokens}; the reply is {shown(reply)}"

    return _of(name, judge)


def _of_error(error: ApiError) -> Judged:
    if isinstance(error, ApiStatusError) and error.status in _REFUSALS:
        return REFUSED, error.message
    return UNCLEAR, error.message


def _model(probed: _Probed, reply: Reply) -> Judged:
    if reply.model is None:
        return IGNORED, "the reply names no model"
    if reply.model.startswith(probed.model):  # an alias becomes a name with a date
        return HONOURED, f"`{reply.model}` answered"
    return IGNORED, f"`{reply.model}` answered"


def _temperature(probed: _Probed) -> Judged:
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


def _narrowed(probed: _Probed, reply: Reply) -> Judged:
    """Judge a field that leaves only the likeliest token."""
    treatment, _ = _temperature(probed)
    text, cold = reply.text.strip(), probed.text("cold 1")
    if treatment is not HONOURED:
        return UNCLEAR, "accepted; temperature shows no difference to compare with"
    if text == cold:
        return HONOURED, f"with one token to choose from, the reply is that at 0: `{cold}`"
    return IGNORED, f"with one token to choose from `{text}`, at temperature 0 `{cold}`"


def _tools(probed: _Probed, reply: Reply) -> Judged:
    called = [block.get("name") for block in reply.content if block.get("type") == "tool_use"]
    if TOOL in called:
        return HONOURED, f"the reply calls `{TOOL}`"
    before, now = probed.input_tokens("plain"), probed.input_tokens("tools")
    grown = None if before is None or now is None else now - before
    said = f"the reply calls no tool: {shown(reply)}"
    if grown is None:
        return UNCLEAR, f"{said}; input tokens are not reported"
    if grown >= 4 * _LEAST_GROWTH:
        return UNCLEAR, f"{said}; but its definition was counted: {grown} input tokens more"
    return IGNORED, f"{said}; {grown} input tokens more with its definition"


def _streamed_usage(probed: _Probed, reply: Reply) -> Judged:
    if reply.delivery is not Delivery.STREAM:
        return UNCLEAR, "there is no stream"
    at_once, streamed = probed.input_tokens("count"), reply.usage.all_input_tokens
    evidence = (
        f"{counted(at_once)} input tokens at once, {counted(streamed)} streamed;"
        f" {counted(reply.usage.output_tokens)} output"
    )
    is_equal = at_once is None or at_once == streamed
    return (HONOURED if reply.usage.is_reported and is_equal else IGNORED), evidence


def _cache(probed: _Probed, reply: Reply) -> Judged:
    first = probed.answers["cache 1"]
    written = first.usage.cache_creation_input_tokens if isinstance(first, Reply) else 0
    read = reply.usage.cache_read_input_tokens
    evidence = f"{written} tokens written, {read} read of a prompt that was sent twice"
    if written or read:
        return HONOURED, evidence
    return IGNORED, evidence


def _errors(probed: _Probed) -> Judged:
    answer = probed.answers["broken"]
    if isinstance(answer, Reply):
        return IGNORED, "a request without messages was answered"
    if not isinstance(answer, ApiStatusError):
        return UNCLEAR, answer.message
    is_refusal = answer.status in _REFUSALS
    return (HONOURED if is_refusal and answer.is_structured else IGNORED), answer.message


def _alone(name: str, judge: Callable[[Reply], Judged]) -> Callable[[_Probed], Judged]:
    """Return a judge of the reply to a request that needs no other answer."""
    return _of(name, lambda _, reply: judge(reply))


def _of(name: str, judge: Callable[[_Probed, Reply], Judged]) -> Callable[[_Probed], Judged]:
    """Return a judge of the reply to a request; an error is judged as one."""

    def judged(probed: _Probed) -> Judged:
        answer = probed.answers[name]
        return judge(probed, answer) if isinstance(answer, Reply) else _of_error(answer)

    return judged


_FEATURES: Mapping[str, Callable[[_Probed], Judged]] = {
    "model": _of("plain", _model),
    "system": _seen("system", SYSTEM_WORD),
    "system as blocks": _seen("system blocks", BLOCKS_WORD),
    "max_tokens": _alone("count", max_tokens),
    "stop_reason": _alone("count", stop_reason),
    "stop_sequences": _alone("stop", stop_sequences),
    "stop_sequence": _alone("stop", stop_sequence),
    "temperature": _temperature,
    "top_p": _of("top_p", _narrowed),
    "top_k": _of("top_k", _narrowed),
    "unknown fields": _alone("unknown field", unknown_field),
    "image": _seen("picture", COLOUR, "no picture"),
    "text document": _seen("document", DOCUMENT_WORD, "no document"),
    "PDF document": _seen("pdf", PDF_WORD, "no document"),
    "tools": _of("tools", _tools),
    "tool results": _seen("tool result", RESULT_WORD, "tools"),
    "usage": _alone("plain", usage),
    "stream": _alone("streamed count", stream),
    "usage in streams": _of("streamed count", _streamed_usage),
    "first token": _alone("streamed count", first_token),
    "cache_control": _of("cache 2", _cache),
    "async": _alone("async", as_task),
    "errors": _errors,
}
