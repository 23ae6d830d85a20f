"""The assertion `that`: any condition, written as an expression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.assertions.difference import excerpt
from harness.assertions.expressions_api import (
    TIMES,
    ContentError,
    ExpressionError,
    ExpressionEvaluator,
    scope_of,
)
from harness.assertions.limits import UNREPORTED, untimed
from harness.assertions.parameters import ArgumentError, ParameterType
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply


def expression_assertions(expressions: ExpressionEvaluator) -> AssertionRegistry:
    """Return the registry with `that`."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            problem = f"expected an expression, found {value!r}"
            raise ArgumentError(problem, 'put the expression in "quotes"')
        if value.lstrip().startswith("{{"):
            fix = "write the expression without braces; it can use variables by name"
            raise ArgumentError("`{{` inside an expression", fix, offset=value.index("{{"))
        try:
            expressions.check(value)
        except ExpressionError as problem:
            raise ArgumentError(problem.problem, problem.fix, offset=problem.offset) from problem
        return value  # not a plain `str`: a `Text` knows its position, which errors point to

    registry = AssertionRegistry()
    kind = ParameterType({"type": "string", "minLength": 1}, read, is_templated=False)

    @registry.register("that", argument=kind)
    def that(reply: Reply, expression: str, *, variables: Mapping[str, Any]) -> Verdict:
        """Pass when a Jinja expression is true, such as `output | length > 20`.

        It can use `output`, `vars`, `usage`, `latency`, `ttft`, `cost`, `stop_reason`, `model`,
        `content`, the trial's variables by name, and the filter `from_json`, which parses JSON.
        A reply that lacks what the expression reads, such as JSON or a key, fails.
        """
        # a condition on the time of a cached reply would pass or fail by chance
        if (verdict := untimed(reply)) is not None and TIMES & expressions.names(expression):
            return verdict
        try:
            value = expressions.evaluate(expression, _reported_scope(reply, variables))
        except ContentError as problem:
            reason = f"`{excerpt(expression)}`: {problem.problem}"
            return Verdict.unreadable(reason, actual=excerpt(reply.text))
        except ExpressionError as problem:
            is_unreported = "usage" in expressions.names(expression) and not reply.usage.is_reported
            why = f"; {UNREPORTED}" if is_unreported else ""
            return Verdict.errored(f"`{excerpt(expression)}`: {problem.problem}{why}")
        if value:
            return Verdict.passing(f"`{excerpt(expression)}` is true")
        reason = f"`{excerpt(expression)}` is {value!r}"
        return Verdict.failing(reason, expected="true", actual=excerpt(reply.text))

    return registry


def _reported_scope(reply: Reply, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the scope without counts that the service did not report.

    Jinja then has no value for what is computed from them, where null would count as false.
    """
    scope = scope_of(reply, variables)
    reported = {name: count for name, count in scope["usage"].items() if count is not None}
    return {**scope, "usage": reported}
