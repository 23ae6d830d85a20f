"""Transforms of outputs, before they are judged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.assertions.expressions_api import ExpressionError
from harness.assertions.transforms import transformed
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions
from tests.assertions.vectors import ERROR, FAIL, PASS, Vector, check, judged, parametrized
from tests.support.replies import reply

ORDER = json.dumps({"id": 7, "items": [{"name": "lamp"}, {"name": "desk"}]})
VECTORS: list[Vector] = [
    ({"equals": "x", "transform": "output | strip"}, "  x\n", PASS, 1, ""),
    ({"equals": "X", "transform": "output | upper"}, "x", PASS, 1, ""),
    ({"equals": "7", "transform": "(output | from_json).id"}, ORDER, PASS, 1, ""),
    ({"equals": '["lamp", "desk"]', "transform": "(output | from_json)['items'] | map(attribute='name') | list"},
     ORDER, PASS, 1, ""),
    ({"equals": "true", "transform": "output == 'x'"}, "x", PASS, 1, ""),
    ({"equals": "yes", "transform": "output | between('<a>', '</a>')"}, "b<a>yes</a>c</a>", PASS, 1, ""),
    ({"equals": "", "transform": "output | between('<a>', '</a>')"}, "<a></a>", PASS, 1, ""),
    ({"equals": "x", "transform": "output | between('<a>', '</a>')"}, "nothing", FAIL, None,
     "between: '<a>' not found"),
    ({"equals": "x", "transform": "output | between('<a>', '</a>')"}, "<a>x", FAIL, None,
     "between: '</a>' not found"),
    ({"equals": "x\n", "transform": "output | fenced"}, "a\n```\nx\n```\nb", PASS, 1, ""),
    ({"equals": "y\n", "transform": "output | fenced('sql')"}, "```py\nx\n```\n```SQL\ny\n```", PASS, 1, ""),
    ({"equals": "```\nx\n", "transform": "output | fenced"}, "````\n```\nx\n````", PASS, 1, ""),
    ({"equals": "x\n", "transform": "output | fenced"}, "~~~\nx\n~~~", PASS, 1, ""),
    ({"equals": "x", "transform": "output | fenced('sql')"}, "```py\nx\n```", FAIL, None,
     "no fenced block of sql found"),
    ({"equals": "x", "transform": "output | fenced"}, "```\nx", FAIL, None, "no fenced block"),
    ({"equals": "x", "transform": "output | from_json"}, "no json", FAIL, None, "not JSON"),
    ({"equals": "x", "transform": "(output | from_json).gone"}, "{}", FAIL, 0, "`gone` is missing from an empty mapping"),
    ({"equals": "x", "transform": "(output | from_json).a"}, '{"a": null}', FAIL, 0, "is none"),
    ({"equals": "x", "transform": "(output | from_json) | map(attribute='a')"}, '[{"a": 1}, {"b": 2}]',
     FAIL, 0, "`a` is missing from a mapping with the keys `b`"),
    ({"equals": "x", "transform": "output.gone"}, "x", ERROR, None, "'gone'"),
    ({"equals": "x", "transform": "vars.gone"}, "x", ERROR, None, "'gone'"),
    ({"equals": "x", "transform": "output | from_json"}, "[" * 100_000, ERROR, None, "nested too deeply"),
    ({"equals": "x", "transform": "output | from_json"}, "1" * 5_000, ERROR, None, "too many digits"),
    ({"equals": "x", "transform": "none"}, "x", ERROR, None, "is none"),
    ({"equals": "billing", "transform": "vars.queue"}, "x", PASS, 1, ""),
    ({"not_equals": "x", "transform": "output | from_json"}, "no json", FAIL, 0, "not JSON"),
    ({"equals": '["a", "b"]', "transform": "output.split(',') | map('trim')"}, "a, b", PASS, 1, ""),
    ({"equals": "x", "transform": "output.strip"}, "x", ERROR, None, "is a method: write"),
    ({"equals": "x", "transform": "output.strip(1)"}, "x", ERROR, None, "TypeError"),
    ({"equals": "x", "transform": "output | from_json"}, "[" * 900 + "]" * 900, FAIL, 0, ""),
    ({"that": "output.split() | select('equalto', 'b')"}, "a", FAIL, 0, ""),
    ({"that": "output.split() | select('equalto', 'b')"}, "a b", PASS, 1, ""),
    ({"that": "output == 'x'", "transform": "output | strip"}, " x ", PASS, 1, ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_the_value_of_a_transform_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)


def test_each_transform_sees_the_value_of_the_one_before() -> None:
    transforms = ["output | upper", "output ~ who", "[output]"]
    expressions = Expressions(TemplateEnvironment)

    result = transformed(reply("a"), transforms, {"who": "b"}, expressions)

    assert result.text == '["Ab"]'


def test_without_transforms_the_reply_is_unchanged() -> None:
    on = reply("a")

    assert transformed(on, [], {}, None) is on


def test_without_an_evaluator_a_transform_is_an_error() -> None:
    with pytest.raises(ExpressionError, match="cannot be evaluated here"):
        transformed(reply("a"), ["output"], {}, None)


def test_a_value_that_is_not_json_is_an_error() -> None:
    class Evaluator:
        def check(self, _expression: str) -> None:
            pass

        def names(self, _expression: str) -> frozenset[str]:
            return frozenset({"output"})

        def evaluate(self, _expression: str, _scope: Any) -> Any:
            return {1, 2}

    with pytest.raises(ExpressionError, match="`output` is neither a text nor JSON"):
        transformed(reply("a"), ["output"], {}, Evaluator())
