"""What is told of assertions."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.plan.documentation import (
    assertions_documentation,
    explain_assertion,
    list_assertions,
)
from harness.assertions.builtin import builtin_assertions
from harness.assertions.registry import AssertionRegistry
from harness.errors import SettingsError
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions


def registry() -> AssertionRegistry:
    return builtin_assertions(Expressions(TemplateEnvironment))


def test_the_page_of_assertions_is_up_to_date() -> None:
    page = Path(__file__).parents[3] / "docs" / "assertions.md"

    assert page.read_text("utf-8") == assertions_documentation()


@pytest.mark.parametrize("name", [definition.name for definition in registry()])
def test_each_assertion_says_what_it_takes_and_when_it_passes(name: str) -> None:
    text = explain_assertion(name)

    assert text.startswith(f"{name}: ")
    assert "  Pass when" in text
    for option in registry()[name].options:
        assert f"    {option}: " in text


def test_a_negated_name_is_explained_as_the_plain_one() -> None:
    assert explain_assertion("not_contains") == explain_assertion("contains")


def test_an_unknown_name_is_told_with_a_close_one() -> None:
    with pytest.raises(SettingsError, match="no assertion `contians`") as caught:
        explain_assertion("contians")

    assert caught.value.fix == "write `contains`"


def test_the_list_has_all_of_them() -> None:
    lines = list(list_assertions())

    for definition in registry():
        assert any(line.startswith(f"  {definition.name} ") for line in lines)
