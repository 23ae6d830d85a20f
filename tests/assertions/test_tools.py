"""Assertions on the tool calls of a reply."""

from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.parameters import ArgumentError
from harness.assertions.tools import have_equal_calls, shown_calls
from harness.model.suite import Expectation
from tests.assertions.vectors import (
    ERROR,
    FAIL,
    PASS,
    REGISTRY,
    Vector,
    calling,
    check,
    judged,
    parametrized,
)
from tests.support.trials import HERE

WEATHER = ("weather", {"city": "Paris", "days": 3, "unit": {"name": "C", "round": True}})
OSLO, PARIS = ("weather", {"city": "Oslo"}), ("weather", {"city": "Paris"})
TOWN = ("weather", {"town": "Oslo"})
OSLO_OR_ERROR = {"that": "true if 'Oslo' in output else vars.gone"}
IN_TOWN = {"that": "(output | from_json).town == 'Oslo'"}
VECTORS: list[Vector] = [
    ({"calls_tool": "weather"}, calling(WEATHER), PASS, 1, "'weather' is called once"),
    ({"calls_tool": "weather"}, "It is warm.", FAIL, 0, "'weather' is called never"),
    ({"calls_tool": "weather"}, calling(("search", {})), FAIL, 0, ""),
    ({"calls_tool": "Weather"}, calling(WEATHER), FAIL, 0, ""),
    ({"calls_tool": "weather", "times": 2}, calling(WEATHER), FAIL, 0, ""),
    ({"calls_tool": "weather", "times": 2}, calling(WEATHER, WEATHER), PASS, 1, "twice"),
    ({"calls_tool": "weather", "times": {"max": 1}}, calling(("search", {})), PASS, 1, ""),
    ({"calls_tool": "weather", "arguments": {"city": "Paris"}}, calling(WEATHER), PASS, 1, ""),
    ({"calls_tool": "weather", "arguments": {"city": "Rome"}}, calling(WEATHER), FAIL, 0,
     "0 of these calls with the arguments"),
    ({"calls_tool": "weather", "arguments": {"unit": {"name": "C"}}}, calling(WEATHER), PASS, 1, ""),
    ({"calls_tool": "weather", "arguments": {"days": 3.0}}, calling(WEATHER), PASS, 1, ""),
    ({"calls_tool": "weather", "arguments": {"days": True}}, calling(("weather", {"days": 1})), FAIL,
     0, ""),
    ({"calls_tool": "weather", "arguments": {"unit": {"round": 1}}}, calling(WEATHER), FAIL, 0, ""),
    ({"calls_tool": "weather", "arguments": {"city": "Paris"}, "match": "exact"}, calling(WEATHER),
     FAIL, 0, ""),
    ({"calls_tool": "weather", "arguments": WEATHER[1], "match": "exact"}, calling(WEATHER), PASS, 1,
     ""),
    ({"calls_tool": "weather", "arguments": {}}, calling(WEATHER), PASS, 1, ""),
    ({"calls_tool": "a", "arguments": {"x": [1, 2]}}, calling(("a", {"x": [1, 2]})), PASS, 1, ""),
    ({"calls_tool": "a", "arguments": {"x": [1]}}, calling(("a", {"x": [1, 2]})), FAIL, 0, ""),
    ({"calls_tool": "weather", "assert": [{"json_path": "$.city", "assert": [{"matches": "^P"}]}]},
     calling(WEATHER), PASS, 1, ""),
    ({"calls_tool": "weather", "assert": [{"json_path": "$.town"}]}, calling(WEATHER), FAIL, 0,
     "`$.town` selects nothing"),
    ({"calls_tool": "weather", "assert": [{"that": "output | from_json('x')"}]}, calling(WEATHER),
     ERROR, None, ""),
    ({"calls_tool": "weather", "assert": [OSLO_OR_ERROR]}, calling(OSLO, PARIS), PASS, 1, ""),
    ({"calls_tool": "weather", "assert": [OSLO_OR_ERROR], "times": 1}, calling(OSLO, PARIS), ERROR,
     None, "that: "),
    ({"calls_tool": "weather", "assert": [OSLO_OR_ERROR], "times": 3}, calling(OSLO, PARIS), FAIL, 0,
     ""),
    ({"calls_tool": "weather", "assert": [OSLO_OR_ERROR, {"contains": "Rome"}]}, calling(OSLO, PARIS),
     FAIL, 0, "contains: 'Rome' does not occur"),
    ({"calls_tool": "weather", "assert": [IN_TOWN]}, calling(OSLO), FAIL, 0,
     "`town` is missing from a mapping with the keys `city`"),
    ({"calls_tool": "weather", "assert": [IN_TOWN]}, calling(OSLO, TOWN), PASS, 1, ""),
    ({"calls_tool": "weather", "assert": [IN_TOWN], "times": {"max": 0}}, calling(OSLO), FAIL, 0,
     "`town` is missing"),
    ({"not_calls_tool": "weather", "assert": [IN_TOWN]}, calling(OSLO), FAIL, 0, "`town` is missing"),
    ({"not_calls_tool": "weather", "assert": [IN_TOWN], "times": 2}, calling(OSLO), PASS, 1, ""),
    ({"not_calls_tool": "delete"}, calling(WEATHER), PASS, 1, ""),
    ({"not_calls_tool": "weather"}, calling(WEATHER), FAIL, 0, ""),
    ({"no_tool_calls": True}, "hello", PASS, 1, ""),
    ({"no_tool_calls": True}, calling(WEATHER), FAIL, 0, "has 1 tool call"),
    ({"tool_call_f1": ["weather"]}, calling(WEATHER, WEATHER), PASS, 1, "all of them, and no others"),
    ({"tool_call_f1": ["weather", "search"]}, calling(WEATHER), FAIL, 2 / 3, "missing: search"),
    ({"tool_call_f1": ["weather", "search"], "min": 0.6}, calling(WEATHER), PASS, 2 / 3, ""),
    ({"tool_call_f1": ["search"]}, calling(WEATHER), FAIL, 0, "unexpected: weather"),
    ({"tool_call_f1": ["search"]}, "no call", FAIL, 0, "missing: search"),
]  # fmt: skip


