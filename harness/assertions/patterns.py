"""Regular expressions as Python's `re` reads them, run by a library that can be stopped."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Any

_QUANTIFIER = re.compile(r"\{(\d+(,\d*)?|,\d*)\}")
_SET_BEGINS = re.compile(r"\[\^?\]?")  # a bracket that comes first is one of the set
_NAMED = re.compile(r"\\[NPp]\{[^}]*\}")


class PatternError(Exception):
    """A text is no regular expression; `offset` is the character where that shows."""

    def __init__(self, problem: str, offset: int = 0) -> None:
        super().__init__(f"not a regular expression: {problem}")
        self.offset = offset


@lru_cache(maxsize=1024)
def as_python_reads(pattern: str) -> str:
    """Return a pattern for the `regex` package that means what it means to `re`.

    A brace that begins no number of repeats is itself, where `regex` reads fuzzy matching. What
    `re` has no meaning for, such as Unicode's properties, means what it does to `regex`.

    Raises:
        PatternError: It is none.
    """
    import regex

    translated = _with_plain_braces(pattern)
    try:
        regex.compile(translated)
    except (regex.error, RecursionError, OverflowError) as error:
        raise _explained(pattern, error) from error
    return translated


def _explained(pattern: str, error: Exception) -> PatternError:
    """Return what is wrong in the words of `re`, which knows the pattern as it is written."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what may change in later versions
            re.compile(pattern)
    except re.error as plain:
        return PatternError(plain.msg, plain.pos or 0)
    except (RecursionError, OverflowError):
        pass
    return PatternError(getattr(error, "msg", None) or str(error))


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
            begins = _SET_BEGINS.match(pattern, at)
            step, is_in_set = step if begins is None else begins[0], True
        elif step == "{" and (found := _QUANTIFIER.match(pattern, at)) is not None:
            step = found[0]
        elif step == "{":
            parts.append("\\")
        parts.append(step)
        at += len(step)
    return "".join(parts)
