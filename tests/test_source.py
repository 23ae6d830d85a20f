from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from harness.source import SourceFile, Span, Text, TextOrigin
from tests.support.sources import raw_text

FILE = SourceFile(Path("a.md"), "one\ntwo\n\nfour")


@pytest.mark.parametrize(
    ("index", "line", "column"),
    [(0, 1, 1), (3, 1, 4), (4, 2, 1), (8, 3, 1), (9, 4, 1), (12, 4, 4)],
)
def test_an_index_has_a_line_and_a_column_from_1(index: int, line: int, column: int) -> None:
    assert FILE.span(index) == Span(Path("a.md"), line, column)


def test_a_span_has_at_least_one_character() -> None:
    assert FILE.span(0, 0).length == 1


@pytest.mark.parametrize(
    ("number", "line"), [(0, ""), (1, "one"), (3, ""), (4, "four"), (5, ""), (-1, "")]
)
def test_a_line_comes_without_its_end_and_a_missing_one_is_empty(number: int, line: str) -> None:
    assert FILE.line(number) == line


@pytest.mark.parametrize(
    ("source", "style", "value", "offset", "column"),
    [
        ("'it''s x'", "'", "it's x", 5, 8),
        (r'"\u00e9\"x"', '"', 'é"x', 2, 10),
        ('"a\\\n  x"', '"', "ax", 1, 3),
        ("|\n  a\n  x\n", "|", "a\nx\n", 2, 3),
        (">-\n  a\n  x", ">", "a x", 2, 3),
        ("plain x", "", "plain x", 6, 7),
        ("raw x", "raw", "raw x", 4, 5),
    ],
)
def test_an_offset_in_a_value_leads_to_its_character_in_the_file(
    source: str, style: str, value: str, offset: int, column: int
) -> None:
    text = Text(value, TextOrigin(SourceFile(Path("a"), source), 0, len(source), style))

    span = text.span_at(offset)

    assert span.column == column
    assert source.split("\n")[span.line - 1][span.column - 1] == value[offset]


def test_an_offset_after_the_end_leads_to_the_whole_text() -> None:
    text = Text("ab", TextOrigin(SourceFile(Path("a"), "'ab'"), 0, 4, "'"))

    assert text.span_at(2) == text.span == Span(Path("a"), 1, 1, 4)


def test_the_span_of_a_text_ends_with_its_first_line() -> None:
    assert raw_text("first\nsecond").span.length == len("first")


def test_a_text_is_pickled_without_its_file() -> None:
    copy = pickle.loads(pickle.dumps(raw_text("x" * 10)))  # noqa: S301

    assert (type(copy), copy) == (str, "x" * 10)
