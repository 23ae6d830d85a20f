"""The parts that load and render, as they are put together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.app.plan.components import Components
from harness.loading.nodes import data_of
from harness.loading.yaml_reader import compose
from harness.source import SourceFile


def test_code_of_the_project_is_not_run_unless_it_is_allowed() -> None:
    assert Components().code is None
    assert Components(allows_code=True).code is not None


def test_the_schema_has_a_place_for_every_assertion() -> None:
    components = Components()

    text = str(components.schema)

    assert all(f"'{definition.name}'" in text for definition in components.assertions)


@pytest.mark.parametrize(
    ("part", "data", "is_valid"),
    [
        (None, {"suite": "s", "cases": [{"id": "a", "prompt": "Hi"}]}, True),
        (None, {"suite": "s"}, False),
        ("request", {"model": "m"}, True),
        ("request", {"modle": "m"}, False),
    ],
)
def test_a_shape_is_that_of_a_suite_or_of_a_part(
    part: str | None, data: dict[str, object], is_valid: bool
) -> None:
    node = compose(SourceFile(Path("t.suite.yaml"), json.dumps(data)), [])

    problems = list(Components().shape(part).problems(node, data_of(node)))

    assert (not problems) is is_valid
