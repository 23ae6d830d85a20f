"""The assertion `python`, with functions that are called in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.assertions.code import CodeError, DisabledFunctions, FunctionRunner, code_assertions
from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.parameters import ArgumentError
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.suite import Expectation
from tests.support.replies import reply
from tests.support.trials import HERE


class Runner:
    """Calls one function, whatever the suite names."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def check(self, written: str) -> None:
        if written.startswith("missing"):
            raise ArgumentError(f"there is no {written}", "create it")

    async def call(
        self, _written: str, output: str, context: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> Any:
        return self._function(output, context, **arguments)


def judged(runner: FunctionRunner, **options: Any) -> Verdict:
    registry = AssertionRegistry()
    registry.include(code_assertions(runner))
    expectation = registry.read(Expectation("python", "checks.py:grade", HERE, options=options))
    context = EvaluationContext({"who": "Ada"})
    return asyncio.run(Evaluator(registry).judge_async(expectation, reply("Hello"), context))


@pytest.mark.parametrize(
    ("result", "options", "passed", "score", "reason"),
    [
        (True, {}, True, 1, "grade says yes"),
        (False, {}, False, 0, "grade says no"),
        (0.5, {}, True, 0.5, "grade gives 0.5, the minimum is 0.5"),
        (0.4, {}, False, 0.4, "grade gives 0.4, the minimum is 0.5"),
        (0.4, {"min": 0.3}, True, 0.4, "grade gives 0.4, the minimum is 0.3"),
        (0.1 + 0.2, {"min": 0.3}, True, 0.3, "grade gives 0.3, the minimum is 0.3"),
        (1, {}, True, 1, "grade gives 1, the minimum is 0.5"),
        ({"passed": True}, {}, True, 1, "grade says yes"),
        ({"score": 0.2}, {}, False, 0.2, "grade says no"),
        ({"passed": True, "score": 0.2}, {}, True, 0.2, "grade says yes"),
        ({"passed": False, "reason": "rude"}, {}, False, 0, "rude"),
    ],
)
def test_what_a_function_returns_becomes_the_verdict(
    result: Any, options: dict[str, Any], passed: bool, score: float, reason: str
) -> None:
    verdict = judged(Runner(lambda _output, _context: result), **options)

    assert verdict.passed is passed
    assert verdict.score == pytest.approx(score)
    assert verdict.reason == reason


def test_metrics_are_kept_under_names_of_one_line() -> None:
    verdict = judged(Runner(lambda _output, _context: {"passed": True, "metrics": {"a\n b": 3}}))

    assert verdict.metrics == {"a b": 3.0}


@pytest.mark.parametrize("passed", ["pass", "pass_"])
@pytest.mark.parametrize("metrics", ["namedScores", "named_scores"])
def test_the_names_of_graders_for_promptfoo_are_understood(passed: str, metrics: str) -> None:
    result = {passed: False, "score": 0.9, "reason": "no", metrics: {"a": 1}}
    verdict = judged(Runner(lambda _output, _context: result))

    assert (verdict.passed, verdict.score, verdict.reason) == (False, 0.9, "no")
    assert verdict.metrics == {"a": 1.0}


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, "it returned None, which is not a verdict"),
        ("true", "it returned 'true', which is not a verdict"),
        (7, "the score is 7, expected a number from 0 to 1"),
        (-0.1, "the score is -0.1, expected a number from 0 to 1"),
        (float("nan"), "the score is nan, expected a number from 0 to 1"),
        ({}, "it returned a mapping without `passed` and `score`"),
        ({"ok": True}, "it returned a mapping with unknown keys ok"),
        ({"pass": True, "passed": False}, "it returned both `passed` and `pass`"),
        ({"passed": "yes"}, "`passed` is 'yes', expected true or false"),
        ({"passed": True, "score": True}, "the score is True, expected a number from 0 to 1"),
        ({"passed": True, "metrics": {"n": "x"}}, "`metrics` is {'n': 'x'}, expected a mapping"),
        ({"passed": True, "metrics": {"n": float("inf")}}, "`metrics` is {'n': inf}"),
        ({"passed": True, "metrics": {"n": 10**400}}, "expected a mapping of numbers"),
        ({"passed": True, "metrics": [1]}, "`metrics` is [1], expected a mapping of numbers"),
    ],
)
def test_any_other_result_is_an_error(result: Any, words: str) -> None:
    verdict = judged(Runner(lambda _output, _context: result))

    assert verdict.is_error
    assert verdict.reason.startswith("checks.py:grade: ")
    assert words in verdict.reason


def test_a_function_receives_output_context_and_arguments() -> None:
    received: list[Any] = []

    def grade(*arguments: Any, **named: Any) -> bool:
        received.extend([*arguments, named])
        return True

    judged(Runner(grade), arguments={"least": 3})

    output, context, named = received
    assert (output, named) == ("Hello", {"least": 3})
    assert context["vars"] == {"who": "Ada"}
    assert sorted(context) == [
        "content", "cost", "latency", "model", "stop_reason", "ttft", "usage", "vars",
    ]  # fmt: skip


def test_a_function_that_raises_is_an_error_with_its_own_traceback() -> None:
    def grade(_output: str, _context: Any) -> bool:
        raise CodeError("it raised ValueError: no luck", "Traceback: …")

    verdict = judged(Runner(grade))

    assert verdict.is_error
    assert (verdict.reason, verdict.traceback) == (
        "checks.py:grade: it raised ValueError: no luck", "Traceback: …",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "options", "words"),
    [
        ("grade", {}, "expected a file and a function, found 'grade'"),
        ("checks.py:1", {}, "expected a file and a function"),
        (5, {}, "expected a file and a function, found 5"),
        ("missing.py:grade", {}, "there is no missing.py:grade"),
        ("a.py:b", {"arguments": [1]}, "`arguments`: expected a mapping of names, found [1]"),
        ("a.py:b", {"arguments": {"a b": 1}}, "expected a mapping of names"),
    ],
)
def test_an_argument_that_names_no_function_is_refused(
    written: Any, options: dict[str, Any], words: str
) -> None:
    registry = AssertionRegistry()
    registry.include(code_assertions(Runner(lambda _output, _context: True)))

    with pytest.raises(ArgumentError) as caught:
        registry.read(Expectation("python", written, HERE, options=options))

    assert words in caught.value.problem


def test_functions_that_are_not_allowed_are_looked_for_and_never_called() -> None:
    checked: list[str] = []

    verdict = judged(DisabledFunctions(checked.append))

    assert checked == ["checks.py:grade"]
    assert verdict.traceback is not None
    assert "is not allowed to run" in verdict.reason
    with pytest.raises(CodeError, match="not allowed"):
        asyncio.run(DisabledFunctions().call("a.py:b", "x", {}, {}))
