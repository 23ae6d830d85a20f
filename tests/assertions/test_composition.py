"""Assertions that combine nested expectations."""

from __future__ import annotations

from typing import Any

from tests.assertions.vectors import (
    ERROR,
    FAIL,
    NOT_APPLICABLE,
    PASS,
    Vector,
    check,
    judged,
    parametrized,
)

YES, NO, BROKEN = {"contains": "a"}, {"contains": "z"}, {"that": "output | from_json"}
VECTORS: list[Vector] = [
    ({"all_of": [YES, YES]}, "a", PASS, 1, "0 of 2 did not pass"),
    ({"all_of": [YES, NO]}, "a", FAIL, 0.5, "1 of 2 did not pass: contains: 'z' does not occur"),
    ({"all_of": [YES, NO], "threshold": 0.5}, "a", PASS, 0.5, "the threshold 0.5"),
    ({"all_of": [YES, {**NO, "weight": 3}], "threshold": 0.5}, "a", FAIL, 0.25, ""),
    ({"all_of": [YES, {**NO, "weight": 0}]}, "a", PASS, 1, ""),
    ({"all_of": [YES, {**NO, "severity": "warn"}]}, "a", PASS, 1, ""),
    ({"all_of": [YES, BROKEN]}, "a", ERROR, None, "that: "),
    ({"all_of": [NO, BROKEN]}, "a", FAIL, None, "'z' does not occur"),
    ({"all_of": [NO, BROKEN], "threshold": 0.1}, "a", ERROR, None, ""),
    ({"any_of": [NO, YES]}, "a", PASS, 1, "1 passed: contains"),
    ({"any_of": [NO, NO]}, "a", FAIL, 0, "2 of 2 did not pass"),
    ({"any_of": [BROKEN, YES]}, "a", PASS, 1, ""),
    ({"any_of": [BROKEN, NO]}, "a", ERROR, None, ""),
    ({"any_of": [{"contains_all": ["a", "z"]}], "threshold": 0.5}, "a", PASS, 0.5, ""),
    ({"none_of": [NO, NO]}, "a", PASS, 1, ""),
    ({"none_of": [NO, YES]}, "a", FAIL, 0, "1 of 2 passed, but none should"),
    ({"none_of": [NO, BROKEN]}, "a", ERROR, None, ""),
    ({"none_of": [YES, BROKEN]}, "a", FAIL, 0, ""),
    ({"none_of": [{"contains_all": ["a", "z"]}], "threshold": 0.5}, "a", PASS, 0.5, ""),
    ({"all_of": [{"any_of": [NO, YES]}, {"none_of": [NO]}]}, "a", PASS, 1, ""),
    ({"all_of": [{"any_of": [NO, {"all_of": [YES, NO]}]}]}, "a", FAIL, 0.5, ""),
    ({"all_of": [{"not_contains": "z"}, {"equals": "A", "ignore_case": True}]}, "a", PASS, 1, ""),
    ({"all_of": [{**YES, "weight": 0}]}, "a", NOT_APPLICABLE, 1, "none of the nested expectations decides"),
    ({"all_of": [{"equals": "b", "transform": "'b'"}, YES]}, "a", PASS, 1, ""),
    ({"all_of": [{"equals": "bc", "transform": "output ~ 'c'"}], "transform": "'b'"}, "a", PASS, 1,
     ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_nested_verdicts_are_combined(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)
