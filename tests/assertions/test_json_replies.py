"""Assertions on replies that are or contain JSON."""

from __future__ import annotations

import json
from typing import Any

from tests.assertions.vectors import ERROR, FAIL, PASS, Vector, check, judged, parametrized

NUMBERS = {"type": "object", "required": ["a"], "properties": {"a": {"type": "number"}}}
TOTAL = {"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}}
VECTORS: list[Vector] = [
    ({"is_json": {"properties": {"a": {"pattern": "(a|aa)+$"}}}}, '{"a": "' + "a" * 200 + 'b"}',
     ERROR, None, "takes too long"),
    ({"is_json": {"properties": {"a": {"pattern": "x{i}"}}}}, '{"a": "x{i}"}', PASS, 1, ""),
    ({"is_json": {"patternProperties": {"^a": {"type": "number"}}, "additionalProperties": False}},
     '{"ab": 1}', PASS, 1, ""),
    ({"is_json": {"patternProperties": {"^a": {"type": "number"}}, "additionalProperties": False}},
     '{"ab": "1", "b": 2}', FAIL, 0, "additional properties are not allowed: 'b'"),
    ({"is_json": {"additionalProperties": {"type": "number"}}}, '{"a": "x"}', FAIL, 0, "$.a: 'x'"),
    ({"is_json": {"multipleOf": 0.01}}, "19.99", PASS, 1, ""),
    ({"is_json": {"multipleOf": 0.01}}, "19.995", FAIL, 0, "not a multiple of 0.01"),
    ({"is_json": {"uniqueItems": True}}, json.dumps([{"n": n} for n in range(20_000)]), PASS, 1, ""),
    ({"is_json": {"uniqueItems": True}}, '[1, {"a": [1]}, {"a": [1.0]}]', FAIL, 0, "non-unique"),
    ({"is_json": {"uniqueItems": True}}, '[1, true, "1", [1], {"1": 1}]', PASS, 1, ""),
    ({"is_json": {"format": "date-time"}}, '"2024-02-30T10:00:00Z"', FAIL, 0, "date-time"),
    ({"is_json": {"format": "date-time"}}, '"2024-02-29T10:00:00.5+02:00"', PASS, 1, ""),
    ({"is_json": {"format": "uri"}}, '"https://example.org/a?b#c"', PASS, 1, ""),
    ({"is_json": {"format": "uri"}}, '"no uri"', FAIL, 0, ""),
    ({"is_json": {"format": "email"}}, '"nobody"', FAIL, 0, "email"),
    ({"is_json": {"$ref": "#here", "$defs": {"a": {"$anchor": "here", "type": "null"}}}}, "null",
     PASS, 1, ""),
    ({"is_json": True}, '{"a": 1e999}', FAIL, 0, "too large a number"),
    ({"is_json": True}, "9" * 5000, ERROR, None, "too many digits to be parsed"),
    ({"not_is_json": True}, "[" * 100_000 + "]" * 100_000, ERROR, None, "nested too deeply"),
    ({"contains_json": True}, ("[" + "1," * 400) * 5000, ERROR, None, "begins like JSON but is not JSON"),
    ({"contains_json": True}, 'Here: {"a": 1}. Done', PASS, 1, "at character 7"),
    ({"contains_json": True}, "[1, 2] and more", PASS, 1, "at character 1"),
    ({"contains_json": True}, "no json", FAIL, 0, "no JSON object or list"),
    ({"contains_json": True}, "a { b } [c]", FAIL, 0, "no JSON object or list"),
    ({"contains_json": True}, '"text"', FAIL, 0, ""),
    ({"contains_json": True}, "{NaN} [NaN]", FAIL, 0, ""),
    ({"contains_json": NUMBERS}, '{"b": 1} then {"a": 2}', PASS, 1, "at character 15"),
    ({"contains_json": NUMBERS}, '{"b": {"a": 1}}', FAIL, 0, "'a' is a required property"),
    ({"contains_json": NUMBERS}, '{"a": "x"}', FAIL, 0, "'x' is not of type 'number'"),
    ({"contains_json": NUMBERS}, "```json\n{\"a\": 1}\n```", PASS, 1, ""),
    ({"contains_json": True}, "{" * 20_000, ERROR, None, "more than 10,000 brackets"),
    ({"contains_json": True}, "[" * 5_000 + "1" + "]" * 5_000, PASS, 1, ""),
    ({"not_contains_json": True}, "x {} y", FAIL, 0, ""),
    ({"not_contains_json": True}, "plain", PASS, 1, ""),
    ({"is_json": True, "transform": "output | fenced('json')"}, "Yes:\n```json\n[1]\n```", PASS, 1, ""),
    ({"is_json": True}, "[1, 2]", PASS, None, ""),
    ({"is_json": True}, "```json\n{}\n```", FAIL, None, "Markdown fence"),
    ({"is_json": True}, "", FAIL, None, "it is empty"),
    ({"is_json": True}, "NaN", FAIL, None, "`NaN` is not a JSON number"),
    ({"is_json": True}, "[" * 100_000, ERROR, None, "nested too deeply"),
    ({"is_json": TOTAL}, '{"total": 1}', PASS, None, ""),
    ({"is_json": TOTAL}, '{"total": "1"}', FAIL, None, "$.total: '1' is not of type 'number'"),
    ({"is_json": {"$ref": "#"}}, "1", ERROR, None, "refers to itself"),
    ({"not_is_json": True}, "{}", FAIL, None, "the reply is JSON"),
]  # fmt: skip


@parametrized(VECTORS)
def test_json_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)
