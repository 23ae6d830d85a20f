"""Where two texts differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.assertions.difference import excerpt, first_difference, quoted


@pytest.mark.parametrize(
    ("expected", "actual", "words"),
    [
        ("abc", "abd", "line 1, column 3"),
        ("a\nbc", "a\nbd", "line 2, column 2"),
        ("abc", "ab", "line 1, column 3"),
        ("ab", "abc", "line 1, column 3"),
        ("x", "", "line 1, column 1"),
        ("a\n", "a\nb", "line 2, column 1"),
        ("abc", "ABd", "line 1, column 1"),
    ],
)
def test_the_first_difference_is_where_line_and_column_say(
    expected: str, actual: str, words: str
) -> None:
    assert first_difference(expected, actual) == (
        f"they differ first at {words}", expected, actual,
    )  # fmt: skip


def test_case_makes_no_difference_if_it_is_ignored() -> None:
    words, _, _ = first_difference("abc", "ABd", ignore_case=True)

    assert words == "they differ first at line 1, column 3"


def test_both_excerpts_are_around_the_difference() -> None:
    shared = "x" * 1000

    _, expected, actual = first_difference(f"{shared}A{shared}", f"{shared}B")

    assert expected == f"…{'x' * 40}A{'x' * 119}… (2,001 characters)"
    assert actual == f"…{'x' * 40}B (1,001 characters)"


@given(st.text(max_size=400), st.integers(0, 400))
def test_an_excerpt_is_short_and_says_the_full_length(text: str, around: int) -> None:
    part = excerpt(text, min(around, len(text)))

    assert part == text if len(text) <= 160 else part.endswith(f"({len(text):,} characters)")
    assert len(part) < 190


@pytest.mark.parametrize(
    ("text", "words"), [("it's", '"it\'s"'), ("a\nb", r"'a\nb'"), ("x" * 200, f"'{'x' * 160}…'")]
)
def test_a_quoted_text_is_on_one_line(text: str, words: str) -> None:
    assert quoted(text) == words
