from __future__ import annotations

from typing import Any

import pytest
from jinja2.exceptions import SecurityError

from harness.rendering.environment import TemplateEnvironment
from harness.rendering.limits import MAX_CHARACTERS, refuse_large
from harness.rendering.template import MissingVariableError

ENVIRONMENT = TemplateEnvironment()


def render(template: str, **variables: Any) -> str:
    return ENVIRONMENT.from_string(template).render(variables)


def test_a_key_of_a_mapping_comes_before_its_methods() -> None:
    assert render("{{ data.items }}", data={"items": 5}) == "5"
    assert render("{{ data.keys() | list }}", data={"a": 1}) == '["a"]'


def test_a_method_that_is_not_called_is_refused() -> None:
    with pytest.raises(TypeError, match=r"`strip` is a method: write `strip\(\)` to call it"):
        render("{{ text.strip }}", text="x")


@pytest.mark.parametrize(
    ("template", "name", "is_part"),
    [("{{ nmae }}", "nmae", False), ("{{ user.nmae }}", "nmae", True)],
)
def test_an_undefined_name_is_in_the_error(template: str, name: str, *, is_part: bool) -> None:
    with pytest.raises(MissingVariableError) as caught:
        render(template, user={})

    assert (caught.value.name, caught.value.is_part) == (name, is_part)


@pytest.mark.parametrize("name", ["lipsum", "cycler", "joiner"])
def test_globals_that_produce_text_or_hold_state_are_gone(name: str) -> None:
    assert name not in ENVIRONMENT.globals


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("{{ 3 * 'ab' }}", "ababab"),
        ("{{ 2 ** 10 }}", "1024"),
        ("{{ '%5d' % 1 }}", "    1"),
        ("{{ '{:>5}'.format(1) }}", "    1"),
        ("{{ 'x'.ljust(3) }}|", "x  |"),
    ],
)
def test_results_of_ordinary_size_are_allowed(template: str, rendered: str) -> None:
    assert render(template) == rendered


def test_the_limit_itself_is_allowed() -> None:
    refuse_large(0, MAX_CHARACTERS)

    with pytest.raises(SecurityError, match="the result would be larger than 10,000,000"):
        refuse_large(0, MAX_CHARACTERS + 1)
