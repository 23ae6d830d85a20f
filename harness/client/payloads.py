"""Reads what the service sends: JSON of bounded depth, and messages of the right shape."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from harness.json_text import plain_json_value

MAX_DEPTH = 100


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: It is not JSON, holds a number that JSON cannot carry, or is nested too deeply.
    """
    try:
        value = _parsed(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    # Whoever walks through the value later recurses. Counting brackets is so much faster than
    # walking that the walk is left to texts that could be too deep.
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    return value


def _parsed(text: str | bytes) -> Any:
    try:
        return plain_json_value(text if isinstance(text, bytes) else text.encode())
    except (ValueError, UnicodeEncodeError):
        return _DECODER.decode(text if isinstance(text, str) else _text(text))


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"`{text}` is too large for a number")
    return number


# Python reads NaN and 1e999 gladly, and neither could be written to the run file as JSON.
_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def _text(body: bytes) -> str:
    return body.decode(json.detect_encoding(body), "surrogatepass")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise ValueError(f"nested deeper than {MAX_DEPTH} levels")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def message_problem(payload: Mapping[str, Any]) -> str | None:
    """Return why a payload is not a message, or None if it is one."""
    # A missing field is forgiven where a reply can be judged without it. A field that is there
    # must have the type that the API promises: otherwise something would be judged that the model
    # never said.
    if payload.get("type", "message") != "message":
        return f"its type is {payload['type']!r}"
    if payload.get("role", "assistant") != "assistant":
        return f"its role is {payload['role']!r}"
    if not isinstance(payload.get("stop_reason"), str | None):
        return "its stop_reason is not a string"
    content = payload.get("content")
    if not isinstance(content, list):
        return "it has no list of content"
    for index, block in enumerate(content):
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            return f"its content[{index}] is not a block with a type"
        if block["type"] == "text" and not isinstance(block.get("text"), str):
            return f"its content[{index}] has no text"
    return _usage_problem(payload.get("usage"))


def _is_count(value: object) -> bool:
    # Beyond 2**53 numbers lose digits in JavaScript, which reads the run in the page.
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _usage_problem(usage: object) -> str | None:
    if usage is None:
        return None
    if not isinstance(usage, dict):
        return "its usage is not an object"
    for name, count in usage.items():
        if name.endswith("_tokens") and count is not None and not _is_count(count):
            return f"its usage.{name} is not a count"
    return None
