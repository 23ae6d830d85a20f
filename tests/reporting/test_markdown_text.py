"""Texts inside Markdown, and how long it may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.reporting.markdown_text import escaped, limited


@given(st.text())
def test_no_text_becomes_markup(text: str) -> None:
    shown = escaped(text)

    assert "<" not in shown
    assert "\n" not in shown
    bare = shown.replace("\\\\", "")
    assert all(bare[where - 1] == "\\" for where, sign in enumerate(bare) if sign in "|`*_[]")


def test_what_is_cut_is_closed_and_said() -> None:
    text = limited("<details>\n" + "line\n" * 500, 400)

    assert len(text.encode()) <= 400
    assert text.count("</details>") == 1
    assert "cut here" in text
