"""The assertion on why the model stopped."""

from __future__ import annotations

from typing import Any

from tests.assertions.vectors import FAIL, PASS, Vector, check, judged, parametrized

VECTORS: list[Vector] = [
    ({"stop_reason": "end_turn"}, "x", PASS, None, ""),
    ({"stop_reason": "max_tokens"}, "x", FAIL, None, "stopped for 'end_turn', expected 'max_tokens'"),
]  # fmt: skip


@parametrized(VECTORS)
def test_the_stop_reason_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)
