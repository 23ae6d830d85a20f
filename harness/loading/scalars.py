"""The values of plain YAML scalars, by the core schema of YAML 1.2."""

from __future__ import annotations

import math
import re

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FIRST_CHARACTERS = frozenset("0123456789+-.~nNtTfF")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_INTEGER = 20  # digits; 64 bits take 19 and a sign


def resolve_scalar(text: str) -> str | int | float | bool | None:
    """Return the value of an unquoted scalar.

    Raises:
        ValueError: The number is not finite or does not fit into 64 bits.

    Source:
        YAML 1.2.2, 10.3.2 "Tag Resolution" of the core schema.
    """
    if text and text[0] not in _FIRST_CHARACTERS:  # most scalars are text: skip the patterns
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"`{text}` is not a finite number")
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise ValueError(f"`{text}` is out of range for a number")
        return number
    return text


def _integer(text: str) -> int:
    too_large = f"`{text[:_LONGEST_INTEGER]}` does not fit into 64 bits"
    if len(text) > 4 * _LONGEST_INTEGER:  # int() takes quadratic time
        raise ValueError(too_large)
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    number = int(text[2:] if base != 10 else text, base)
    if not -(2**63) <= number < 2**64:
        raise ValueError(too_large)
    return number
