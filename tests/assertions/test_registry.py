from __future__ import annotations

from pathlib import Path

import pytest

from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.expectation_schema import expectation_schema
from harness.assertions.registry import AssertionRegistry
from harness.errors import DefinitionError
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation
from harness.source import Span
from tests.support.replies import reply

HERE = Span(Path("t.suite.yaml"), 1, 1)


def test_a_signature_becomes_a_schema() -> None:
    registry = AssertionRegistry()

    @registry.register("longer_than")
    def longer_than(reply: Reply, length: int, *, ignore_space: bool = False) -> Verdict:
        """Pass when the reply is longer."""
        return Verdict.passing()

    schema = expectation_schema(registry)

    assert schema["properties"]["longer_than"]["description"] == "Pass when the reply is longer."
    assert schema["properties"]["longer_than"]["anyOf"][0]["type"] == "integer"
    assert schema["dependentSchemas"]["not_longer_than"]["propertyNames"]["enum"][:2] == [
        "not_longer_than",
        "ignore_space",
    ]


def test_a_name_taken_twice_names_both_places() -> None:
    registry = AssertionRegistry()

    @registry.register("same")
    def first(reply: Reply, text: str) -> Verdict:
        return Verdict.passing()

    with pytest.raises(DefinitionError, match=r"first and .*second"):

        @registry.register("same")
        def second(reply: Reply, text: str) -> Verdict:
            return Verdict.passing()


def test_an_argument_of_a_strange_type_is_a_wrong_definition() -> None:
    with pytest.raises(DefinitionError, match="cannot be annotated"):

        @AssertionRegistry().register("odd")
        def odd(reply: Reply, argument: complex) -> Verdict:
            return Verdict.passing()


def test_an_assertion_that_raises_is_an_error_with_its_traceback_and_not_a_pass() -> None:
    registry = AssertionRegistry()

    @registry.register("broken")
    def broken(reply: Reply, text: str) -> Verdict:
        raise KeyError(text)

    for is_negated in (False, True):
        expectation = Expectation("broken", "boom", HERE, is_negated=is_negated)

        verdict = Evaluator(registry).judge(expectation, reply("x"), EvaluationContext())

        assert verdict.is_error
        assert not verdict.passed
        assert verdict.reason == "the assertion raised KeyError: 'boom'"
        assert "raise KeyError(text)" in str(verdict.traceback)
