"""The filters of templates and expressions that Jinja does not have, or has differently."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.runtime import Undefined

from harness.rendering.extraction import (
    between,
    fenced,
    lines,
    number,
    parts,
    search,
    unfenced,
)
from harness.rendering.limits import refuse_large


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


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


FILTERS: dict[str, Callable[..., Any]] = {
    "center": _center,  # Jinja's own takes any width
    "from_json": _from_json,
    "between": between,
    "fenced": fenced,
    "lines": lines,
    "number": number,
    "parts": parts,
    "search": search,
    "unfenced": unfenced,
    "strip": str.strip,
    "tojson": _to_json,  # Jinja's own escapes for HTML
}
