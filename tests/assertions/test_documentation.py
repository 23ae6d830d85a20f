"""The documentation of assertions, generated from their definitions."""

from __future__ import annotations

import pytest

from harness.assertions.definition import AssertionDefinition, define
from harness.assertions.documentation import (
    assertion_text,
    assertions_page,
    heading,
    modifiers,
    options_of,
    type_words,
)
from harness.assertions.nested import EXPECTATIONS
from harness.assertions.parameters import FLAG, RANGE, TEXT, TEXTS, ParameterType, Share
from harness.model.outcome import Verdict
from harness.model.reply import Reply


def definition(*, is_negatable: bool = True) -> AssertionDefinition:
    def near(
        reply: Reply, text: str, *, by: str, min_: Share = 0.8, most: int | None = None
    ) -> Verdict:
        """Pass when the reply is near.

        Very near.

        Source:
            A book.
        """
        return Verdict.passing(f"{reply}{text}{by}{min_}{most}")

    return define("near", near, is_negatable=is_negatable)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (TEXT, "text"),
        (FLAG, "true or false"),
        (TEXTS, "a list of texts"),
        (RANGE, "a whole number or a mapping with min and max"),
        (EXPECTATIONS, "a list of expectations"),
        (ParameterType({"enum": ["a", "b"], "type": "string"}, str), "a or b"),
        (ParameterType({"type": ["array", "object"]}, str), "a list or a mapping"),
    ],
)
def test_a_type_is_said_in_words(kind: ParameterType, words: str) -> None:
    assert type_words(kind) == words


def test_options_are_listed_with_their_types_and_defaults() -> None:
    assert list(options_of(definition())) == [
        "by: text (required)",
        "min: a number from 0 to 1 (default: 0.8)",
        "most: a whole number",
    ]


def test_the_text_for_a_terminal_has_all_of_it() -> None:
    assert assertion_text(definition()).splitlines() == [
        "near: text",
        "",
        "  Pass when the reply is near.",
        "",
        "  Very near.",
        "",
        "  Source:",
        "      A book.",
        "",
        "  Options:",
        "    by: text (required)",
        "    min: a number from 0 to 1 (default: 0.8)",
        "    most: a whole number",
        "",
        "  `not_near` passes when `near` fails.",
    ]


def test_only_what_can_be_negated_says_so() -> None:
    assert "not_near" not in assertion_text(definition(is_negatable=False))


def test_the_page_links_every_assertion_of_a_family() -> None:
    page = assertions_page({"distance": [definition()]})

    assert "| distance | [`near`](#near) |" in page
    assert "## Distance\n\n### near\n`near: text`\n\nPass when the reply is near." in page
    assert "\nSource: A book.\n" in page
    assert "- option `by: text (required)`" in page
    for name, description in modifiers():
        assert f"- `{name}`: {description}" in page


def test_the_heading_shows_how_an_assertion_is_written() -> None:
    assert heading(definition()) == "near: text"