@parametrized(VECTORS)
def test_tool_calls_are_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)


@pytest.mark.parametrize(
    ("calls", "others", "are_equal"),
    [
        ([], [], True),
        ([("a", {"x": 1})], [("a", {"x": 1.0})], True),
        ([("a", {"x": 1})], [("a", {"x": True})], False),
        ([("a", {"x": 1, "y": 2})], [("a", {"y": 2, "x": 1})], True),
        ([("a", {"x": [1, 2]})], [("a", {"x": [2, 1]})], False),
        ([("a", {}), ("b", {})], [("b", {}), ("a", {})], False),
        ([("a", {})], [("a", {}), ("a", {})], False),
    ],
)
def test_calls_are_equal_if_names_arguments_and_order_are(
    calls: list[tuple[str, Any]], others: list[tuple[str, Any]], are_equal: bool
) -> None:
    assert have_equal_calls(calling(*calls), calling(*others, text="Hi")) is are_equal


def test_few_calls_are_shown() -> None:
    assert shown_calls(calling(*[("a", {"n": n}) for n in range(9)])) == (
        'a({"n": 0}), a({"n": 1}), a({"n": 2})'
    )
    assert shown_calls(calling()) == "no tools are called"


@pytest.mark.parametrize("argument", [[1], "text", 5])
def test_arguments_must_be_a_mapping(argument: Any) -> None:
    expectation = Expectation("calls_tool", "a", HERE, options={"arguments": argument})

    with pytest.raises(ArgumentError, match="`arguments`: expected a mapping"):
        REGISTRY.read(expectation)
