"""The assertion by which a judge model grades a reply by several criteria at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.judge_votes import TOLERANCE, Votes, ask, records_of
from harness.assertions.parameters import ArgumentError, ParameterType, Share, from_rendered
from harness.assertions.questions import Judge, MalformedAnswerError, Question, check_score
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

criteria_assertions = AssertionRegistry()


def _read_criteria(value: Any) -> list[str]:
    value = from_rendered(value)
    is_texts = isinstance(value, list) and all(isinstance(text, str) and text for text in value)
    if not is_texts or not value:
        raise ArgumentError(f"expected a list of criteria, found {value!r}", 'write `["…", "…"]`')
    return [str(text) for text in value]


Criteria = Annotated[
    list[str],
    ParameterType(
        {
            "title": "a list of criteria",
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
        },
        _read_criteria,
    ),
]


@criteria_assertions.register("criteria", is_negatable=False)
async def criteria(
    reply: Reply, criteria: Criteria, *, min_: Share = 0.5, votes: Votes = 1, judge: Judge
) -> Verdict:
    """Pass when a judge model gives the reply a score of at least `min` for each criterion.

    All criteria are graded in one call, and the score is the mean. With `votes`, the mean of each
    criterion decides. Errors are as for `judge`.
    """
    answers = await ask(_question(reply, criteria), judge, votes)
    if isinstance(answers, Verdict):
        return answers
    means = [
        sum(answer.values["scores"][index] for answer in answers) / len(answers)
        for index in range(len(criteria))
    ]
    low = [
        f"{excerpt(criterion)} ({mean:.2f})"
        for criterion, mean in zip(criteria, means, strict=True)
        if mean < min_ - TOLERANCE
    ]
    words = f"below {min_:g}: {'; '.join(low)}" if low else f"each criterion reaches {min_:g}"
    reason = f"{words}; {answers[0].values['reason']}"
    score = sum(means) / len(means)
    return Verdict(not low, score, reason, judge_calls=records_of(answers))


def _question(reply: Reply, criteria: list[str]) -> Question:
    def check(values: Mapping[str, Any]) -> None:
        scores = values["scores"]
        if not isinstance(scores, list) or len(scores) != len(criteria):
            raise MalformedAnswerError(f"its `scores` are not a list of {len(criteria)}")
        for score in scores:
            check_score(score, "scores")

    numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(criteria, start=1))
    return Question(
        "Grade how well it meets each of these criteria, one by one:\n\n" + numbered,
        reply.text,
        {"scores": f"a list of {len(criteria)} numbers from 0 (not at all) to 1 (entirely)"},
        check,
        {},
    )
