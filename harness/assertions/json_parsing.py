"""Parses replies as JSON, strictly: what other parsers would refuse is refused here."""

from __future__ import annotations

import json
import math
from typing import Any

from harness.assertions.difference import excerpt
from harness.model.outcome import Verdict

MOST_CHARACTERS = 5_000_000


def parse_json(text: str) -> Any:
    """Return the value of a text that is JSON.

    Raises:
        ValueError: It is not JSON, or has a number too large to represent.
        RecursionError: It is nested too deeply.
    """
    return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)


def json_decoder() -> json.JSONDecoder:
    """Return a decoder as strict as `parse_json`, for JSON inside a text."""
    return json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def not_json(error: Exception, text: str) -> Verdict:
    """Return the verdict on a text that `parse_json` refused.

    A text that exceeds the limits of the parser may be JSON, so it is an error and not a fail.
    """
    if isinstance(error, RecursionError):
        return Verdict.errored("the reply is nested too deeply to be parsed as JSON")
    # Python limits the digits of an integer it parses, because that takes quadratic time
    if not isinstance(error, json.JSONDecodeError) and "integer string" in str(error):
        return Verdict.errored("the reply has a number with too many digits to be parsed")
    return Verdict.failing(f"the reply is not JSON: {error}{_hint(text)}", actual=excerpt(text))


def too_long(text: str) -> Verdict | None:
    """Return the verdict on a text that is too long to be parsed; else None."""
    if len(text) <= MOST_CHARACTERS:
        return None
    return Verdict.errored(f"the reply has more than {MOST_CHARACTERS:,} characters")


def _refuse_constant(name: str) -> float:
    # the standard library accepts NaN and Infinity, which JSON does not have
    raise ValueError(f"`{name}` is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"`{excerpt(text)}` is too large a number")
    return number


def _hint(text: str) -> str:
    if text.lstrip().startswith("```"):
        return "; it is wrapped in a Markdown fence"
    return "; it is empty" if not text.strip() else ""
