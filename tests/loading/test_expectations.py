from __future__ import annotations

import pytest

from harness.assertions.builtin import builtin_assertions
from harness.errors import SuiteError
from harness.loading.expectations import ExpectationReader
from harness.loading.nodes import data_of
from harness.model.suite import Expectation
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions
from harness.rendering.templates import Templates
from tests.support.sources import node_of

READER = ExpectationReader(
    builtin_assertions(Expressions(TemplateEnvironment)), Templates(TemplateEnvironment)
)


def read(text: str) -> tuple[tuple[Expectation, ...], list[SuiteError]]:
    node, problems = node_of(text), list[SuiteError]()
    return READER.read(node, data_of(node), problems), problems


def test_an_expectation_has_its_argument_options_and_modifiers() -> None:
    (one,), problems = read(
        "- not_contains: sorry\n  ignore_case: true\n  weight: 2\n  name: n\n  metric: m\n"
        "  severity: warn\n"
    )

    assert problems == []
    assert (one.assertion, one.key, one.argument) == ("contains", "not_contains", "sorry")
    assert one.options == {"ignore_case": True}
    assert (one.weight, one.name, one.metric, one.is_warning) == (2.0, "n", "m", True)
    assert str(one.span) == "t.yaml:1:3"


def test_nested_expectations_are_read_too() -> None:
    (one,), problems = read("- any_of: [{contains: a}, {all_of: [{equals: b}]}]\n")

    assert problems == []
    assert [nested.key for nested in one.nested] == ["contains", "all_of"]
    assert one.nested[1].nested[0].argument == "b"


def test_an_argument_that_is_a_template_is_not_read_yet() -> None:
    (one,), problems = read("- max_latency: '{{ limit }}'\n")

    assert (one.argument, problems) == ("{{ limit }}", [])


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("- matches: 'a(b'\n", "1:14", "not a regular expression"),
        ("- equals: x\n  transform: output |\n", "2:14", "not an expression"),
        ("- all_of: [{contains: x, metric: m}]\n", "1:13", "`metric` inside `all_of`"),
        (
            "- json_path: $.a\n  assert: [{same_as: v}]\n",
            "2:13",
            "`same_as` compares whole replies, but `json_path` judges parts",
        ),
    ],
)
def test_a_wrong_expectation_is_reported_and_the_others_are_read(
    text: str, position: str, words: str
) -> None:
    expectations, (problem,) = read(f"{text}- contains: fine\n")

    assert str(problem.span) == f"t.yaml:{position}"
    assert words in problem.problem
    assert expectations[-1].argument == "fine"
