from __future__ import annotations

import pytest

from harness.errors import SuiteError
from harness.rendering.compiled import CompiledTemplates
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.template import FillError, MissingVariableError
from tests.support.sources import raw_text

TEMPLATES = CompiledTemplates(TemplateEnvironment())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ a }} {{ b.c }}", {"a", "b"}),
        ("{{ a | default('x') }}", set()),
        ("{% if a is defined %}{{ a }}{% endif %}", set()),
        ("{% for a in b %}{{ a }}{% endfor %}", {"b"}),
        ("{% set a = 1 %}{{ a }}", set()),
        ("{% if b %}{% set a = 1 %}{% endif %}{{ a }}", {"b"}),
        ("{{ range(3) }}", set()),
    ],
)
def test_a_template_names_the_variables_it_requires(text: str, names: set[str]) -> None:
    assert TEMPLATES.template(raw_text(text)).names == names


def test_an_expression_names_the_variables_it_requires() -> None:
    assert TEMPLATES.names_in_expression("a + b.c | default(d)") == {"a", "b", "d"}


def test_names_are_found_as_variables_and_as_parts() -> None:
    template = TEMPLATES.template(raw_text("{{ a.a }} {{ b['a'] }} {{ a | upper }}"))

    assert template.offsets("a", is_part=False) == [3, 26]
    assert template.offsets("a", is_part=True) == [5, 15]


def test_equal_texts_are_compiled_once() -> None:
    one, other = (TEMPLATES.template(raw_text("{{ a | upper }}")) for _ in range(2))

    assert one is other


@pytest.mark.parametrize(
    ("text", "position", "fix"),
    [
        ("a\n{{ x | uper }}", "2:8", "write `upper`"),
        ("{{ x is odder }}", "1:9", "write `odd`"),
        ("{% esle %}", "1:4", "close every tag"),
        ("{{ x", "1:1", "close every tag"),
    ],
)
def test_a_syntax_error_points_to_the_word(text: str, position: str, fix: str) -> None:
    with pytest.raises(SuiteError) as caught:
        TEMPLATES.template(raw_text(text))

    assert str(caught.value.span) == f"p.md:{position}"
    assert str(caught.value.fix).startswith(fix)


def test_an_error_while_filling_has_the_line_of_the_template() -> None:
    with pytest.raises(FillError) as failed:
        TEMPLATES.template(raw_text("a\nb\n{{ 1 / x }}")).fill({"x": 0})
    with pytest.raises(MissingVariableError) as missing:
        TEMPLATES.template(raw_text("a\n{{ x | upper }}")).fill({})

    assert (failed.value.line, missing.value.line) == (3, 2)
    assert failed.value.problem == "the template failed: ZeroDivisionError: division by zero"
