"""Evaluates Jinja expressions in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness.assertions.expressions_api import ExpressionError
from harness.rendering.template import MissingVariableError

if TYPE_CHECKING:
    from harness.rendering.environment import TemplateEnvironment

_CACHED_EXPRESSIONS = 1024
_TOO_DEEP = "nested too deeply"
_RAISED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Expressions:
    """Evaluates expressions; Jinja is imported for the first of them."""

    def __init__(self, environment: Callable[[], TemplateEnvironment]) -> None:
        self._environment = environment
        self._compiled = lru_cache(_CACHED_EXPRESSIONS)(self._compile)

    def check(self, expression: str) -> None:
        """Raise ExpressionError if the text is not an expression."""
        self._compiled(expression)

    def evaluate(self, expression: str, scope: Mapping[str, Any]) -> Any:
        """Return the value of an expression.

        Raises:
            ExpressionError: It has none, or the value is a method.
        """
        import jinja2

        try:
            value = self._compiled(expression)(**scope)
            if isinstance(value, jinja2.Undefined):
                str(value)  # raises MissingVariableError
            if callable(value) and not isinstance(value, jinja2.Undefined):
                from harness.rendering.environment import uncalled_method

                raise TypeError(uncalled_method(value))
            if isinstance(value, Iterator):
                value = list(value)  # of `… | select`, say, which is true even if empty
        except RecursionError as error:
            raise ExpressionError(_TOO_DEEP, "flatten the expression") from error
        except MissingVariableError as error:
            fix = "use a name or attribute that exists"
            raise ExpressionError(str(error.message), fix) from error
        except (*_RAISED, jinja2.TemplateError) as error:
            problem = f"{type(error).__name__}: {error}"
            raise ExpressionError(problem, "correct the expression") from error
        return value

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
