from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import SuiteError
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.templates import Templates
from harness.source import SourceFile, Text, TextOrigin


def text(value: str) -> Text:
    return Text(value, TextOrigin(SourceFile(Path("p.md"), value), 0, len(value), "raw"))


def render(template: str, /, **variables: Any) -> str:
    return Templates(TemplateEnvironment).render(text(template), variables)


def problem(value: str, **variables: Any) -> str:
    with pytest.raises(SuiteError) as caught:
        render(value, **variables)
    return str(caught.value)


@pytest.mark.parametrize(
    ("template", "variables", "rendered"),
    [
        ("Hi {{ name }}!", {"name": "Ada"}, "Hi Ada!"),
        ("{{ n }} {{ t }} {{ x }}", {"n": 0.7, "t": True, "x": None}, "0.7 true null"),
        ("{% for i in items %}{{ i }},{% endfor %}", {"items": [1, 2]}, "1,2,"),
        ("a\n\n  {{- name }}\n", {"name": "b"}, "ab\n"),
        ("{{ name | default('nobody') }}", {}, "nobody"),
        ("{% if x is defined %}{{ x }}{% endif %}", {}, ""),
        ("{{ data | tojson }}", {"data": {"a": "<é>"}}, '{"a": "<é>"}'),
        ("{# note #}x{% raw %}{{ y }}{% endraw %}", {}, "x{{ y }}"),
        ("  trailing  \n\n{{ x }}\n\n", {"x": ""}, "  trailing  \n\n\n\n"),
        ("no template { here }", {}, "no template { here }"),
        ("{{ '%.2f' % n }}", {"n": 1}, "1.00"),
        ("{% if a %}{% set q = 1 %}{% else %}{% set q = 2 %}{% endif %}{{ q }}", {"a": 0}, "2"),
    ],
)
def test_a_template_is_rendered_to_the_letter(
    template: str, variables: dict[str, Any], rendered: str
) -> None:
    assert render(template, **variables) == rendered


@pytest.mark.parametrize("value", ["{{ 7*7 }}", "{% raw %}", "#}", "{{ x }}", "}}{{"])
def test_a_value_is_data_and_never_rendered_again(value: str) -> None:
    assert render("<{{ value }}>", value=value, x="boom") == f"<{value}>"


VARIABLE = st.sampled_from(["{{ a }}", "{{a}}", "{{  b }}"])
LITERAL = st.text(st.characters(exclude_characters="\r{}", exclude_categories=["Cs"]), max_size=9)


@given(st.lists(LITERAL | VARIABLE, max_size=6).map("".join), st.text(max_size=5), st.floats())
def test_filling_in_by_hand_is_what_jinja_does(template: str, a: str, b: float) -> None:
    environment = TemplateEnvironment()

    expected = environment.from_string(template).render(a=a, b=b)

    assert Templates(lambda: environment).render(text(template), {"a": a, "b": b}) == expected


@pytest.mark.parametrize(
    ("template", "position", "words"),
    [
        ("Hi {{ nmae }}", "p.md:1:7", "undefined variable `nmae`\n  fix: write `name`"),
        ("a\nb {{ name }}{{ nmae }}", "p.md:2:16", "undefined variable `nmae`"),
        ("{% if name %}\n{{ nmae }}{% endif %}", "p.md:2:4", "undefined variable `nmae`"),
        ("{{ name | upper }} {{ xyz | upper }}", "p.md:1:23", "undefined variable `xyz`"),
        ("{{ user.nmae }}", "p.md:1:9", "the value has no key or attribute `nmae`"),
        ("{{ user['nmae'] }}", "p.md:1:9", "the value has no key or attribute `nmae`"),
        ("x\n{{ name | }}", "p.md:2:1", "template syntax:"),
        ("{{ name }} {{ name | uper }}", "p.md:1:22", "template syntax: No filter named 'uper'"),
        ("ok {% esle %}", "p.md:1:7", "template syntax: Encountered unknown tag 'esle'"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "p.md:1:1", "the template is nested"),
        ("{{ name / 0 }}", "p.md:1:1", "the template failed: "),
        ("{{ name | nofilter }}", "p.md:1:11", "template syntax: No filter named 'nofilter'"),
    ],
)
def test_a_mistake_is_reported_at_its_position(template: str, position: str, words: str) -> None:
    message = problem(template, name="Ada", user={"name": "x"})

    assert message.startswith(f"{position}: {words}")


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ ''|attr('__class__') }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ items.append(1) }}",
        "{{ self.__init__ }}",
        "{{ range.__globals__ }}",
        "{{ lipsum }}",
        "{{ cycler.__init__ }}",
    ],
)
def test_the_sandbox_keeps_a_template_inside(template: str) -> None:
    assert problem(template, items=[])


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 1000000000 }}",
        "{{ 1000000000 * 'a' }}",
        "{{ 9 ** 999999999 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '{:>999999999}'.format(1) }}",
        "{{ 'x'.ljust(999999999) }}",
        "{{ 'x' | center(999999999) }}",
        "{% for i in range(100000) %}{% for j in range(1000) %}{{ long }}{% endfor %}{% endfor %}",
    ],
)
def test_a_template_cannot_fill_the_memory(template: str) -> None:
    assert "the template failed" in problem(template, long="x" * 1000)
