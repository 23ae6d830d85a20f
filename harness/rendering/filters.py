"""The filters of templates and expressions that Jinja does not have, or has differently."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.runtime import Undefined

from harness.rendering.limits import refuse_large

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*$")


def _center(text: Any, width: int = 80) -> str:
    refuse_large(width)
    return str(text).center(width)


def _from_json(text: Any) -> Any:
    if isinstance(text, Undefined):
        return text
    if not isinstance(text, str | bytes | bytearray):
        raise TypeError(f"from_json: expected a text, found {type(text).__name__}")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise SecurityError("from_json: the text is nested too deeply to be parsed") from error
    except ValueError as error:
        # Python limits the digits of an integer it parses, because that takes quadratic time
        if not isinstance(error, json.JSONDecodeError) and "integer string" in str(error):
            words = "from_json: the text has a number with too many digits to be parsed"
            raise SecurityError(words) from error
        raise ValueError(f"from_json: not JSON: {error}") from error


def _between(text: Any, start: str, end: str) -> Any:
    """Return the text between the first `start` and the next `end`."""
    if isinstance(text, Undefined):
        return text
    _, opening, rest = str(text).partition(start)
    content, closing, _ = rest.partition(end)
    if not opening or not closing:
        raise ValueError(f"between: {end if opening else start!r} not found")
    return content


def _fenced(text: Any, language: str | None = None) -> Any:
    """Return the content of the first fenced block in a Markdown text, of a language if named."""
    if isinstance(text, Undefined):
        return text
    for block_language, content in _fenced_blocks(str(text)):
        if language is None or block_language.casefold() == language.casefold():
            return content
    kind = "fenced block" if language is None else f"fenced block of {language}"
    raise ValueError(f"fenced: no {kind} found")


def _fenced_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the language and the content of fenced blocks.

    Source:
        CommonMark 0.31, 4.5: a fence closes a block if it is at least as long as the opening one.
    """
    fence, language, lines = "", "", list[str]()
    for line in text.splitlines(keepends=True):
        match = _FENCE.match(line)
        if not fence and match is not None:
            fence, language, lines = match[1], match[2], []
        elif fence and match is not None and not match[2] and match[1].startswith(fence):
            yield language, "".join(lines)
            fence = ""
        elif fence:
            lines.append(line)


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


FILTERS: dict[str, Callable[..., Any]] = {
    "center": _center,  # Jinja's own takes any width
    "from_json": _from_json,
    "between": _between,
    "fenced": _fenced,
    "strip": str.strip,
    "tojson": _to_json,  # Jinja's own escapes for HTML
}
