"""Judging by expectations: negation, errors, transforms, and nested ones that are awaited."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.questions import JudgeError
from harness.assertions.registry import AssertionRegistry
from harness.errors import StoreError
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation
from tests.assertions.judges import Scripted, judged_by
from tests.assertions.vectors import REGISTRY, calling, judged, read
from tests.support.replies import reply
from tests.support.trials import HERE


@pytest.mark.parametrize("is_negated", [False, True])
def test_an_assertion_that_raises_is_an_error_with_its_traceback_and_not_a_pass(
    is_negated: bool,
) -> None:
    registry = AssertionRegistry()

    @registry.register("broken")
    def broken(reply: Reply, text: str) -> Verdict:
        raise KeyError(text)

    expectation = Expectation("broken", "boom", HERE, is_negated=is_negated)

    verdict = Evaluator(registry).judge(expectation, reply("x"), EvaluationContext())

    assert verdict.is_error
    assert not verdict.passed
    assert verdict.reason == "the assertion raised KeyError: 'boom'"
    assert "raise KeyError(text)" in str(verdict.traceback)


def test_an_async_assertion_that_raises_is_an_error_as_well() -> None:
    verdict = judged_by(Scripted([ZeroDivisionError("bug")]), {"not_judge": "x"})

    assert verdict.is_error
    assert not verdict.passed
    assert verdict.reason == "the assertion raised ZeroDivisionError: bug"


def test_an_answer_that_cannot_be_recorded_is_raised() -> None:
    with pytest.raises(StoreError):
        judged_by(Scripted([StoreError("disk full")]), {"judge": "x"})


def test_negation_inverts_the_score_and_shows_nothing_expected() -> None:
    verdict = judged({"not_contains": "a"}, "abc")

    assert (verdict.passed, verdict.score, verdict.expected) == (False, 0.0, None)
    assert judged({"not_contains_all": ["a", "z"]}, "abc").score == 1


def test_variables_are_passed_to_assertions_that_take_them() -> None:
    registry = AssertionRegistry()

    @registry.register("named")
    def named(reply: Reply, text: str, *, variables: Any) -> Verdict:
        return Verdict.passing(f"{variables[text]}")

    context = EvaluationContext({"who": "Ada"})

    assert (
        Evaluator(registry).judge(Expectation("named", "who", HERE), reply(""), context).reason
        == "Ada"
    )


def test_without_a_judge_the_verdict_says_what_to_set() -> None:
    verdict = judged_by(None, {"judge": "x"})

    assert verdict.is_error
    assert verdict.reason == (
        "this assertion needs a judge model, but none is configured: set `judge` in the settings"
    )


def test_what_has_to_be_awaited_is_an_error_where_that_is_not_possible() -> None:
    expectation = read({"all_of": [{"judge": "x"}]})

    verdict = Evaluator(REGISTRY).judge(expectation, reply("Hi"), EvaluationContext())

    assert verdict.is_error
    assert "has to be awaited" in verdict.reason


def test_the_judge_sees_the_transformed_output() -> None:
    judge = Scripted([{"score": 1}])

    judged_by(judge, {"judge": "x", "transform": "output | upper"}, "quiet")

    assert judge.questions[0].output == "QUIET"


@pytest.mark.parametrize(("score", "passed"), [(1, True), (0, False)])
def test_a_judge_inside_a_composition_is_asked_and_kept_on_record(
    score: float, passed: bool
) -> None:
    item = {"any_of": [{"contains": "zzz"}, {"judge": "x"}]}

    verdict = judged_by(Scripted([{"score": score}]), item)

    assert verdict.passed is passed
    assert len(verdict.judge_calls) == 1


@pytest.mark.parametrize(
    ("item", "asked"),
    [
        ({"any_of": [{"contains": "H"}, {"judge": "x"}]}, 0),
        ({"any_of": [{"judge": "x"}, {"contains": "H"}]}, 0),
        ({"any_of": [{"contains": "z"}, {"judge": "x"}]}, 1),
        ({"any_of": [{"contains_all": ["H", "z"]}, {"judge": "x"}]}, 1),
        ({"any_of": [{"contains_all": ["H", "z"]}, {"judge": "x"}], "threshold": 0.3}, 1),
        ({"all_of": [{"contains": "H"}, {"judge": "x"}]}, 1),
        ({"all_of": [{"contains": "z"}, {"judge": "x"}]}, 1),  # it counts in the score
        ({"none_of": [{"contains": "z"}, {"judge": "x"}]}, 1),
    ],
)
def test_a_judge_is_asked_only_where_that_can_change_the_verdict(
    item: dict[str, Any], asked: int
) -> None:
    judge = Scripted([{"score": 0.25}])

    verdict = judged_by(judge, item)

    assert len(judge.questions) == asked
    assert not verdict.is_error


def test_an_expectation_nested_twice_is_asked_once_for_each_text() -> None:
    judge = Scripted([{"score": 1}])
    item = {"json_path": "$.names[*]", "assert": [{"all_of": [{"judge": "x"}]}]}

    verdict = judged_by(judge, item, '{"names": ["lamp", "desk", "lamp"]}')

    assert verdict.passed, verdict.reason
    assert [question.output for question in judge.questions] == ["lamp", "desk"]
    assert len(verdict.judge_calls) == 2


def test_many_parts_are_judged_in_one_round() -> None:
    judge = Scripted([{"score": 1}])
    item = {"json_path": "$[*]", "assert": [{"judge": "x"}]}

    verdict = judged_by(judge, item, str(list(range(30))))

    assert verdict.passed, verdict.reason
    assert len(judge.questions) == 30


@pytest.mark.parametrize(("score", "passed"), [(1, True), (0, False)])
def test_a_judge_inside_a_tool_call_judges_its_arguments(score: float, passed: bool) -> None:
    judge = Scripted([{"score": score}])
    item = {"calls_tool": "weather", "assert": [{"judge": "x"}]}

    verdict = judged_by(judge, item, calling(("weather", {"city": "Oslo"})))

    assert verdict.passed is passed
    assert [question.output for question in judge.questions] == ['{"city": "Oslo"}']


def test_a_nested_judge_without_an_answer_makes_the_whole_an_error() -> None:
    verdict = judged_by(Scripted([JudgeError("no")]), {"all_of": [{"judge": "x"}]})

    assert verdict.is_error
    assert verdict.reason == "judge: the judge: no"


@pytest.mark.parametrize("name", ["all_of", "any_of", "none_of"])
def test_a_judge_without_an_answer_changes_nothing_that_the_others_decide(name: str) -> None:
    other = {"all_of": "z", "any_of": "H", "none_of": "H"}[name]
    item = {name: [{"judge": "x"}, {"contains": other}]}

    verdict = judged_by(Scripted([JudgeError("no")]), item)

    assert not verdict.is_error
    assert verdict.passed is (name == "any_of")


def test_a_score_that_a_missing_answer_could_change_is_a_range() -> None:
    item = {"all_of": [{"contains": "z"}, {"judge": "x", "weight": 3}]}

    verdict = judged_by(Scripted([JudgeError("no")]), item)

    assert (verdict.passed, verdict.score, verdict.score_range) == (False, 0.0, (0.0, 0.75))
    assert "1 could not be judged: judge: the judge: no" in verdict.reason


def test_the_metrics_of_awaited_verdicts_are_kept() -> None:
    registry = AssertionRegistry()
    registry.include(REGISTRY)

    @registry.register("measured")
    async def measured(reply: Reply, text: str) -> Verdict:
        return Verdict(passed=True, score=1.0, reason=text, metrics={"n": 3.0})

    nested = (Expectation("measured", "x", HERE),)
    expectation = Expectation("all_of", None, HERE, nested=nested)

    verdict = asyncio.run(
        Evaluator(registry).judge_async(expectation, reply("Hi"), EvaluationContext())
    )

    assert verdict.metrics == {"n": 3.0}
