"""Why an expression has no value: the content of the reply, or the expression itself."""

from __future__ import annotations

from typing import Any

import pytest

from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expression_faults import fault_in_content, names_in, part_of, plain

ENVIRONMENT = TemplateEnvironment()
ORDER = '{"id": 7, "lines": [{"name": "lamp"}, {"price": 5}], "note": null, "paid": true}'
VARIABLES = {"labels": {"spam": 1}, "key": "colour", "zero": 0}
REPLY = {
    "output": ORDER,
    "content": [{"type": "text", "text": ORDER}],
    "usage": {"output_tokens": 3},
    "cost": None,
    "vars": VARIABLES,
    **VARIABLES,
}


def fault(expression: str, **changes: Any) -> str | None:
    return fault_in_content(part_of(expression, ENVIRONMENT), {**REPLY, **changes})


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("(output | from_json).colour == 'red'", "`colour` is missing from a mapping with"),
        ("(output | from_json).lines[0].price > 1", "`lines[0].price` is missing from a mapping"),
        ("(output | from_json).lines[2].price > 1", "`lines[2]` is missing from a list of 2 items"),
        ("(output | from_json)['lines'].name", "`lines.name` is missing from a list of 2 items"),
        ("(output | from_json).id.value + 1", "`id.value` is missing from the number 7"),
        ("(output | from_json).note.text | upper", "`note.text` is missing from null"),
        ("(output | from_json).paid.by", "`paid.by` is missing from true"),
        ("(output | from_json)[key]", "`colour` is missing from a mapping"),
        ("((output | from_json).lines | first).name.first", "`name.first` is missing from a text"),
        ("(output | from_json).values | length", "`values` is missing from a mapping"),
        ("(output | from_json)['items'] | map(attribute='a')", "`items` is missing from a mapping"),
        ("(output | from_json).lines | map(attribute='name') | list", "`name` is missing from"),
        ("(output | from_json).lines | map(attribute='name') | join", "`name` is missing from"),
        ("(output | from_json).lines | sum(attribute='price')", "no attribute 'price'"),
        ("(output | from_json).note > 3", "'>' not supported between instances of 'NoneType'"),
        ("(output | from_json).id | from_json", "from_json: expected a text, found int"),
        ("1 / (output | from_json).lines", "unsupported operand type"),
        ("(output | from_json).gone if output else 1", "`gone` is missing"),
        ("1 if (output | from_json).gone else 2", "`gone` is missing"),
        ("true and (output | from_json).gone", "`gone` is missing"),
        ("not (output | from_json).gone", "`gone` is missing"),
        ("'x' ~ (output | from_json).gone", "`gone` is missing"),
        ("[(output | from_json).gone]", "`gone` is missing"),
        ("labels.get('x', (output | from_json).gone) + 1", "`gone` is missing"),
        ("content[0].input.city", "`content[0].input` is missing from a mapping with the keys"),
        ("content[3].text", "`content[3]` is missing from a list of 1 item"),
        ("output | fenced", "fenced: no fenced block found"),
        ("output | between('<a>', '</a>') | strip", "between: '<a>' not found"),
        ("(output | fenced | from_json).id", "fenced: no fenced block found"),
        ("labels[output]", "is missing from a mapping with the keys `spam`"),
        ("labels.get(output) > 3", "'>' not supported between instances of 'NoneType'"),
        ("output.split(';')[3]", "`[3]` is missing from a list of 1 item"),
        ("output.split() | select('equalto', 'x') | first", "No first item, sequence was empty"),
        ("output.index('zebra')", "substring not found"),
        ("10 / (output | int)", "division by zero"),
    ],
)  # fmt: skip
def test_the_content_is_to_blame_for_what_another_reply_could_have(
    expression: str, words: str
) -> None:
    assert words in str(fault(expression))


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("", "from_json: not JSON: Expecting value: line 1 column 1"),
        ('{"colour": ', "from_json: not JSON: Expecting value: line 1 column 12"),
        ("[]", "`colour` is missing from a list of 0 items"),
        ("{}", "`colour` is missing from an empty mapping"),
        ('"red"', "`colour` is missing from a text of 3 characters"),
        ('{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6}', "the keys `a`, `b`, `c`, `d`, `e`, …"),
        ("null", "`colour` is missing from null"),
    ],
)
def test_what_is_wrong_with_the_content_is_said(output: str, words: str) -> None:
    assert words in str(fault("(output | from_json).colour == 'red'", output=output))


@pytest.mark.parametrize(
    "expression",
    [
        "gone",
        "gone == output",
        "vars.gone == output",
        "(output | from_json).id == vars.gone",
        "usage.gone == output",
        "cost > 1 and output",
        "output.colour",
        "output['colour']",
        "output.split().colour",
        "output.split() | map(attribute='colour') | list",
        "output.strip",
        "output | upper | length + 'x'",
        "output + 1",
        "output.strip(1)",
        "output | from_json(1)",
        "(output | from_json).id / zero",
        "1 / 0 if output else 1",
        "vars.gone if output else output",
        "(output | from_json).__class__.gone",
        "output | select('odder')",
        "'x' * (output | length * 1000000)",
        "labels | from_json == output",
        "1 + 1 == output",
    ],
)
def test_the_content_is_not_to_blame_for_what_no_reply_could_have(expression: str) -> None:
    assert fault(expression) is None


def test_a_long_key_is_shortened() -> None:
    assert len(str(fault("labels[output]", output="x" * 10_000))) < 300


def test_the_names_of_variables_are_those_outside_of_texts() -> None:
    expression = "output == 'latency' and vars.ttft > latency and {'cost': model | upper}"

    assert names_in(part_of(expression, ENVIRONMENT)) == {"output", "vars", "latency", "model"}


def test_what_jinja_computes_lazily_becomes_a_list() -> None:
    assert plain(iter([1, 2])) == [1, 2]
    assert plain("text") == "text"
