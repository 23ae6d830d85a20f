"""Votes of a judge: asking a question several times, and what the majority says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.parameters import ArgumentError, ParameterType
from harness.assertions.questions import MOST_VOTES, Judge, JudgeAnswer, JudgeError, Question
from harness.model.outcome import Verdict

TOLERANCE = 1e-9  # scores are means of floats


def _read_votes(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)  # a template rendered it
    # odd, so that there is a majority
    if isinstance(value, bool) or value not in range(1, MOST_VOTES + 1, 2):
        problem = f"expected an odd number of votes up to {MOST_VOTES}, found {value!r}"
        raise ArgumentError(problem, "write `3`")
    return int(value)


Votes = Annotated[
    int,
    ParameterType(
        {"title": "an odd number up to 9", "type": "integer", "minimum": 1, "maximum": MOST_VOTES},
        _read_votes,
    ),
]


async def ask(question: Question, judge: Judge, votes: int) -> Sequence[JudgeAnswer] | Verdict:
    """Return the answers to a question, or an errored verdict if one is missing."""
    calls = [judge.answer(question, vote) for vote in range(1, votes + 1)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    answers = [result for result in results if isinstance(result, JudgeAnswer)]
    errors = [result for result in results if isinstance(result, JudgeError)]
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, JudgeError):
            raise result
    if errors:
        # what was answered has been paid for, so it stays on record
        records = (*records_of(answers), *(call for error in errors for call in error.calls))
        return replace(Verdict.errored(f"the judge: {errors[0]}"), judge_calls=records)
    return answers


def majority(
    passes: Sequence[bool], score: float, reason: str, answers: Sequence[JudgeAnswer]
) -> Verdict:
    """Return the verdict of a majority of votes.

    Args:
        passes: Whether each vote passes.
        score: The score of all votes together.
        reason: The reason, to which the number of votes is added if there are several.
        answers: All answers, for the record.
    """
    passed = _is_majority(passes)
    if len(passes) > 1:
        reason = f"{sum(passes)} of {len(passes)} votes pass; {reason}"
    return Verdict(passed, score, reason, judge_calls=records_of(answers))


def majority_reason(answers: Sequence[JudgeAnswer], passes: Sequence[bool]) -> str:
    """Return the reason of the first answer that agrees with the majority."""
    index = list(passes).index(_is_majority(passes))
    return excerpt(str(answers[index].values["reason"]))


def records_of(answers: Sequence[JudgeAnswer]) -> tuple[Mapping[str, Any], ...]:
    """Return the records of all calls behind some answers."""
    return tuple(call for answer in answers for call in answer.calls)


def _is_majority(passes: Sequence[bool]) -> bool:
    return sum(passes) > len(passes) / 2
