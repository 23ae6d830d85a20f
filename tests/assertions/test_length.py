"""Assertions on the length of a reply."""

from __future__ import annotations

from typing import Any

from tests.assertions.vectors import FAIL, PASS, Vector, check, judged, parametrized

VECTORS: list[Vector] = [
    ({"char_count": 5}, "hello", PASS, 1, "has 5 characters: exactly 5"),
    ({"char_count": {"max": 4}}, "hello", FAIL, 0, "has 5 characters, expected at most 4"),
    ({"char_count": {"min": 6}}, "hello", FAIL, 0, "at least 6"),
    ({"char_count": {"min": 1, "max": 1}}, "👋", PASS, 1, "1 character: exactly 1"),
    ({"char_count": 2}, "e\u0301", PASS, 1, ""),
    ({"char_count": {"min": 2, "max": 3}}, "a\nb", PASS, 1, "2 to 3"),
    ({"not_char_count": 5}, "hello", FAIL, 0, "has 5 characters"),
    ({"line_count": 1}, "hello", PASS, 1, "has 1 line"),
    ({"line_count": 1}, "hello\n", PASS, 1, ""),
    ({"line_count": 2}, "a\nb", PASS, 1, ""),
    ({"line_count": 3}, "a\n\nb", PASS, 1, ""),
    ({"line_count": 2}, "a\n\n", PASS, 1, ""),
    ({"line_count": 0}, "", PASS, 1, "has 0 lines"),
    ({"line_count": 1}, "\n", PASS, 1, ""),
    ({"line_count": 1}, "a\u2028b\x0bc", PASS, 1, ""),
    ({"line_count": {"max": 2}}, "a\nb\nc", FAIL, 0, "3 lines, expected at most 2"),
    ({"word_count": {"min": 3}}, "one two", FAIL, 0, "has 2 words, expected at least 3"),
    ({"word_count": 2}, " one\u00a0two ", PASS, 1, ""),
    ({"word_count": 3}, "one two three", PASS, None, ""),
    ({"word_count": 3}, "one two", FAIL, None, "has 2 words, expected exactly 3"),
    ({"word_count": {"max": 1}}, "one two", FAIL, None, "at most 1"),
    ({"word_count": {"min": 1}}, "", FAIL, None, "at least 1"),
    ({"word_count": {"min": 1, "max": 2}}, "one two", PASS, None, ""),
    ({"word_count": "2"}, "one two", PASS, None, ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_the_length_of_a_reply_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)
