from __future__ import annotations

import pytest

from harness.rendering.template import is_template, line_span, texts_in
from tests.support.sources import raw_text


@pytest.mark.parametrize("text", ["{{ a }}", "{% x", "{# note #}"])
def test_a_text_with_a_marker_is_a_template(text: str) -> None:
    assert is_template(text)


@pytest.mark.parametrize("text", ["", "plain", "{ a }", "}}", "{a: 1}"])
def test_a_text_without_a_marker_is_not_a_template(text: str) -> None:
    assert not is_template(text)


def test_texts_are_found_in_lists_and_mappings_in_order() -> None:
    one, two, three = raw_text("1"), raw_text("2"), raw_text("3")

    assert list(texts_in([one, {"a": (two, 5), "b": "plain"}, three])) == [one, two, three]


@pytest.mark.parametrize(
    ("line", "position"), [(1, "1:1"), (2, "2:3"), (None, "1:1"), (9, "4:1"), (3, "2:11")]
)
def test_a_line_is_pointed_to_at_its_first_marker_or_the_last_before_it(
    line: int | None, position: str
) -> None:
    text = raw_text("plain\n  {{ a }} {{ b }}\n\nend")

    assert str(line_span(text, line)) == f"p.md:{position}"
