"""Regular expressions in the syntax of Python's `re`, run by a library that can be interrupted."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Any

REGEX_SECONDS = 0.25  # that a search may take
_QUANTIFIER = re.compile(r"\{(\d+(,\d*)?|,\d*)\}")
_SET_BEGINS = re.compile(r"\[\^?\]?")  # a bracket in first position belongs to the set
_NAMED = re.compile(r"\\[NPp]\{[^}]*\}")


class PatternError(Exception):
    """A text is not a regular expression; `offset` is the index of the offending character."""

    def __init__(self, problem: str, offset: int = 0) -> None:
        super().__init__(f"not a regular expression: {problem}")
        self.offset = offset


@lru_cache(maxsize=1024)
def as_python_reads(pattern: str) -> str:
    """Return a pattern for the `regex` package that means what the given one means to `re`.

    To `re`, a brace that does not begin a quantifier is a literal; to `regex` it may begin fuzzy
    matching, so it is escaped. Syntax that only `regex` knows, such as Unicode properties, keeps
    its meaning.

    Raises:
        PatternError: The pattern is not a regular expression.
    """
    import regex

    translated = _with_plain_braces(pattern)
    try:
        regex.compile(translated)
    except (regex.error, RecursionError, OverflowError) as error:
        raise _explained(pattern, error) from error
    return translated


def _explained(pattern: str, error: Exception) -> PatternError:
    """Return the error in the words of `re`, with its offset in the untranslated pattern."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings about future syntax are not errors
            re.compile(pattern)
    except re.error as plain:
        return PatternError(plain.msg, plain.pos or 0)
    except (RecursionError, OverflowError):
        pass
    return PatternError(getattr(error, "msg", None) or str(error))


@lru_cache(maxsize=1024)
def compiled(pattern: str, *, ignore_case: bool = False) -> Any:
    """Return a compiled pattern of the `regex` package, whose searches take a `timeout`."""
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
        elif step == "{" and (quantifier := _QUANTIFIER.match(pattern, at)) is not None:
            step = quantifier[0]
        elif step == "{":
            parts.append("\\")
        parts.append(step)
        at += len(step)
    return "".join(parts)
