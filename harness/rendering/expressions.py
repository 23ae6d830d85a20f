"""Evaluates Jinja expressions in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness.assertions.expressions_api import CONTENT, ContentError, ExpressionError
from harness.rendering.template import MissingVariableError

if TYPE_CHECKING:
    from harness.rendering.environment import TemplateEnvironment
    from harness.rendering.expression_faults import ExpressionPart

_CACHED_EXPRESSIONS = 1024
_TOO_DEEP = "nested too deeply"
_RAISED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Expressions:
    """Evaluates expressions; Jinja is imported for the first of them."""

    def __init__(self, environment: Callable[[], TemplateEnvironment]) -> None:
        self._environment = environment
        self._compiled = lru_cache(_CACHED_EXPRESSIONS)(self._compile)
        self._names = lru_cache(_CACHED_EXPRESSIONS)(self._find_names)
        self._parts = lru_cache(_CACHED_EXPRESSIONS)(self._take_apart)

    def check(self, expression: str) -> None:
        """Raise ExpressionError if the text is not an expression."""
        self._compiled(expression)

    def names(self, expression: str) -> frozenset[str]:
        """Return the names of the scope that an expression uses."""
        return self._names(expression)

    def evaluate(self, expression: str, scope: Mapping[str, Any]) -> Any:
        """Return the value of an expression.

        Raises:
            ContentError: It has none, because of the content of the reply.
            ExpressionError: It has none otherwise, or the value is a method.
        """
        import jinja2

        try:
            return self._value(expression, scope)
        except RecursionError as error:
            raise ExpressionError(_TOO_DEEP, "flatten the expression") from error
        except MissingVariableError as error:
            self._refuse_content(expression, scope, error)
            fix = "use a name or attribute that exists"
            raise ExpressionError(str(error.message), fix) from error
        except jinja2.exceptions.SecurityError as error:
            # the content may be to blame, but a limit is no judgement of it
            raise _wrong(error) from error
        except (*_RAISED, jinja2.TemplateError) as error:
            self._refuse_content(expression, scope, error)
            raise _wrong(error) from error

    def _value(self, expression: str, scope: Mapping[str, Any]) -> Any:
        from jinja2.runtime import Undefined

        from harness.rendering.environment import uncalled_method
        from harness.rendering.expression_faults import plain

        value = plain(self._compiled(expression)(**scope))
        if isinstance(value, Undefined):
            str(value)  # raises MissingVariableError
        elif callable(value):
            raise TypeError(uncalled_method(value))
        return value

    def _refuse_content(self, expression: str, scope: Mapping[str, Any], error: Exception) -> None:
        """Raise ContentError if it is the content of the reply that has no value."""
        if CONTENT.isdisjoint(self.names(expression)):
            return
        from harness.rendering.expression_faults import fault_in_content

        fault = fault_in_content(self._parts(expression), scope)
        if fault is not None:
            raise ContentError(fault, "") from error

    def _take_apart(self, expression: str) -> ExpressionPart:
        from harness.rendering.expression_faults import part_of

        return part_of(expression, self._environment())

    def _find_names(self, expression: str) -> frozenset[str]:
        from harness.rendering.expression_faults import names_in

        return names_in(self._parts(expression))

    def _compile(self, expression: str) -> Callable[..., Any]:
        import jinja2

        try:
            return self._environment().compile_expression(expression, undefined_to_none=False)
        except RecursionError as error:
            raise ExpressionError(_TOO_DEEP, "flatten the expression") from error
        except jinja2.TemplateSyntaxError as error:
            fix = "write a Jinja expression, such as `output | length > 3`"
            quoted = re.search(r"named '(\w+)'|unexpected '([^']+)'", error.message or "")
            name = (quoted[1] or quoted[2]) if quoted is not None else ""
            offset = max(expression.rfind(name), 0) if name else 0
            problem = f"not an expression: {error.message}"
            raise ExpressionError(problem, fix, offset) from error


def _wrong(error: Exception) -> ExpressionError:
    return ExpressionError(f"{type(error).__name__}: {error}", "correct the expression")
