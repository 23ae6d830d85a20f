"""Expressions that judge: Jinja in its sandbox, one value out."""

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
_RAISED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Expressions:
    """Evaluates Jinja expressions; Jinja is imported for the first of them."""

    def __init__(self, environment: Callable[[], TemplateEnvironment]) -> None:
        self._environment = environment
        self._compiled = lru_cache(_CACHED_EXPRESSIONS)(self._compile)

    def check(self, expression: str) -> None:
        """Raise ExpressionError if it is no expression."""
        self._compiled(expression)

    def evaluate(self, expression: str, scope: Mapping[str, Any]) -> Any:
        """Return its value; raise ExpressionError if it has none."""
        import jinja2

        try:
            value = self._compiled(expression)(**scope)
            if isinstance(value, jinja2.Undefined):
                str(value)  # raises what is missing
            if callable(value) and not isinstance(value, jinja2.Undefined):
                name = getattr(value, "__name__", "it")
                raise TypeError(f"`{name}` is a method, and was not called")
            if isinstance(value, Iterator):
                value = list(value)  # such as `… | select`, which would be true however empty
        except RecursionError as error:
            raise ExpressionError("it is nested too deeply", "write it flat") from error
        except MissingVariableError as error:
            fix = "use a name or part that exists"
            raise ExpressionError(str(error.message), fix) from error
        except (*_RAISED, jinja2.TemplateError) as error:
            problem = f"{type(error).__name__}: {error}"
            raise ExpressionError(problem, "mend the expression") from error
        return value

    def _compile(self, expression: str) -> Callable[..., Any]:
        import jinja2

        try:
            return self._environment().compile_expression(expression, undefined_to_none=False)
        except RecursionError as error:
            raise ExpressionError("it is nested too deeply", "write it flat") from error
        except jinja2.TemplateSyntaxError as error:
            fix = "write a Jinja expression, such as `output | length > 3`"
            quoted = re.search(r"named '(\w+)'|unexpected '([^']+)'", error.message or "")
            name = (quoted[1] or quoted[2]) if quoted is not None else ""
            offset = max(expression.rfind(name), 0) if name else 0
            problem = f"not an expression: {error.message}"
            raise ExpressionError(problem, fix, offset) from error
