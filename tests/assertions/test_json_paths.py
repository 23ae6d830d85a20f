"""The assertion on parts of JSON replies."""

from __future__ import annotations

import json
from typing import Any

from tests.assertions.vectors import ERROR, FAIL, PASS, Vector, check, judged, parametrized

ORDER = json.dumps(
    {"id": 7, "items": [{"name": "lamp", "price": 12.5}, {"name": "desk", "price": 99}], "note": ""}
)
BROKEN = {"that": "1 / 0"}
SHORT = {"that": "vars.gone if output == 'desk' else true"}
VECTORS: list[Vector] = [
    ({"json_path": "$.id"}, ORDER, PASS, 1, "`$.id` selects 1 value"),
    ({"json_path": "$.items[*].name"}, ORDER, PASS, 1, "selects 2 values"),
    ({"json_path": "$.gone"}, ORDER, FAIL, 0, "`$.gone` selects nothing"),
    ({"json_path": "$.note"}, ORDER, PASS, 1, ""),
    ({"json_path": "$.id"}, "no json", FAIL, 0, "the reply is not JSON"),
    ({"json_path": "$.id"}, "```json\n{}\n```", FAIL, 0, "Markdown fence"),
    ({"json_path": "$.id", "assert": [{"equals": "7"}]}, ORDER, PASS, 1, "all 1 values meet"),
    ({"json_path": "$.id", "assert": [{"equals": "8"}]}, ORDER, FAIL, 0, "$['id']"),
    ({"json_path": "$.items[*].name", "assert": [{"matches": "^[a-z]+$"}]}, ORDER, PASS, 1, ""),
    ({"json_path": "$.items[*].name", "assert": [{"equals": "lamp"}]}, ORDER, FAIL, 0.5,
     "1 of 2 values do not fit: $['items'][1]['name']"),
    ({"json_path": "$.items[*].price", "assert": [{"that": "output | from_json > 10"}]}, ORDER, PASS,
     1, ""),
    ({"json_path": "$.items[?@.price > 50].name", "assert": [{"equals": "desk"}]}, ORDER, PASS, 1, ""),
    ({"json_path": "$.items[0]", "assert": [{"is_json": {"required": ["name"]}}]}, ORDER, PASS, 1, ""),
    ({"json_path": "$.note", "assert": [{"equals": ""}, {"char_count": 0}]}, ORDER, PASS, 1, ""),
    ({"json_path": "$.id", "assert": [{"that": "output | from_json('x')"}]}, ORDER, ERROR, None, ""),
    ({"json_path": "$.items[*].price", "assert": [BROKEN, {"equals": "12.5"}]}, ORDER, FAIL, 0,
     "1 of 2 values do not fit"),
    ({"json_path": "$.items[*].name", "assert": [SHORT]}, ORDER, ERROR, None, "$['items'][1]"),
    ({"json_path": "$.items[*]", "assert": [{"that": "(output | from_json).gone"}]}, ORDER, FAIL, 0,
     "`gone` is missing from a mapping with the keys `name`, `price`"),
    ({"not_json_path": "$.items[*]", "assert": [{"that": "(output | from_json).gone"}]}, ORDER, FAIL,
     0, "`gone` is missing"),
    ({"not_json_path": "$.id", "assert": [{"equals": "8"}, {"that": "(output | from_json).gone"}]},
     ORDER, PASS, 1, ""),
    ({"json_path": "$.id", "assert": [{"equals": "8", "severity": "warn"}]}, ORDER, PASS, 1, ""),
    ({"not_json_path": "$.error"}, ORDER, PASS, 1, ""),
    ({"not_json_path": "$.error"}, "no JSON", FAIL, 0, "not JSON"),
    ({"none_of": [{"json_path": "$.id", "assert": [{"equals": "8"}]}]}, "no JSON", FAIL,
     0, "not JSON"),
    ({"not_json_path": "$.id"}, ORDER, FAIL, 0, ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_what_a_path_selects_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)
