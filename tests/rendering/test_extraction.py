"""Filters that extract what is to be judged."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jinja2.exceptions import SecurityError, TemplateRuntimeError

from harness.rendering.environment import TemplateEnvironment

ENVIRONMENT = TemplateEnvironment()
REPLY = 'Intro\n\n```json\n{"a": 1}\n```\nThe total is 1.234,50 EUR.'


def value_of(expression: str, **variables: Any) -> Any:
    return ENVIRONMENT.compile_expression(expression)(**variables)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("text | search('[0-9][0-9.,]*')", "1"),
        ("text | search('total is ([0-9.,]+)', 1)", "1.234,50"),
        ("text | search('(?P<unit>EUR|USD)', 'unit')", "EUR"),
        ("text | search('[0-9.]+,[0-9]+') | number('.', ',')", 1234.5),
        ("'1,234.50' | number", 1234.5),
        ("' -12 ' | number", -12),
        ("'1234' | number", 1234),
        ("'1 234 567' | number(' ')", 1234567),
        ("'1\u202f234,5' | number(' ', ',')", 1234.5),
        ('"1\'234" | number("\'")', 1234),
        ("'12' | number('')", 12),
        ("text | unfenced | from_json", {"a": 1}),
        ("' no fence ' | unfenced", "no fence"),
        ("' a\n\n  b \n' | lines", ["a", "b"]),
        ("'a --- b ---' | parts('---')", ["a", "b"]),
        ("text | lines | length", 5),
    ],
)
def test_a_part_of_a_text_is_extracted(expression: str, value: object) -> None:
    found = value_of(expression, text=REPLY)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("text | search('nothing')", "search: no match of `nothing`"),
        ("text | search('(x)?Intro', 1)", r"search: group 1 of .* matched nothing"),
        ("'12 EUR' | number", "number: `12 EUR` is no number"),
        ("'1.234,50' | number", "is no number"),
        ("'12,34' | number", "is no number"),
        ("'' | number", "is no number"),
        ("'1٣' | number", "is no number"),
        ("('9' * 400) | number", "number: it has more than 300 digits"),
    ],
)
def test_a_text_that_lacks_it_is_to_blame(expression: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        value_of(expression, text=REPLY)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("text | search('(')", "search: not a regular expression"),
        ("text | search('Intro', 1)", "search: `Intro` has no group 1"),
        ("text | search('Intro', 'name')", "has no group name"),
        ("'1' | number('x')", "number: a separator is one of"),
        ("'1' | number(',', ',')", "need different separators"),
        ("text | parts('')", "parts: the separator is empty"),
    ],
)
def test_a_wrong_argument_is_a_mistake_of_the_expression(expression: str, words: str) -> None:
    with pytest.raises(TemplateRuntimeError, match=words):
        value_of(expression, text=REPLY)


def test_a_search_that_takes_too_long_is_interrupted() -> None:
    with pytest.raises(SecurityError, match=r"took over 0\.25 s"):
        value_of("text | search('(a+)+b')", text="a" * 5_000 + "c")


@pytest.mark.parametrize("name", ["search('x')", "number", "unfenced", "lines", "parts(',')"])
def test_what_is_undefined_stays_undefined(name: str) -> None:
    assert value_of(f"missing | {name} | default('none')") == "none"


REPLIES: dict[str, tuple[str, object]] = {
    "output | unfenced | from_json": ('```json\n{"a": 1}\n```', {"a": 1}),
    'output | fenced("sql")': ("Here:\n```sql\nSELECT 1\n```\n", "SELECT 1\n"),
    'output | between("<answer>", "</answer>")': ("so <answer>42</answer>", "42"),
    'output | search("[0-9][0-9.,]*[0-9]") | number': ("The total is 1,234.50 USD.", 1234.5),
    'output | search("Summe: (.*) EUR", 1) | number(".", ",")': ("Summe: 1.234,50 EUR", 1234.5),
    'output | search("\\\\(([A-E])\\\\)", 1)': ("Answer: (B)", "B"),
    "output | lines | length": ("- a\n- b\n", 2),
    '(output | parts("---")) | last': ("because\n---\nyes\n", "yes"),
    'output | lower | search("^(yes|no)\\\\b")': ("Yes, because …", "yes"),
    "output | lines | first": ("\none\ntwo", "one"),
}


def test_what_the_documentation_extracts_is_extracted() -> None:
    page = (Path(__file__).parents[2] / "docs" / "suites.md").read_text("utf-8")
    table = page.partition("## Expressions that extract")[2].partition("\n`search(")[0]

    expressions = [
        found.replace("\\|", "|") for found in re.findall(r"\| `(\(?output .*)` \|\n", table)
    ]

    assert expressions == list(REPLIES)
    for expression, (text, value) in REPLIES.items():
        assert value_of(expression, output=text) == value
