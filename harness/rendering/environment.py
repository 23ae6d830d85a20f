"""The Jinja sandbox in which templates and expressions run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from harness.rendering.filters import FILTERS
from harness.rendering.included import joined_name
from harness.rendering.limits import refuse_large
from harness.rendering.template import MissingVariableError, inserted

_WIDE_FORMAT = re.compile(r"[0-9]{5,}|\*")
_FORMATS = frozenset({"format", "format_map"})
_TOO_WIDE = "the width of the format is too large"
_GLOBALS = ("range", "dict", "namespace")


class NamedUndefined(StrictUndefined):
    """An undefined value whose error has the name that was used."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[Exception] | Callable[[str], Exception] = UndefinedError,
    ) -> None:
        if exc is UndefinedError:
            exc = partial(MissingVariableError, str(name), is_part=obj is not missing)
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type]  # it is only called


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Jinja without ways to change values, reach into Python, or grow without limit.

    Text is kept as written, without trimming and with line feeds at the end.
    """

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, loader: BaseLoader | None = None) -> None:
        super().__init__(
            loader=loader,
            undefined=NamedUndefined,
            keep_trailing_newline=True,
            autoescape=False,
            finalize=_written,
        )
        self.globals = {name: self.globals[name] for name in _GLOBALS}
        self.filters |= FILTERS

    def join_path(self, template: str, parent: str) -> str:
        """Return the name of a template that another one includes."""
        return joined_name(template, parent)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the value under a key of a mapping, or else a Python attribute."""
        # Jinja looks for attributes first: `data.items` would be a method of the dict.
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call(self, context: Any, function: Any, *arguments: Any, **options: Any) -> Any:
        """Refuse calls such as `"x".ljust(1000000000)`, and formats of such a width."""
        text = getattr(function, "__self__", None)
        if isinstance(text, str):
            refuse_large(*map(_count, arguments), *map(_count, options.values()), 0)
            if getattr(function, "__name__", "") in _FORMATS and _WIDE_FORMAT.search(text):
                raise SecurityError(_TOO_WIDE)
        return super().call(context, function, *arguments, **options)

    def call_binop(self, context: Any, operator: str, first: Any, second: Any) -> Any:
        """Refuse products, powers and formats that would exhaust memory."""
        if operator == "*":
            refuse_large(_length(first) * _count(second), _length(second) * _count(first))
        elif operator == "**" and _count(first) > 1:
            refuse_large(_count(first).bit_length() * _count(second) // 4)
        elif operator == "%" and isinstance(first, str) and _WIDE_FORMAT.search(first):
            raise SecurityError(_TOO_WIDE)
        return super().call_binop(context, operator, first, second)


def _written(value: Any) -> Any:
    """Return a value as it is inserted; refuse a method, which would be rendered with its address.

    What is undefined stays so: Jinja raises its error.
    """
    if isinstance(value, Undefined):
        return value
    if callable(value):
        raise TypeError(uncalled_method(value))
    return inserted(value)


def uncalled_method(value: Any) -> str:
    """Return the problem of a method that an expression names without calling it."""
    name = getattr(value, "__name__", "it")
    return f"`{name}` is a method: write `{name}()` to call it"


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _count(value: Any) -> int:
    return abs(value) if isinstance(value, int) else 0
