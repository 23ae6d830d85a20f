"""The JSON Schema of expectations."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness.assertions.expectation_schema import MODIFIERS, expectation_schema
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply


@pytest.fixture
def schema() -> dict[str, Any]:
    registry = AssertionRegistry()

    @registry.register("longer_than")
    def longer_than(
        reply: Reply, length: int, *, measure: str, ignore_space: bool = False
    ) -> Verdict:
        """Pass when the reply is longer."""
        return Verdict.passing()

    @registry.register("short", is_negatable=False)
    def short(reply: Reply, text: str) -> Verdict:
        """Pass when the reply is short."""
        return Verdict.passing()

    return expectation_schema(registry)


def test_an_assertion_is_described_by_its_docstring_and_annotations(schema: dict[str, Any]) -> None:
    described = schema["properties"]["longer_than"]

    assert described["description"] == "Pass when the reply is longer."
    assert described["anyOf"][0]["type"] == "integer"


@pytest.mark.parametrize(
    "item",
    [
        {"longer_than": 3, "measure": "m"},
        {"not_longer_than": 3, "measure": "m", "ignore_space": True},
        {"longer_than": "{{ n }}", "measure": "m"},
        {"short": "x", "weight": 0, "name": "n", "metric": "m", "severity": "warn"},
        {"short": "x", "transform": "output"},
    ],
)
def test_one_assertion_with_its_options_and_modifiers_is_valid(
    schema: dict[str, Any], item: dict[str, Any]
) -> None:
    assert Draft202012Validator(schema).is_valid(item)


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"measure": "m"},
        {"weight": 1},
        {"longer_than": 3},
        {"longer_than": 3, "measure": "m", "short": "x"},
        {"longer_than": "three", "measure": "m"},
        {"short": "x", "measure": "m"},
        {"not_short": "x"},
        {"short": "x", "severity": "low"},
        {"short": "x", "weight": -1},
        {"short": "x", "name": "{{ n }}"},
        {"shorter": "x"},
    ],
)
def test_anything_else_is_invalid(schema: dict[str, Any], item: dict[str, Any]) -> None:
    assert not Draft202012Validator(schema).is_valid(item)


def test_every_modifier_is_described(schema: dict[str, Any]) -> None:
    for name, modifier in MODIFIERS.items():
        assert modifier["description"].endswith(".")
        assert schema["properties"][name] == modifier
