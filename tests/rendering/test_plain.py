from __future__ import annotations

import pytest

from harness.rendering.plain import plain_template, variable_alone
from harness.rendering.template import MissingVariableError


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{{ queues }}", "queues"),
        ("{{queues}}", "queues"),
        ("{{ queues }} ", None),
        ("{{ queues | first }}", None),
        ("{{ true }}", None),
        ("{{ loop }}", None),
        ("queues", None),
    ],
)
def test_a_variable_alone_is_recognised(text: str, name: str | None) -> None:
    assert variable_alone(text) == name


def test_variables_are_inserted_as_text() -> None:
    template = plain_template("{{ a }} and {{b}} and {{ a }}")

    assert template is not None
    assert template.names == {"a", "b"}
    assert template.fill({"a": 0.5, "b": None}) == "0.5 and null and 0.5"


@pytest.mark.parametrize(
    "text",
    [
        "{{ a | upper }}",
        "{{ a.b }}",
        "{% if a %}x{% endif %}",
        "{# note #}{{ a }}",
        "{{{ a }}",
        "{{ a }}}",
        "{{ a }}\r\n",
        "{{ true }}",
        "{{ a",
    ],
)
def test_what_does_more_is_left_to_jinja(text: str) -> None:
    assert plain_template(text) is None


def test_a_missing_variable_is_in_the_error() -> None:
    template = plain_template("{{ a }}{{ b }}")

    assert template is not None
    with pytest.raises(MissingVariableError) as caught:
        template.fill({"a": 1})
    assert (caught.value.name, caught.value.is_part) == ("b", False)


def test_names_are_found_at_every_place() -> None:
    template = plain_template("{{ a }}-{{ab}}-{{ a }}")

    assert template is not None
    assert template.offsets("a", is_part=False) == [3, 18]
    assert template.offsets("a", is_part=True) == []
