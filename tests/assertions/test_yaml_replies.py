"""The assertion on replies that are YAML."""

from __future__ import annotations

from typing import Any

from tests.assertions.vectors import FAIL, PASS, Vector, check, judged, parametrized

VECTORS: list[Vector] = [
    ({"is_yaml": True}, "a: 1\nb: [x, y]\n", PASS, 1, "the reply is YAML"),
    ({"is_yaml": True}, "- a\n- b\n", PASS, 1, ""),
    ({"is_yaml": True}, "{}", PASS, 1, ""),
    ({"is_yaml": True}, "This is a sentence.", FAIL, 0, "a single YAML value"),
    ({"is_yaml": True}, "a: 1\na: 2", FAIL, 0, "the key 'a' occurs twice"),
    ({"is_yaml": True}, "x: {a: 1, b: {a: 2}}\ny: [{a: 1}, {a: 1}, a, a]", PASS, 1, ""),
    ({"is_yaml": True}, "a: {b: 1, [c]: 2, [c]: 3, b: 4}", FAIL, 0, "'b' occurs twice"),
    ({"is_yaml": True}, "1: a\n'1': b", PASS, 1, ""),
    ({"is_yaml": True}, "a: a\nb: a", PASS, 1, ""),
    ({"is_yaml": True}, "a: b: c", FAIL, 0, "at line 1, column 5"),
    ({"is_yaml": True}, "a: 1\n---\nb: 2", FAIL, 0, "2 YAML documents"),
    ({"is_yaml": True}, "a: &x [1]\nb: *x", FAIL, 0, "aliases"),
    ({"is_yaml": True}, "```yaml\na: 1\n```", FAIL, 0, "Markdown fence"),
    ({"is_yaml": True}, "[" * 200 + "]" * 200, FAIL, 0, "nested deeper than 100"),
    ({"is_yaml": True}, "a: !!python/object:os.system x", PASS, 1, ""),
    ({"not_is_yaml": True}, "a: [", PASS, 1, ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_yaml_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)
