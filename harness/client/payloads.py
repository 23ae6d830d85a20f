"""Reads what the service sends: JSON of bounded depth, and messages of the right shape."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

MAX_DEPTH = 100


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: It is no JSON, holds a number that JSON cannot carry, or is nested too deeply.
    """
    try:
        value = _DECODER.decode(text if isinstance(text, str) else _text(text))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    written = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if written.count(b"[") + written.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"`{text}` is too large for a number")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def _text(body: bytes) -> str:
    return body.decode(json.detect_encoding(body), "surrogatepass")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise ValueError(f"nested deeper than {MAX_DEPTH} levels")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def message_problem(payload: Mapping[str, Any]) -> str | None:
    """Say what keeps a payload from being a message, or return None if it is one.

    What is missing is forgiven where a reply can be judged without it; what is there must be of
    the type that the API promises, so that nothing is judged that was not said.
    """
    if payload.get("type", "message") != "message":
        return f"its type is {payload['type']!r}"
    if payload.get("role", "assistant") != "assistant":
        return f"its role is {payload['role']!r}"
    if not isinstance(payload.get("stop_reason"), str | None):
        return "its stop_reason is no text"
    content = payload.get("content")
    if not isinstance(content, list):
        return "it has no list of content"
    for index, block in enumerate(content):
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            return f"its content[{index}] is no block with a type"
        if block["type"] == "text" and not isinstance(block.get("text"), str):
            return f"its content[{index}] has no text"
    return _usage_problem(payload.get("usage"))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _usage_problem(usage: object) -> str | None:
    if usage is None:
        return None
    if not isinstance(usage, dict):
        return "its usage is no object"
    for name, count in usage.items():
        if name.endswith("_tokens") and count is not None and not _is_count(count):
            return f"its usage.{name} is no count"
    return None
