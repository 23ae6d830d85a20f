"""Regular expressions as Python's `re` reads them, run by a library that can be stopped."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Any

_QUANTIFIER = re.compile(r"\{(\d+(,\d*)?|,\d*)\}")
_NAMED = re.compile(r"\\N\{[^}]*\}")


class PatternError(Exception):
    """A text is no regular expression; `offset` is the character where that shows."""

    def __init__(self, problem: str, offset: int = 0) -> None:
        super().__init__(f"not a regular expression: {problem}")
        self.offset = offset


@lru_cache(maxsize=1024)
def as_python_reads(pattern: str) -> str:
    """Return a pattern for the `regex` package that means what it means to `re`.

    A brace that begins no number of repeats is itself, where `regex` reads fuzzy matching.

    Raises:
        PatternError: It is none.
    """
    import regex

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what may change in later versions
            re.compile(pattern)
        translated = _with_plain_braces(pattern)
        regex.compile(translated)
    except (re.error, regex.error, RecursionError, OverflowError) as error:
        words = getattr(error, "msg", None) or str(error)
        raise PatternError(words, getattr(error, "pos", None) or 0) from error
    return translated


@lru_cache(maxsize=1024)
def compiled(pattern: str, *, ignore_case: bool = False) -> Any:
    """Return a pattern of the `regex` package, whose searches take a `timeout`."""
    import regex

    return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)


def _with_plain_braces(pattern: str) -> str:
    parts, at, is_in_set = [], 0, False
    while at < len(pattern):
        step = pattern[at]
        if step == "\\":
            named = _NAMED.match(pattern, at)
            step = named[0] if named is not None else pattern[at : at + 2]
        elif is_in_set:
            is_in_set = step != "]"
        elif step == "[":
            step = re.compile(r"\[\^?\]?").match(pattern, at)[0]  # type: ignore[index]
            is_in_set = True
        elif step == "{" and (found := _QUANTIFIER.match(pattern, at)) is not None:
            step = found[0]
        elif step == "{":
            parts.append("\\")
        parts.append(step)
        at += len(step)
    return "".join(parts)
