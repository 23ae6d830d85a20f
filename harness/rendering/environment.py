"""The sandbox that templates and expressions run in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from jinja2 import StrictUndefined, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from harness.rendering.template import MissingVariableError

MAX_CHARACTERS = 10_000_000
_WIDE_FORMAT = re.compile(r"[0-9]{5,}|\*")
_FORMATS = frozenset({"format", "format_map"})
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*$")
_KEPT_GLOBALS = ("range", "dict", "namespace")


class NamedUndefined(StrictUndefined):
    """An undefined value whose error still knows the name that was asked for."""

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
    """Jinja without what could change values, reach into Python, or grow without bound.

    Text is kept as it is written: no trimming, and line feeds at the end stay.
    """

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=NamedUndefined,
            keep_trailing_newline=True,
            autoescape=False,
            finalize=_refuse_method,
        )
        self.globals = {name: self.globals[name] for name in _KEPT_GLOBALS}
        self.filters["center"] = _center
        self.filters["from_json"] = _from_json
        self.filters["between"] = _between
        self.filters["fenced"] = _fenced
        self.filters["strip"] = str.strip
        self.filters["tojson"] = _to_json  # Jinja's own escapes for HTML

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a key of a mapping, and only without one what Python has of that name."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call(self, context: Any, function: Any, *arguments: Any, **options: Any) -> Any:
        """Refuse calls such as `"x".ljust(1000000000)`, and formats as wide as that."""
        text = getattr(function, "__self__", None)
        if isinstance(text, str):
            _refuse_large(*map(_count, arguments), *map(_count, options.values()), 0)
            if getattr(function, "__name__", "") in _FORMATS and _WIDE_FORMAT.search(text):
                raise SecurityError("a format as wide as this is not allowed")
        return super().call(context, function, *arguments, **options)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse products, powers and formats that would fill the memory."""
        if operator == "*":
            _refuse_large(_length(left) * _count(right), _length(right) * _count(left))
        elif operator == "**" and _count(left) > 1:
            _refuse_large(_count(left).bit_length() * _count(right) // 4)
        elif operator == "%" and isinstance(left, str) and _WIDE_FORMAT.search(left):
            raise SecurityError("a format as wide as this is not allowed")
        return super().call_binop(context, operator, left, right)


def _refuse_method(value: Any) -> Any:
    """Return a value as it is; one that is to be called would be rendered with its address."""
    if callable(value) and not isinstance(value, Undefined):
        raise TypeError(f"`{getattr(value, '__name__', value)}` is a method, and was not called")
    return value


def _center(text: Any, width: int = 80) -> str:
    _refuse_large(width)
    return str(text).center(width)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _count(value: Any) -> int:
    return abs(value) if isinstance(value, int) else 0


def _refuse_large(*sizes: int) -> None:
    if max(sizes) > MAX_CHARACTERS:
        raise SecurityError(f"the result would be larger than {MAX_CHARACTERS:,}")


def _from_json(text: Any) -> Any:
    if isinstance(text, Undefined):
        return text
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"from_json: not JSON: {error}") from error


def _between(text: Any, start: str, end: str) -> Any:
    """Return what stands between two marks, the first time both are there."""
    if isinstance(text, Undefined):
        return text
    _, found, rest = str(text).partition(start)
    inside, closed, _ = rest.partition(end)
    if not found or not closed:
        missing_mark = start if not found else end
        raise ValueError(f"between: {missing_mark!r} is not there")
    return inside


def _fenced(text: Any, language: str | None = None) -> Any:
    """Return what the first fenced block of a Markdown text holds, of a language if named."""
    if isinstance(text, Undefined):
        return text
    for written, inside in _fenced_blocks(str(text)):
        if language is None or written.casefold() == language.casefold():
            return inside
    of = "" if language is None else f" of {language}"
    raise ValueError(f"fenced: there is no fenced block{of}")


def _fenced_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the language and the content of fenced blocks.

    Source:
        CommonMark 0.31, 4.5: a block is closed by a fence that is at least as long as its own.
    """
    fence, language, inside = "", "", list[str]()
    for line in text.splitlines(keepends=True):
        found = _FENCE.match(line)
        if not fence and found is not None:
            fence, language, inside = found[1], found[2], []
        elif fence and found is not None and not found[2] and found[1].startswith(fence):
            yield language, "".join(inside)
            fence = ""
        elif fence:
            inside.append(line)


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
