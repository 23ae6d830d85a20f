"""The formats of JSON Schema that can be checked without further packages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
_DATE_TIME = re.compile(rf"(\d{{4}}-\d\d-\d\d)[Tt ]{_TIME}")


@cache
def format_checker() -> Any:
    """Return a checker of jsonschema's own formats, and of three that it needs packages for."""
    import jsonschema

    checker = jsonschema.FormatChecker(())
    checker.checkers = dict(jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers)
    checker.checks("date-time")(_of_texts(_is_date_time))
    checker.checks("time")(_of_texts(lambda text: re.fullmatch(_TIME, text) is not None))
    checker.checks("uri")(_of_texts(lambda text: _URI.fullmatch(text) is not None))
    return checker


def _of_texts(check: Callable[[str], bool]) -> Callable[[object], bool]:
    """Return a check that accepts every value but texts, as formats say nothing of these."""
    return lambda value: check(value) if isinstance(value, str) else True


def _is_date_time(text: str) -> bool:
    """Return whether a text is a date and time.

    Source:
        RFC 3339, 5.6.
    """
    match = _DATE_TIME.fullmatch(text)
    try:
        return match is not None and bool(datetime.fromisoformat(match[1]))
    except ValueError:
        return False
