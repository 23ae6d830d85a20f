from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.printable import terminal_width, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, é 👋", "plain text, é 👋"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\rb", r"a\x0db"),
        ("\x9b31m", r"\x9b31m"),
        ("\x7f", r"\x7f"),
        ("\ud800", r"\ud800"),
        ("\u202eabc", r"\u202eabc"),
        ("\u2028", r"\u2028"),
    ],
)
def test_what_steers_a_terminal_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(exclude_categories=())))
def test_nothing_that_is_shown_is_a_control_character(text: str) -> None:
    shown = visible(text)

    assert all(character in "\n\t" or ord(character) >= 0x20 for character in shown)
    assert visible(shown) == shown


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1)])
def test_wide_characters_take_two_columns_and_combining_ones_none(text: str, width: int) -> None:
    assert terminal_width(text) == width


@pytest.mark.parametrize(
    "text",
    [
        "::error::x",
        "  ::set-output name=a::b",
        "a\n\t::add-mask::x",
        "\u2003::warning::x",
        "a ##[error]x",
        "##vso[task.setvariable variable=a]b",
        "x ##VSO[task.complete]",
        "###[section]",
        "####vso[x]",
    ],
)
def test_no_line_is_a_command_to_a_ci_service(text: str) -> None:
    shown = visible(text)

    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
    assert "##[" not in shown
    assert "##vso[" not in shown.lower()


@pytest.mark.parametrize("text", ["suite::case", "a ## b", "# [x]", "#[x]", "a :: b", "##"])
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    assert visible(text) == text
