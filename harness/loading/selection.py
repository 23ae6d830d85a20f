"""Selects the trials to run: by keyword, tag or id, and by shard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import SettingsError
from harness.loading.keyword_expression import Matches, parse_keywords
from harness.model.case_result import CaseKey
from harness.model.suite import Trial
from harness.wording import Option, Wording

_SHARD = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal parts of a run, to be run on separate machines.

    All repeats of a case in a variant are in one shard, because they are judged together.

    Attributes:
        number: The number of this shard, counted from 1.
        of: The number of shards.
    """

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """Return the shard that a text such as `2/5` names.

        Raises:
            SettingsError: The text names no shard.
        """
        match = _SHARD.fullmatch(text)
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            fix = "write I/N, such as `2/5` for the second of five shards"
            raise SettingsError(Wording("invalid `{shard}`", shard=Option("shard", text)), fix)
        return cls(int(match[1]), int(match[2]))

    def contains(self, index: int) -> bool:
        """Return whether a group of trials, by its index in the whole run, is in this shard."""
        return index % self.of == self.number - 1


@dataclass(frozen=True, slots=True)
class Selection:
    """Which trials to run; all of them by default.

    Attributes:
        keyword: Tests the casefolded id of a trial.
        tags: A case needs one of them.
        only: Names of trials, as `names_of` returns them.
        ids: Ids of trials of an earlier run; only these and `cases` are selected.
        cases: Cases of an earlier run, with however many repeats they have now.
        shard: The part of the selected trials to run.
        include_compared: Whether a selected trial brings the trials it is compared with.
    """

    keyword: Matches | None = None
    tags: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    ids: frozenset[str] | None = None
    cases: frozenset[CaseKey] = frozenset()
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
        """Return the selection that options describe.

        Args:
            keyword: Words joined by `and`, `or`, `not` and parentheses, matched against the id.
            tags: A case needs one of them.
            only: Ids of cases, with or without their suite, variant and repeat.
            shard: A shard such as `2/5`.

        Raises:
            SettingsError: The keyword expression or the shard is invalid.
        """
        matches = parse_keywords(keyword) if keyword is not None else None
        part = Shard.read(shard) if shard is not None else None
        return cls(matches, frozenset(tags), frozenset(only), shard=part)

    @property
    def is_partial(self) -> bool:
        """Whether some trials may be missing from the run."""
        return self != Selection()

    def selects(self, trial: Trial) -> bool:
        """Return whether a trial is selected, its shard aside."""
        if self.ids is not None and trial.id not in self.ids and trial.key not in self.cases:
            return False
        if self.tags and not self.tags & trial.case.tags:
            return False
        if self.only and not self.only.intersection(names_of(trial)):
            return False
        return self.keyword is None or self.keyword(trial.id.casefold())


def names_of(trial: Trial) -> set[str]:
    """Return every name that selects a trial, from the id of its case to its own."""
    case, variant = trial.case.id, f"[{trial.variant.name}]"
    names = {case, case + variant, f"{case}{variant}#{trial.repeat}", f"{case}#{trial.repeat}"}
    return names | {f"{trial.suite.name}::{name}" for name in names}
