"""All assertions that come with the harness."""

from __future__ import annotations

from harness.assertions.code import NoCode, RunsCode, code_assertions
from harness.assertions.composition import composition_assertions
from harness.assertions.expression import expression_assertions
from harness.assertions.expressions_api import Evaluates
from harness.assertions.judging import judge_assertions
from harness.assertions.languages import language_assertions
from harness.assertions.length import length_assertions
from harness.assertions.limits import limit_assertions
from harness.assertions.markup import markup_assertions
from harness.assertions.refusals import refusal_assertions
from harness.assertions.registry import AssertionRegistry
from harness.assertions.similarity import similarity_assertions
from harness.assertions.structure import structure_assertions
from harness.assertions.text import text_assertions
from harness.assertions.tools import tool_assertions
from harness.assertions.variants import variant_assertions

_FAMILIES = {
    "text": text_assertions,
    "length": length_assertions,
    "structure": structure_assertions,
    "markup": markup_assertions,
    "languages": language_assertions,
    "similarity": similarity_assertions,
    "tools": tool_assertions,
    "refusals": refusal_assertions,
    "judges": judge_assertions,
    "time, tokens and cost": limit_assertions,
    "variants": variant_assertions,
    "composition": composition_assertions,
}


def assertion_families(
    expressions: Evaluates, code: RunsCode | None = None
) -> dict[str, AssertionRegistry]:
    """Return the built-in assertions by what they are about."""
    return {
        **_FAMILIES,
        "expressions": expression_assertions(expressions),
        "code": code_assertions(code or NoCode()),
    }


def standard_assertions(expressions: Evaluates, code: RunsCode | None = None) -> AssertionRegistry:
    """Return a registry of its own with every built-in assertion.

    Args:
        expressions: Evaluates expressions and transforms.
        code: Runs functions of the project; without it they are refused.
    """
    registry = AssertionRegistry(expressions)
    for family in assertion_families(expressions, code).values():
        registry.include(family)
    return registry
