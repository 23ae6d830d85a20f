"""The assertion by which a judge model grades a reply by several criteria at once."""

from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.parameters import ArgumentError
from harness.assertions.questions import MalformedAnswerError
from harness.model.suite import Expectation
from tests.assertions.judges import Scripted, judged_by
from tests.assertions.vectors import REGISTRY
from tests.support.trials import HERE


@pytest.mark.parametrize(
    ("options", "votes", "passed", "score", "words"),
    [
        ({}, [[1, 0.5]], True, 0.75, "each criterion reaches 0.5; reason 1"),
        ({}, [[1, 0.4]], False, 0.7, "below 0.5: b (0.40)"),
        ({"min": 0.3}, [[1, 0.3]], True, 0.65, "each criterion reaches 0.3"),
        ({"votes": 3}, [[1, 0], [1, 1], [1, 1]], True, 5 / 6, ""),
        ({"votes": 3}, [[1, 0], [1, 0], [1, 1]], False, 4 / 6, "b (0.33)"),
    ],
)
def test_every_criterion_must_reach_the_minimum_on_average(
    options: dict[str, Any], votes: list[list[float]], passed: bool, score: float, words: str
) -> None:
    judge = Scripted([{"scores": scores} for scores in votes])

    verdict = judged_by(judge, {"criteria": ["a", "b"], **options})

    assert verdict.passed is passed, verdict.reason
    assert verdict.score == pytest.approx(score)
    assert words in verdict.reason
    assert len(verdict.judge_calls) == len(votes)


@pytest.mark.parametrize("scores", [1, [1], [1, 1, 1], [1, 2], [1, "1"], [1, True], None])
def test_an_answer_needs_a_valid_score_for_each_criterion(scores: Any) -> None:
    judge = Scripted([{"scores": [1, 1]}])
    judged_by(judge, {"criteria": ["a", "b"]})
    (question,) = judge.questions

    with pytest.raises(MalformedAnswerError, match="`scores`"):
        question.check({"scores": scores})


@pytest.mark.parametrize("argument", [[], "x", [""], [1], {"a": 1}])
def test_criteria_must_be_a_list_of_texts(argument: Any) -> None:
    with pytest.raises(ArgumentError, match="expected a list of criteria"):
        REGISTRY.read(Expectation("criteria", argument, HERE))


def test_criteria_may_come_from_a_template() -> None:
    expectation = REGISTRY.read(Expectation("criteria", '["a", "b"]', HERE))

    assert expectation.argument == ["a", "b"]
