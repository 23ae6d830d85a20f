"""The assertion by which a judge model compares the facts of a reply with a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from harness.assertions.judge_votes import Votes, ask, majority, majority_reason
from harness.assertions.parameters import (
    ArgumentError,
    NonEmptyText,
    ParameterType,
    from_rendered,
)
from harness.assertions.questions import Judge, MalformedAnswerError, Question
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

factual_assertions = AssertionRegistry()

# these words are the judge's prompt, and replies on record are found by it
_CATEGORIES = {
    "subset": "the text says less than the reference, and nothing against it",
    "superset": "the text says more than the reference, and nothing against it",
    "equal": "both say the same",
    "disagree": "the text says something against the reference",
    "differ": "they differ in ways that do not matter for what is true",
}


def _read_categories(value: Any) -> list[str]:
    value = from_rendered(value)
    value = value if isinstance(value, list) else [value]
    if not value:
        raise ArgumentError("`accept` is empty", "remove it, or write `[equal]`")
    for index, category in enumerate(value):
        if category not in _CATEGORIES:
            fix = f"use one of {', '.join(_CATEGORIES)}"
            raise ArgumentError(f"unknown category `{category}`", fix, (index,))
    return [str(category) for category in value]


Categories = Annotated[
    list[str],
    ParameterType(
        {"title": "a list of categories", "type": "array", "items": {"enum": list(_CATEGORIES)}},
        _read_categories,
    ),
]


@factual_assertions.register("factual", is_negatable=False)
async def factual(
    reply: Reply,
    reference: NonEmptyText,
    *,
    accept: Categories | None = None,
    votes: Votes = 1,
    judge: Judge,
) -> Verdict:
    """Pass when a judge model finds that the reply does not contradict a reference.

    The judge chooses one of five categories: `subset`, `superset`, `equal`, `disagree` or `differ`
    (in ways that do not matter). All but `disagree` pass, or only those in `accept`. `votes` and
    errors are as for `judge`.

    Source:
        The five-way comparison of the OpenAI evals' `fact` template.
    """
    accepted = accept or [category for category in _CATEGORIES if category != "disagree"]
    answers = await ask(_question(reply, reference), judge, votes)
    if isinstance(answers, Verdict):
        return answers
    passes = [answer.values["category"] in accepted for answer in answers]
    listed = ", ".join(str(answer.values["category"]) for answer in answers)
    reason = f"the judge says {listed}: {majority_reason(answers, passes)}"
    verdict = majority(passes, sum(passes) / len(passes), reason, answers)
    return verdict if verdict.passed else replace(verdict, expected=", ".join(accepted))


def _question(reply: Reply, reference: str) -> Question:
    def check(values: Mapping[str, Any]) -> None:
        if not isinstance(values["category"], str) or values["category"] not in _CATEGORIES:
            raise MalformedAnswerError(f"its `category` is not one of {', '.join(_CATEGORIES)}")

    return Question(
        "Compare what it states with the reference, leaving style aside.",
        reply.text,
        {"category": "; ".join(f'"{name}" if {words}' for name, words in _CATEGORIES.items())},
        check,
        {"The reference": reference},
    )
