"""The assertion by which a judge model prefers the reply of one variant to that of another."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.assertions.judge_votes import (
    TOLERANCE,
    Votes,
    ask,
    majority,
    majority_reason,
    records_of,
)
from harness.assertions.parameters import NonEmptyText, Share, VariantName
from harness.assertions.peers import PeerResults, VariantComparison
from harness.assertions.questions import Judge, JudgeAnswer, MalformedAnswerError, Question
from harness.assertions.registry import AssertionRegistry
from harness.assertions.tools import have_equal_calls
from harness.model.outcome import Verdict
from harness.model.reply import Reply

preference_assertions = AssertionRegistry()

_TIE = 0.5
_WORDS_FOR_POINTS = {
    1.0: "it better than `{over}`",
    _TIE: "it as good as `{over}`",
    0.0: "`{over}` better",
}
_CHOICES = ("first", "second", "tie")


@preference_assertions.register("prefer", is_negatable=False, compares=VariantComparison.WITH_NAMED)
async def prefer(
    reply: Reply,
    rubric: NonEmptyText,
    *,
    over: VariantName,
    min_: Share = 1.0,
    votes: Votes = 1,
    judge: Judge,
    peers: PeerResults,
) -> Verdict:
    """Pass when a judge model finds the reply better by a rubric than that of another variant.

    The judge compares the two replies of the same case and repeat twice, each reply first once. The
    score is 1 if it prefers this reply both times and 0 if it prefers the other one both times. Any
    other result is a tie with the score 0.5, which passes with `min: 0.5`. On the variant `over`
    itself, the assertion is not applicable. `votes` counts such pairs of comparisons; errors are as
    for `judge`.

    Source:
        Asking in both orders, and a tie if they disagree: "Judging LLM-as-a-Judge with MT-Bench
        and Chatbot Arena" (Zheng et al., 2023), section 3.4.
    """
    if peers.own == over:
        return Verdict.not_applicable("the other variants are compared with this one")
    compared = peers.reply(over)
    other = compared.text
    if other == reply.text and not peers.is_transformed and not have_equal_calls(reply, compared):
        return Verdict.errored("the replies differ only in their tool calls: use `calls_tool`")
    if other == reply.text:
        return Verdict(min_ <= _TIE, _TIE, "the replies of both variants are equal, a tie")
    both = await asyncio.gather(
        ask(_question(rubric, reply.text, other), judge, votes),
        ask(_question(rubric, other, reply.text), judge, votes),
    )
    errors = [result for result in both if isinstance(result, Verdict)]
    if errors:
        calls = tuple(call for result in both for call in _records(result))
        return replace(errors[0], judge_calls=calls)
    first, second = (result for result in both if not isinstance(result, Verdict))
    points = [
        _points(one.values["better"], two.values["better"])
        for one, two in zip(first, second, strict=True)
    ]
    passes = [point >= min_ - TOLERANCE for point in points]
    listed = ", ".join(_WORDS_FOR_POINTS[point].format(over=over) for point in points)
    reason = f"the judge finds {listed}: {majority_reason(first, passes)}"
    return majority(passes, sum(points) / len(points), reason, [*first, *second])


def _question(rubric: str, first: str, second: str) -> Question:
    def check(values: Mapping[str, Any]) -> None:
        if not isinstance(values["better"], str) or values["better"] not in _CHOICES:
            raise MalformedAnswerError(f"its `better` is not one of {', '.join(_CHOICES)}")

    fields = {"better": '"first", "second", or "tie" if neither is better'}
    task = "Say which of them is better by this rubric:\n\n" + rubric
    return Question(task, first, fields, check, {}, second)


def _points(choice_as_first: str, choice_as_second: str) -> float:
    """Return the points of a reply that was shown first in one question, second in the other."""
    if (choice_as_first, choice_as_second) == ("first", "second"):
        return 1.0
    return 0.0 if (choice_as_first, choice_as_second) == ("second", "first") else _TIE


def _records(result: Sequence[JudgeAnswer] | Verdict) -> Sequence[Mapping[str, Any]]:
    return result.judge_calls if isinstance(result, Verdict) else records_of(result)
