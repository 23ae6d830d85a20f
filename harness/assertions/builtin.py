"""The assertions that come with the harness, by family."""

from __future__ import annotations

from collections.abc import Iterable

from harness.assertions.code import DisabledFunctions, FunctionRunner, code_assertions
from harness.assertions.composition import composition_assertions
from harness.assertions.criteria import criteria_assertions
from harness.assertions.expression import expression_assertions
from harness.assertions.expressions_api import ExpressionEvaluator
from harness.assertions.factual import factual_assertions
from harness.assertions.grading import grading_assertions
from harness.assertions.html_replies import html_assertions
from harness.assertions.json_paths import json_path_assertions
from harness.assertions.json_replies import json_assertions
from harness.assertions.length import length_assertions
from harness.assertions.limits import limit_assertions
from harness.assertions.preference import preference_assertions
from harness.assertions.refusals import refusal_assertions
from harness.assertions.registry import AssertionRegistry
from harness.assertions.similarity import similarity_assertions
from harness.assertions.sql_replies import sql_assertions
from harness.assertions.stop_reasons import stop_reason_assertions
from harness.assertions.text import text_assertions
from harness.assertions.tools import tool_assertions
from harness.assertions.variants import variant_assertions
from harness.assertions.xml_replies import xml_assertions
from harness.assertions.yaml_replies import yaml_assertions

# in the order of docs/assertions.md
_FAMILIES: dict[str, tuple[AssertionRegistry, ...]] = {
    "text": (text_assertions,),
    "length": (length_assertions,),
    "JSON": (json_assertions, json_path_assertions),
    "other formats": (xml_assertions, html_assertions, yaml_assertions, sql_assertions),
    "similarity": (similarity_assertions,),
    "tools": (tool_assertions,),
    "refusals and stop reasons": (refusal_assertions, stop_reason_assertions),
    "judges": (
        grading_assertions,
        criteria_assertions,
        factual_assertions,
        preference_assertions,
    ),
    "time, tokens and cost": (limit_assertions,),
    "variants": (variant_assertions,),
    "composition": (composition_assertions,),
}


def assertion_families(
    expressions: ExpressionEvaluator, functions: FunctionRunner | None = None
) -> dict[str, AssertionRegistry]:
    """Return the built-in assertions by the names of their families.

    Args:
        expressions: Evaluates expressions and transforms.
        functions: Runs functions of the project; without it they are refused.
    """
    families = {
        **_FAMILIES,
        "expressions": (expression_assertions(expressions),),
        "code": (code_assertions(functions or DisabledFunctions()),),
    }
    return {name: _joined(registries) for name, registries in families.items()}


def builtin_assertions(
    expressions: ExpressionEvaluator, functions: FunctionRunner | None = None
) -> AssertionRegistry:
    """Return a new registry of all built-in assertions, to which others may be added.

    Args:
        expressions: Evaluates expressions and transforms.
        functions: Runs functions of the project; without it they are refused.
    """
    return _joined(assertion_families(expressions, functions).values(), expressions)


def _joined(
    registries: Iterable[AssertionRegistry], expressions: ExpressionEvaluator | None = None
) -> AssertionRegistry:
    joined = AssertionRegistry(expressions)
    for registry in registries:
        joined.include(registry)
    return joined
