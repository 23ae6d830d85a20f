"""Reads the expressions of `-k`, such as `refund and not (haiku or opus)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from harness.errors import SettingsError

Matches = Callable[[str], bool]

_TOKEN = re.compile(r"\s*(\(|\)|[^\s()]+)")
_MAX_TOKENS = 200  # nesting is read recursively


def parse_keywords(expression: str) -> Matches:
    """Return a test for the casefolded id of a trial.

    A word matches if the id contains it. `not` binds closer than `and`, `and` closer than `or`.

    Raises:
        SettingsError: The expression cannot be read.
    """
    tokens = _TOKEN.findall(expression)
    if len(tokens) > _MAX_TOKENS:
        raise _invalid(f"{expression[:40]}…", f"more than {_MAX_TOKENS} words")
    if not tokens:
        raise _invalid(expression, "the expression is empty")
    parser = _Parser(expression, tokens)
    matches = parser.alternatives()
    parser.expect_end()
    return matches


def _invalid(expression: str, reason: str) -> SettingsError:
    return SettingsError(
        f"invalid `-k {expression}`: {reason}",
        "write words joined by `and`, `or`, `not` and parentheses",
    )


class _Parser:
    """A recursive descent parser: one method for each level of precedence."""

    def __init__(self, expression: str, tokens: Sequence[str]) -> None:
        self._expression, self._tokens, self._position = expression, tokens, 0

    def expect_end(self) -> None:
        """Raise SettingsError if tokens remain."""
        if self._position < len(self._tokens):
            raise _invalid(self._expression, f"unexpected `{self._tokens[self._position]}`")

    def alternatives(self) -> Matches:
        """Read operands joined by `or`."""
        choices = [self._all()]
        while self._take("or"):
            choices.append(self._all())
        return (
            choices[0] if len(choices) == 1 else lambda id_: any(choice(id_) for choice in choices)
        )

    def _all(self) -> Matches:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda id_: all(part(id_) for part in parts)

    def _one(self) -> Matches:
        if self._take("not"):
            negated = self._one()
            return lambda id_: not negated(id_)
        if self._take("("):
            alternatives = self.alternatives()
            if not self._take(")"):
                raise _invalid(self._expression, "missing `)`")
            return alternatives
        if self._position >= len(self._tokens) or self._tokens[self._position] in {
            ")",
            "and",
            "or",
        }:
            raise _invalid(self._expression, "missing word")
        word = self._tokens[self._position].casefold()
        self._position += 1
        return lambda id_: word in id_

    def _take(self, token: str) -> bool:
        if self._position < len(self._tokens) and self._tokens[self._position] == token:
            self._position += 1
            return True
        return False
