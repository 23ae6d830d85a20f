"""Assertions that a model decides: the judge."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.parameters import (
    ArgumentError,
    FilledText,
    ParameterType,
    Share,
    VariantName,
    from_rendered,
)
from harness.assertions.peers import PeerResults, VariantComparison
from harness.assertions.questions import (
    MOST_VOTES,
    Judge,
    JudgeAnswer,
    JudgeError,
    MalformedAnswerError,
    Question,
    check_score,
)
from harness.assertions.registry import AssertionRegistry
from harness.assertions.tools import calls_alike
from harness.model.outcome import Verdict
from harness.model.reply import Reply

judge_assertions = AssertionRegistry()

_SCORE = "a number from 0 (not at all) to 1 (entirely)"
_CATEGORIES = {
    "subset": "the text says less than the reference, and nothing against it",
    "superset": "the text says more than the reference, and nothing against it",
    "equal": "both say the same",
    "disagree": "the text says something against the reference",
    "differ": "they differ in ways that do not matter for what is true",
}


def _read_votes(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)  # rendered
    if isinstance(value, bool) or value not in range(1, MOST_VOTES + 1, 2):
        problem = f"expected an odd number of votes up to {MOST_VOTES}, found {value!r}"
        raise ArgumentError(problem, "write `3`")
    return int(value)


def _read_criteria(value: Any) -> list[str]:
    value = from_rendered(value)
    is_texts = isinstance(value, list) and all(isinstance(each, str) and each for each in value)
    if not is_texts or not value:
        raise ArgumentError(f"expected a list of criteria, found {value!r}", 'write `["…", "…"]`')
    return [str(each) for each in value]


def _read_categories(value: Any) -> list[str]:
    value = from_rendered(value)
    value = value if isinstance(value, list) else [value]
    if not value:
        raise ArgumentError("`accept` is empty", "leave it out, or write `[equal]`")
    for index, each in enumerate(value):
        if each not in _CATEGORIES:
            known = ", ".join(_CATEGORIES)
            raise ArgumentError(f"`{each}` is no category", f"known are {known}", (index,))
    return [str(each) for each in value]


Votes = Annotated[
    int,
    ParameterType(
        {"title": "an odd number up to 9", "type": "integer", "minimum": 1, "maximum": MOST_VOTES},
        _read_votes,
    ),
]
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
Categories = Annotated[
    list[str],
    ParameterType(
        {"title": "a list of categories", "type": "array", "items": {"enum": list(_CATEGORIES)}},
        _read_categories,
    ),
]


@judge_assertions.register("judge")
async def rubric(
    reply: Reply, rubric: FilledText, *, min_: Share = 0.5, votes: Votes = 1, judge: Judge
) -> Verdict:
    """Pass when a judge gives the reply at least `min` points of 1 by a rubric.

    The rubric says in words what a good reply is. With `votes: 3` the judge is asked three times;
    the majority decides, and the score is the mean. An answer of the judge that is no grade is
    asked for once more; after that the verdict is an error, never a pass.
    """
    task = "Grade how well it meets this rubric:\n\n" + rubric
    return await _graded(_scored(task, reply), judge, votes, min_)


@judge_assertions.register("answers")
async def answers(
    reply: Reply, question: FilledText, *, min_: Share = 0.5, votes: Votes = 1, judge: Judge
) -> Verdict:
    """Pass when a judge finds that the reply answers a question.

    Judged is whether it addresses the question, not whether what it says is true. `votes` and
    errors are as for `judge`.
    """
    task = (
        "Grade how directly and completely it answers the question, whether true or not. Beside the"
        " point is 0, and so is a refusal."
    )
    asked = _scored(task, reply, {"The question": question})
    return await _graded(asked, judge, votes, min_)


@judge_assertions.register("faithful_to")
async def faithful_to(
    reply: Reply, context: FilledText, *, min_: Share = 0.8, votes: Votes = 1, judge: Judge
) -> Verdict:
    """Pass when a judge finds that what the reply states is supported by a context.

    The score is about the share of its statements that the context supports. `votes` and errors
    are as for `judge`.
    """
    task = (
        "Take it apart into the statements it makes, and grade which share of them the context"
        " supports. What the context does not say is not supported, however true it may be. A text"
        " that states nothing is 1."
    )
    asked = _scored(task, reply, {"The context": context})
    return await _graded(asked, judge, votes, min_)


@judge_assertions.register("factual", is_negatable=False)
async def factual(
    reply: Reply,
    reference: FilledText,
    *,
    accept: Categories | None = None,
    votes: Votes = 1,
    judge: Judge,
) -> Verdict:
    """Pass when a judge finds that the reply does not contradict a reference.

    The judge says which of five holds: `subset`, `superset`, `equal`, `disagree` or `differ` (in
    ways that do not matter). All but `disagree` pass, or those that `accept` lists. `votes` and
    errors are as for `judge`.

    Source:
        The five-way comparison of the OpenAI evals' `fact` template.
    """
    accepted = accept or [each for each in _CATEGORIES if each != "disagree"]
    told = "; ".join(f'"{name}" if {words}' for name, words in _CATEGORIES.items())

    def check(values: Mapping[str, Any]) -> None:
        if not isinstance(values["category"], str) or values["category"] not in _CATEGORIES:
            raise MalformedAnswerError(f"its `category` is none of {', '.join(_CATEGORIES)}")

    asked = Question(
        "Compare what it states with the reference, leaving style aside.",
        reply.text,
        {"category": told},
        check,
        {"The reference": reference},
    )
    given = await _votes(asked, judge, votes)
    if isinstance(given, Verdict):
        return given
    passes = [answer.values["category"] in accepted for answer in given]
    found = ", ".join(str(answer.values["category"]) for answer in given)
    reason = f"the judge says {found}: {_reasons(given, passes)}"
    verdict = _majority(passes, sum(passes) / len(passes), reason, given)
    return verdict if verdict.passed else replace(verdict, expected=", ".join(accepted))


@judge_assertions.register("criteria", is_negatable=False)
async def criteria(
    reply: Reply, criteria: Criteria, *, min_: Share = 0.5, votes: Votes = 1, judge: Judge
) -> Verdict:
    """Pass when a judge gives the reply at least `min` points of 1 for every one of some criteria.

    They are graded in one call; the score is their mean. With `votes` the mean of each criterion
    decides.
    """

    def check(values: Mapping[str, Any]) -> None:
        scores = values["scores"]
        if not isinstance(scores, list) or len(scores) != len(criteria):
            raise MalformedAnswerError(f"its `scores` are no list of {len(criteria)}")
        for score in scores:
            check_score(score, "scores")

    numbered = "\n".join(f"{number}. {each}" for number, each in enumerate(criteria, start=1))
    asked = Question(
        "Grade how well it meets each of these criteria, one by one:\n\n" + numbered,
        reply.text,
        {"scores": f"a list of {len(criteria)} numbers from 0 (not at all) to 1 (entirely)"},
        check,
        {},
    )
    given = await _votes(asked, judge, votes)
    if isinstance(given, Verdict):
        return given
    means = [
        sum(answer.values["scores"][place] for answer in given) / len(given)
        for place in range(len(criteria))
    ]
    low = [
        f"{excerpt(each)} ({mean:.2f})"
        for each, mean in zip(criteria, means, strict=True)
        if mean < min_ - 1e-9
    ]
    told = f"below {min_:g}: {'; '.join(low)}" if low else f"each reaches {min_:g}"
    reason = f"{told}; {given[0].values['reason']}"
    score = sum(means) / len(means)
    return Verdict(not low, score, reason, asked=_records(given))


@judge_assertions.register("prefer", is_negatable=False, compares=VariantComparison.WITH_NAMED)
async def prefer(
    reply: Reply,
    rubric: FilledText,
    *,
    over: VariantName,
    min_: Share = 1.0,
    votes: Votes = 1,
    judge: Judge,
    peers: PeerResults,
) -> Verdict:
    """Pass when a judge finds the reply better by a rubric than that of another variant.

    The judge sees both replies of the same case and repeat twice, each of them first once. The
    score is 1 if it prefers this one both times, 0 if the other one, and 0.5, a tie, if it prefers
    neither or changes its mind with the order; `min: 0.5` lets a tie pass. On the variant itself
    there is nothing to judge. `votes` (pairs of questions) and errors are as for `judge`.

    Source:
        Asking in both orders, and a tie where they disagree: "Judging LLM-as-a-Judge with MT-Bench
        and Chatbot Arena" (Zheng et al., 2023), section 3.4.
    """
    if peers.own == over:
        return Verdict.left_out("it is the variant that others are compared with")
    compared = peers.reply(over)
    other = compared.text
    if other == reply.text and not peers.is_transformed and not calls_alike(reply, compared):
        return Verdict.errored("the replies differ only in the tools they call: use `calls_tool`")
    if other == reply.text:
        return Verdict(min_ <= _TIE, _TIE, "the replies of both variants are the same, a tie")
    both = await asyncio.gather(
        _votes(_paired(rubric, reply.text, other), judge, votes),
        _votes(_paired(rubric, other, reply.text), judge, votes),
    )
    errors = [each for each in both if isinstance(each, Verdict)]
    if errors:
        asked = [call for each in both for call in _asked(each)]
        return replace(errors[0], asked=tuple(asked))
    first, second = (each for each in both if not isinstance(each, Verdict))
    points = [
        _points(one.values["better"], two.values["better"])
        for one, two in zip(first, second, strict=True)
    ]
    passes = [point >= min_ - 1e-9 for point in points]
    found = ", ".join(_WORDS_FOR_POINTS[point].format(over=over) for point in points)
    reason = f"the judge finds {found}: {_reasons(first, passes)}"
    return _majority(passes, sum(points) / len(points), reason, [*first, *second])


_TIE = 0.5
_WORDS_FOR_POINTS = {
    1.0: "it better than `{over}`",
    _TIE: "it as good as `{over}`",
    0.0: "`{over}` better",
}
_CHOICES = ("first", "second", "tie")


def _paired(rubric: str, first: str, second: str) -> Question:
    def check(values: Mapping[str, Any]) -> None:
        if not isinstance(values["better"], str) or values["better"] not in _CHOICES:
            raise MalformedAnswerError(f"its `better` is none of {', '.join(_CHOICES)}")

    told = '"first", "second", or "tie" if neither is better'
    task = "Say which of them is better by this rubric:\n\n" + rubric
    return Question(task, first, {"better": told}, check, {}, second)


def _points(shown_first: str, shown_second: str) -> float:
    """Return what a text gets that was shown first in one question, and second in the other."""
    if (shown_first, shown_second) == ("first", "second"):
        return 1.0
    return 0.0 if (shown_first, shown_second) == ("second", "first") else _TIE


def _asked(found: Sequence[JudgeAnswer] | Verdict) -> Sequence[Mapping[str, Any]]:
    return found.asked if isinstance(found, Verdict) else _records(found)


def _scored(task: str, reply: Reply, material: Mapping[str, str] | None = None) -> Question:
    def check(values: Mapping[str, Any]) -> None:
        check_score(values["score"])

    return Question(task, reply.text, {"score": _SCORE}, check, material or {})


async def _graded(question: Question, judge: Judge, votes: int, least: float) -> Verdict:
    given = await _votes(question, judge, votes)
    if isinstance(given, Verdict):
        return given
    scores = [float(answer.values["score"]) for answer in given]
    passes = [score >= least - 1e-9 for score in scores]
    found = ", ".join(f"{score:g}" for score in scores)
    reason = f"the judge gives {found}, the least is {least:g}: {_reasons(given, passes)}"
    return _majority(passes, sum(scores) / len(scores), reason, given)


async def _votes(question: Question, judge: Judge, votes: int) -> Sequence[JudgeAnswer] | Verdict:
    """Return the answers to a question, or the verdict that there are none."""
    calls = [judge.answer(question, vote) for vote in range(1, votes + 1)]
    given = await asyncio.gather(*calls, return_exceptions=True)
    answers = [each for each in given if isinstance(each, JudgeAnswer)]
    errors = [each for each in given if isinstance(each, JudgeError)]
    for each in given:
        if isinstance(each, BaseException) and not isinstance(each, JudgeError):
            raise each
    if errors:
        asked = (*_records(answers), *(call for error in errors for call in error.asked))
        return replace(Verdict.errored(f"the judge: {errors[0]}"), asked=asked)
    return answers


def _majority(
    passes: Sequence[bool], score: float, reason: str, given: Sequence[JudgeAnswer]
) -> Verdict:
    passed = sum(passes) > len(passes) / 2
    if len(passes) > 1:
        reason = f"{sum(passes)} of {len(passes)} votes pass; {reason}"
    return Verdict(passed, score, reason, asked=_records(given))


def _reasons(given: Sequence[JudgeAnswer], passes: Sequence[bool]) -> str:
    """Return what the first vote of the winning side says."""
    passed = sum(passes) > len(passes) / 2
    place = list(passes).index(passed)
    return excerpt(str(given[place].values["reason"]))


def _records(given: Sequence[JudgeAnswer]) -> tuple[Mapping[str, Any], ...]:
    return tuple(asked for answer in given for asked in answer.asked)
