"""JSON as it is sent and stored: compact UTF-8."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

_LONG_NUMBER = re.compile(rb"[0-9]{19}")
_SORTED = orjson.OPT_SORT_KEYS


def json_value(line: bytes) -> Any:
    """Return what a piece of JSON says, in the words of the standard library.

    Raises:
        ValueError: It is no JSON.
    """
    if not _LONG_NUMBER.search(line):  # orjson makes a float of a long integer
        try:
            return orjson.loads(line)
        except ValueError:  # a lone surrogate, which orjson refuses, or no JSON
            pass
    return json.loads(line)


def json_bytes(value: Any, *, sort_keys: bool = False) -> bytes:
    """Return a value as JSON on one line.

    A lone surrogate, which a model may well send, is written as the escape it came as. Numbers
    that are not finite must not be in the value: they would become `null`.

    Raises:
        TypeError: Something in the value has no form in JSON.
    """
    try:
        return orjson.dumps(value, option=_SORTED if sort_keys else None)
    except TypeError:  # a lone surrogate or a long integer, which orjson refuses
        text = json.dumps(value, ensure_ascii=False, sort_keys=sort_keys, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")
