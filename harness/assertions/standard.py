"""All assertions that come with the harness."""

from __future__ import annotations

from harness.assertions.expression import Evaluates, expression_assertions
from harness.assertions.limits import limit_assertions
from harness.assertions.registry import AssertionRegistry
from harness.assertions.structure import structure_assertions
from harness.assertions.text import text_assertions


def standard_assertions(expressions: Evaluates) -> AssertionRegistry:
    """Return a registry of its own with every built-in assertion."""
    registry = AssertionRegistry()
    for family in (text_assertions, structure_assertions, limit_assertions):
        registry.include(family)
    registry.include(expression_assertions(expressions))
    return registry
