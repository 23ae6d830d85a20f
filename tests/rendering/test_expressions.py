from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.expressions_api import ContentError, ExpressionError
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions

EXPRESSIONS = Expressions(TemplateEnvironment)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 1", 2),
        ("x", "y"),
        ("data.items", 5),
        ("[1, 2, 3] | select('gt', 1)", [2, 3]),
        ("[] | select", []),
        ("missing | default('d')", "d"),
        ("none", None),
    ],
)
def test_an_expression_has_a_value(expression: str, value: object) -> None:
    assert EXPRESSIONS.evaluate(expression, {"x": "y", "data": {"items": 5}}) == value


@pytest.mark.parametrize(
    ("expression", "offset", "words"),
    [
        ("output >", 0, "not an expression: unexpected 'end of template'"),
        ("x | frist", 4, "not an expression: No filter named 'frist'"),
        ("x is odder", 5, "not an expression: No test named 'odder'"),
        ("(" * 5000, 0, "nested too deeply"),
    ],
)
def test_a_text_that_is_not_an_expression_is_refused(
    expression: str, offset: int, words: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        EXPRESSIONS.check(expression)

    assert words in caught.value.problem
    assert caught.value.offset == offset
    assert caught.value.fix


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("missing", "'missing' is undefined"),
        ("x.missing", "has no attribute 'missing'"),
        ("x.strip", "TypeError: `strip` is a method: write `strip()` to call it"),
        ("1 / 0", "ZeroDivisionError"),
        ("'a' * 1000000000", "SecurityError"),
        ("''.__class__", "unsafe"),
    ],
)
def test_an_expression_without_a_value_is_an_error(expression: str, words: str) -> None:
    scope: dict[str, Any] = {"x": "y"}

    with pytest.raises(ExpressionError) as caught:
        EXPRESSIONS.evaluate(expression, scope)

    assert words in caught.value.problem


@pytest.mark.parametrize(
    ("expression", "is_content"),
    [
        ("(output | from_json).colour", True),
        ("output | fenced", True),
        ("[{'a': output}] | map(attribute='b')", False),
        ("output.colour", False),
        ("missing == output", False),
        ("output.strip", False),
        ("output * 100000000", False),
        ("(output | from_json).__class__", False),
    ],
)
def test_an_error_says_whether_the_content_of_the_reply_is_to_blame(
    expression: str, is_content: bool
) -> None:
    with pytest.raises(ExpressionError) as caught:
        EXPRESSIONS.evaluate(expression, {"output": "{}"})

    assert isinstance(caught.value, ContentError) is is_content


def test_a_list_that_lacks_something_has_no_value() -> None:
    with pytest.raises(ExpressionError, match="no attribute 'a'"):
        EXPRESSIONS.evaluate("x | map(attribute='a') | list", {"x": [{"a": 1}, {}]})


def test_the_names_of_an_expression_are_those_of_the_scope() -> None:
    assert EXPRESSIONS.names("output == 'x' and latency < 1") == {"output", "latency"}


def test_the_environment_is_made_for_the_first_expression() -> None:
    made: list[str] = []

    def environment() -> TemplateEnvironment:
        made.append("one")
        return TemplateEnvironment()

    expressions = Expressions(environment)

    assert made == []
    expressions.check("1")
    assert made == ["one"]
