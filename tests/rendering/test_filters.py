from __future__ import annotations

from typing import Any

import pytest
from jinja2.exceptions import SecurityError

from harness.rendering.environment import TemplateEnvironment

ENVIRONMENT = TemplateEnvironment()
FENCED = "Text\n```sql\nSELECT 1;\n```\n~~~~ Python\na\n~~~\nb\n~~~~\n"


def value_of(expression: str, **variables: Any) -> Any:
    return ENVIRONMENT.compile_expression(expression)(**variables)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("text | fenced", "SELECT 1;\n"),
        ("text | fenced('SQL')", "SELECT 1;\n"),
        ("text | fenced('python')", "a\n~~~\nb\n"),
        ("'<a>x</a><a>y</a>' | between('<a>', '</a>')", "x"),
        ("'{\"a\": [1]}' | from_json", {"a": [1]}),
        ("' x ' | strip", "x"),
        ("'x' | center(5)", "  x  "),
        ("{'a': '<é>'} | tojson", '{"a": "<é>"}'),
        ("[1, 2] | tojson(1)", "[\n 1,\n 2\n]"),
    ],
)
def test_a_filter_extracts_its_part(expression: str, value: object) -> None:
    assert value_of(expression, text=FENCED) == value


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("text | fenced('go')", "no fenced block of go found"),
        ("'```\\nnever closed' | fenced", "no fenced block found"),
        ("'x' | between('<a>', '</a>')", "between: '<a>' not found"),
        ("'<a>x' | between('<a>', '</a>')", "between: '</a>' not found"),
        ("'x' | from_json", "from_json: not JSON"),
    ],
)
def test_a_filter_that_finds_nothing_is_an_error(expression: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        value_of(expression, text=FENCED)


def test_what_json_cannot_carry_is_refused() -> None:
    with pytest.raises(TypeError, match="set cannot be written as JSON"):
        value_of("value | tojson", value={1})


@pytest.mark.parametrize(
    ("text", "words"),
    [("[" * 100_000, "nested too deeply to be parsed"), ("1" * 5_000, "too many digits")],
)
def test_json_beyond_the_limits_of_the_parser_is_no_value_error(text: str, words: str) -> None:
    with pytest.raises(SecurityError, match=words):
        value_of("text | from_json", text=text)


def test_only_a_text_is_parsed_as_json() -> None:
    with pytest.raises(TypeError, match="from_json: expected a text, found list"):
        value_of("[1] | from_json")
