"""Conditions: `when` of cases and expectations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.assertions.expressions_api import ExpressionError, ExpressionEvaluator
from harness.errors import SuiteError
from harness.source import Text
from harness.suggestions import closest


def is_true(
    expressions: ExpressionEvaluator | None, condition: Text, variables: Mapping[str, Any]
) -> bool:
    """Return whether a condition over variables is true.

    Raises:
        SuiteError: It is no expression, or has no value; in it.
    """
    if condition in variables:  # the most common condition: that a cell is not empty
        return bool(variables[condition])
    assert expressions is not None  # noqa: S101  # the schema of suites has conditions
    try:
        expressions.check(condition)
    except ExpressionError as error:
        raise SuiteError(condition.span_at(error.offset), error.problem, error.fix) from error
    try:
        return bool(expressions.evaluate(condition, variables))
    except ExpressionError as error:
        raise _explained(expressions, condition, variables, error) from error


def _explained(
    expressions: ExpressionEvaluator,
    condition: Text,
    variables: Mapping[str, Any],
    error: ExpressionError,
) -> SuiteError:
    missing = sorted(expressions.names(condition) - variables.keys())
    if not missing:
        return SuiteError(condition.span_at(error.offset), error.problem, error.fix)
    place = condition.span_at(max(condition.find(missing[0]), 0), len(missing[0]))
    match = closest(missing[0], sorted(variables))
    fix = f"write `{match}`" if match else "use the variables of the case: there is no reply yet"
    return SuiteError(place, f"undefined variable `{missing[0]}`", fix)
