"""Assertions of installed packages, loaded from entry points."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from harness.app.plan.plugins import GROUP, installed_assertions
from harness.assertions.registry import AssertionRegistry
from harness.errors import DefinitionError

registry = AssertionRegistry()


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_registries_come_with_the_names_of_their_entry_points() -> None:
    entries = [entry("ours", f"{__name__}:registry")]

    assert list(installed_assertions(entries)) == [("ours", registry)]


def test_without_packages_there_are_none() -> None:
    assert list(installed_assertions([])) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("no_such_module:x", "x = no_such_module:x cannot be loaded: ModuleNotFoundError: "),
        (f"{__name__}:missing", "cannot be loaded: AttributeError: "),
        (f"{__name__}:entry", "must be an AssertionRegistry, not function"),
    ],
)
def test_a_broken_entry_point_is_named(value: str, problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        list(installed_assertions([entry("x", value)]))

    assert problem in str(caught.value)
