"""Which trials to run: by words in their ids, by tags, by id; and which share of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.errors import SettingsError
from harness.model.suite import Trial
from harness.wording import Option, Wording

_TOKEN = re.compile(r"\s*(\(|\)|[^\s()]+)")
_MOST_TOKENS = 200
_SHARD = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")
_Matches = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal shares of a run, each for a machine of its own.

    All repeats of a case in a variant are in one shard, because they are judged together.

    Attributes:
        number: Which one, counted from 1.
        of: How many there are.
    """

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """Return the shard that a text such as `2/5` means; raise SettingsError if it is none."""
        found = _SHARD.fullmatch(text)
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            problem = Wording("invalid `{shard}`", shard=Option("shard", text))
            raise SettingsError(problem, "write `2/5` for the second of 5")
        return cls(int(found[1]), int(found[2]))

    def holds(self, place: int) -> bool:
        """Return whether it holds what has this place among the selected cases and variants."""
        return place % self.of == self.number - 1


@dataclass(frozen=True, slots=True)
class Selection:
    """What the options leave; the default leaves everything.

    Attributes:
        ids: The trials of an earlier run to choose from; None chooses from all.
        shard: Which share of what is left is run; None runs all of it.
        include_compared: Whether with a trial come those that it is compared with.
    """

    keyword: _Matches | None = None
    tags: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    ids: frozenset[str] | None = None
    shard: Shard | None = None
    include_compared: bool = True

    @classmethod
    def of(
        cls,
        keyword: str | None = None,
        tags: Sequence[str] = (),
        only: Sequence[str] = (),
        shard: str | None = None,
    ) -> Selection:
        """Return the selection that options ask for.

        Args:
            keyword: Words joined by `and`, `or`, `not` and parentheses; a word is found in the id.
            tags: A case needs one of them.
            only: Ids of cases, with or without their suite, variant and repeat.
            shard: A share such as `2/5`.

        Raises:
            SettingsError: The keyword expression or the share cannot be read.
        """
        matches = _parse(keyword) if keyword is not None else None
        share = Shard.read(shard) if shard is not None else None
        return cls(matches, frozenset(tags), frozenset(only), shard=share)

    @property
    def is_partial(self) -> bool:
        """Whether anything may be left out."""
        return self != Selection()

    def selects(self, trial: Trial) -> bool:
        """Return whether a trial is left."""
        if self.ids is not None and trial.id not in self.ids:
            return False
        if self.tags and not self.tags & trial.case.tags:
            return False
        if self.only and not self.only.intersection(names_of(trial)):
            return False
        return self.keyword is None or self.keyword(trial.id.casefold())


def names_of(trial: Trial) -> set[str]:
    """Return every way to call a trial, from its case's id to its own."""
    case, variant = trial.case.id, f"[{trial.variant.name}]"
    names = {case, case + variant, f"{case}{variant}#{trial.repeat}", f"{case}#{trial.repeat}"}
    return names | {f"{trial.suite.name}::{name}" for name in names}


def _parse(expression: str) -> _Matches:
    tokens = _TOKEN.findall(expression)
    if len(tokens) > _MOST_TOKENS:
        raise _unreadable(f"{expression[:40]}…", "it is too long")
    if not tokens:
        raise _unreadable(expression, "it is empty")
    parser = _Parser(expression, tokens)
    matches = parser.alternatives()
    parser.expect_end()
    return matches


def _unreadable(expression: str, why: str) -> SettingsError:
    return SettingsError(
        f"`-k {expression}`: {why}", "write words joined by `and`, `or`, `not` and parentheses"
    )


class _Parser:
    """Reads a keyword expression; `not` binds closer than `and`, `and` closer than `or`."""

    def __init__(self, expression: str, tokens: Sequence[str]) -> None:
        self._expression, self._tokens, self._at = expression, tokens, 0

    def expect_end(self) -> None:
        """Raise SettingsError if something is left."""
        if self._at < len(self._tokens):
            raise _unreadable(self._expression, f"`{self._tokens[self._at]}` is not expected")

    def alternatives(self) -> _Matches:
        """Read an expression."""
        choices = [self._all()]
        while self._take("or"):
            choices.append(self._all())
        return (
            choices[0] if len(choices) == 1 else lambda id_: any(choice(id_) for choice in choices)
        )

    def _all(self) -> _Matches:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda id_: all(part(id_) for part in parts)

    def _one(self) -> _Matches:
        if self._take("not"):
            negated = self._one()
            return lambda id_: not negated(id_)
        if self._take("("):
            inner = self.alternatives()
            if not self._take(")"):
                raise _unreadable(self._expression, "a `)` is missing")
            return inner
        if self._at >= len(self._tokens) or self._tokens[self._at] in {")", "and", "or"}:
            raise _unreadable(self._expression, "a word is missing")
        word = self._tokens[self._at].casefold()
        self._at += 1
        return lambda id_: word in id_

    def _take(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False
