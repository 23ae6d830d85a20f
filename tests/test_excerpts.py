from __future__ import annotations

from pathlib import Path

from harness.excerpts import Excerpts
from harness.source import Span


def excerpt(folder: Path, text: str, line: int, column: int, length: int = 1) -> str:
    path = folder / "a.suite.yaml"
    path.write_text(text, encoding="utf-8")
    return Excerpts().of(Span(path, line, column, length))


def test_carets_stand_below_the_characters_that_are_meant(tmp_path: Path) -> None:
    shown = excerpt(tmp_path, "a: 1\nkey: value\n", 2, 6, 5)

    assert shown == "  2 | key: value\n    |      ^^^^^"


def test_carets_follow_wide_characters_and_tabs(tmp_path: Path) -> None:
    shown = excerpt(tmp_path, "日\tx\n", 1, 3)

    assert shown == "  1 | 日 x\n    |    ^"


def test_control_characters_are_escaped(tmp_path: Path) -> None:
    shown = excerpt(tmp_path, "\x1b x\n", 1, 3)

    assert shown == "  1 | \\x1b x\n    |      ^"


def test_a_long_line_is_cut_round_the_position(tmp_path: Path) -> None:
    shown = excerpt(tmp_path, "a" * 200 + "x" + "b" * 200, 1, 201)

    line, carets = shown.split("\n")
    assert line == "  1 | " + "a" * 50 + "x" + "b" * 49
    assert line[carets.index("^")] == "x"


def test_a_file_that_cannot_be_read_has_no_excerpt(tmp_path: Path) -> None:
    assert Excerpts().of(Span(tmp_path / "gone", 1, 1)) == ""


def test_a_line_that_does_not_exist_has_no_excerpt(tmp_path: Path) -> None:
    assert excerpt(tmp_path, "a: 1\n", 9, 1) == ""


def test_a_key_in_a_suite_is_not_shown_with_the_line_it_stands_in(tmp_path: Path) -> None:
    shown = excerpt(tmp_path, "vars: {key: sk-ant-api03-abcdefgh}\n", 1, 13, 21)

    assert shown == (
        "  1 | vars: {key: *********************}\n    |             ^^^^^^^^^^^^^^^^^^^^^"
    )
