"""The assertion `that`."""

from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.parameters import ArgumentError
from harness.model.suite import Expectation
from tests.assertions.vectors import (
    ERROR,
    FAIL,
    PASS,
    REGISTRY,
    Vector,
    check,
    judged,
    parametrized,
)
from tests.support.trials import HERE

VECTORS: list[Vector] = [
    ({"that": "output == 'hi'"}, "hi", PASS, None, ""),
    ({"that": "output | length > 3"}, "hi", FAIL, None, "is False"),
    ({"that": "output == queue"}, "billing", PASS, None, ""),
    ({"that": "output == vars.queue"}, "billing", PASS, None, ""),
    ({"that": "(output | from_json).total > 0"}, '{"total": 2}', PASS, None, ""),
    ({"that": "(output | from_json).total > 0"}, "no JSON", FAIL, 0, "from_json: not JSON"),
    ({"not_that": "(output | from_json).total > 0"}, "no JSON", FAIL, 0, "from_json: not JSON"),
    ({"not_that": "(output | from_json).total > 0"}, '{"total": 0}', PASS, 1, ""),
    ({"that": "(output | from_json).sum > 0"}, "{}", FAIL, 0, "`sum` is missing from an empty mapping"),
    ({"that": "vars.sum > 0"}, "{}", ERROR, None, "'sum'"),
    ({"that": "usage.output_tokens == 3"}, "hi", PASS, None, ""),
    ({"that": "output + 1"}, "hi", ERROR, None, "TypeError"),
    ({"that": "output.__class__"}, "hi", ERROR, None, "unsafe"),
]  # fmt: skip


@parametrized(VECTORS)
def test_an_expression_is_judged_by_its_truth(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)


@pytest.mark.parametrize(
    ("expression", "problem", "offset"),
    [
        (5, "expected an expression, found 5", 0),
        ("{{ output }}", "`{{` inside an expression", 0),
        ("  {{ output }}", "`{{` inside an expression", 2),
        ("output ==", "not an expression", 0),
        ("output | frist", "No filter named 'frist'", 9),
    ],
)
def test_what_is_not_an_expression_is_refused(expression: Any, problem: str, offset: int) -> None:
    with pytest.raises(ArgumentError) as caught:
        REGISTRY.read(Expectation("that", expression, HERE))

    assert problem in caught.value.problem
    assert caught.value.offset == offset
    assert caught.value.fix
