"""The assertion by which a judge model compares the facts of a reply with a reference."""

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
    ("options", "categories", "passed", "score", "words"),
    [
        ({}, ["equal"], True, 1, "the judge says equal: reason 1"),
        ({}, ["subset"], True, 1, ""),
        ({}, ["superset"], True, 1, ""),
        ({}, ["differ"], True, 1, ""),
        ({}, ["disagree"], False, 0, "says disagree"),
        ({"accept": ["equal"]}, ["subset"], False, 0, ""),
        ({"accept": ["disagree"]}, ["disagree"], True, 1, ""),
        ({"votes": 3}, ["equal", "disagree", "differ"], True, 2 / 3, "2 of 3 votes pass"),
        ({"votes": 3}, ["equal", "disagree", "disagree"], False, 1 / 3, "reason 2"),
    ],
)
def test_all_categories_pass_but_disagreement_or_those_that_are_accepted(
    options: dict[str, Any], categories: list[str], passed: bool, score: float, words: str
) -> None:
    judge = Scripted([{"category": category} for category in categories])

    verdict = judged_by(judge, {"factual": "It is so.", **options})

    assert verdict.passed is passed, verdict.reason
    assert verdict.score == pytest.approx(score)
    assert words in verdict.reason
    assert len(verdict.judge_calls) == len(categories)


def test_a_failure_shows_which_categories_are_accepted() -> None:
    judge = Scripted([{"category": "subset"}])

    verdict = judged_by(judge, {"factual": "x", "accept": ["equal", "differ"]})

    assert verdict.expected == "equal, differ"


@pytest.mark.parametrize("category", ["same", "", None, 1, ["equal"], {"equal": 1}])
def test_an_answer_needs_one_of_the_five_categories(category: Any) -> None:
    judge = Scripted([{"category": "equal"}])
    judged_by(judge, {"factual": "x"})
    (question,) = judge.questions

    with pytest.raises(MalformedAnswerError, match="`category` is not one of subset, superset"):
        question.check({"category": category})


def test_an_unknown_category_is_refused_at_its_index() -> None:
    expectation = Expectation("factual", "x", HERE, options={"accept": ["equal", "same"]})

    with pytest.raises(ArgumentError) as caught:
        REGISTRY.read(expectation)

    assert caught.value.problem == "`accept`: unknown category `same`"
    assert caught.value.fix == "use one of subset, superset, equal, disagree, differ"
    assert caught.value.path == ("accept", 1)
