"""Votes of a judge."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harness.assertions.judge_votes import (
    Votes,
    ask,
    majority,
    majority_reason,
    records_of,
)
from harness.assertions.parameters import ArgumentError, parameter_type
from harness.assertions.questions import JudgeAnswer, JudgeError, Question, check_score
from harness.model.outcome import Verdict
from tests.assertions.judges import Scripted, judged_by


def question() -> Question:
    def check(values: Any) -> None:
        check_score(values["score"])

    return Question("Grade it.", "Hello", {"score": "a number"}, check, {})


def answer(reason: str) -> JudgeAnswer:
    return JudgeAnswer({"reason": reason}, [{"answer": reason}])


def test_a_question_is_asked_once_for_each_vote_in_their_order() -> None:
    judge = Scripted([{"score": 1}, {"score": 0}, {"score": 0.5}])

    answers = asyncio.run(ask(question(), judge, 3))

    assert not isinstance(answers, Verdict)
    assert [answer.values["score"] for answer in answers] == [1, 0, 0.5]
    assert len(judge.questions) == 3


def test_one_vote_without_an_answer_makes_all_an_error_that_keeps_every_record() -> None:
    judge = Scripted([{"score": 1}, JudgeError("no", [{"answer": "?"}]), {"score": 1}])

    verdict = asyncio.run(ask(question(), judge, 3))

    assert isinstance(verdict, Verdict)
    assert verdict.is_error
    assert verdict.reason == "the judge: no"
    assert [call["answer"] for call in verdict.judge_calls] == [1, 3, "?"]


def test_what_is_not_a_judge_error_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(ask(question(), Scripted([ZeroDivisionError()]), 1))


@pytest.mark.parametrize("key", ["judge", "not_judge", "answers", "faithful_to", "factual"])
def test_no_answer_is_an_error_and_never_a_pass(key: str) -> None:
    verdict = judged_by(Scripted([JudgeError("it did not answer")]), {key: "x"})

    assert verdict.is_error
    assert not verdict.passed
    assert "the judge: it did not answer" in verdict.reason


@pytest.mark.parametrize(
    ("passes", "passed", "reason"),
    [
        ([True], True, "because"),
        ([False], False, "because"),
        ([True, False, True], True, "2 of 3 votes pass; because"),
        ([True, False, False], False, "1 of 3 votes pass; because"),
    ],
)
def test_more_than_half_of_the_votes_decide(passes: list[bool], passed: bool, reason: str) -> None:
    verdict = majority(passes, 0.3, "because", [answer("a")])

    assert (verdict.passed, verdict.score, verdict.reason) == (passed, 0.3, reason)
    assert verdict.judge_calls == ({"answer": "a"},)


def test_the_reason_is_that_of_the_first_vote_with_the_majority() -> None:
    answers = [answer("bad"), answer("good"), answer("better")]

    assert majority_reason(answers, [False, True, True]) == "good"
    assert majority_reason(answers, [False, False, True]) == "bad"


def test_the_records_are_those_of_all_answers() -> None:
    assert records_of([answer("a"), answer("b")]) == ({"answer": "a"}, {"answer": "b"})


@pytest.mark.parametrize(("value", "votes"), [(1, 1), (9, 9), ("3", 3)])
def test_an_odd_number_of_votes_up_to_nine_is_read(value: Any, votes: int) -> None:
    assert parameter_type(Votes).read(value) == votes


@pytest.mark.parametrize("value", [0, 2, 11, -1, True, "many", 1.5, None])
def test_other_numbers_of_votes_are_refused(value: Any) -> None:
    with pytest.raises(ArgumentError, match="expected an odd number of votes up to 9"):
        parameter_type(Votes).read(value)
