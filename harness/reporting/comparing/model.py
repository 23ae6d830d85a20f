"""What can be said of two sides: the change, its verdict, the cases it shows in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from harness.reporting.comparing.sides import Pair, RunSide
from harness.reporting.rates import Rate
from harness.stats.distributions import Interval


class ChangeVerdict(StrEnum):
    """What can be said of a change; finding nothing never counts as "no change"."""

    REGRESSED = "regressed"
    IMPROVED = "improved"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Change:
    """How something differs between the sides, over the cases that both have.

    Attributes:
        old: Of the old side; the mean, or the geometric mean of what is compared by ratio.
        new: Likewise.
        difference: New minus old, or new over old.
        interval: Of the difference; None where there is too little to say.
        p: Of the hypothesis that nothing changed.
        cases: How many were compared.
    """

    old: float
    new: float
    difference: float
    interval: Interval | None
    p: float
    cases: int


@dataclass(frozen=True, slots=True)
class Within:
    """What the repeats of the cases say, if it is these very cases that matter.

    Attributes:
        difference: The change of the pass rate of the cases that have repeats.
        interval: Of that change; None if all repeats of all cases agree.
        p: Of the hypothesis that no case passes more or less often.
        excess: How many more repeats passed than if nothing had changed; p belongs to that.
    """

    difference: float
    interval: Interval | None
    p: float
    excess: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two sides have to say of each other.

    Attributes:
        refusals: Why there is no verdict: what would make it one about something else.
        factors: What differs between the sides, and may.
        verdict: None if it was refused.
        scope: The variant it is about, where there are several.
        within: What the repeats alone say of these very cases; None if there are none on both
            sides.
        p: The smaller of the two p-values of the pass rate, adjusted for there being two, and
            for the other comparisons of the family; if the cases were run again to confirm what
            they showed, that of their repeats.
        family: How many comparisons there are in the family.
        power: In words, what change could have been seen.
        broken: Cases that passed and do not any more; likewise the other lists.
        moved: Cases that pass more or less often by their own repeats, and are in no other list.
        not_compared: Cases that were judged and no longer are: skipped, expected to fail, or
            without expectations.
        changed: Cases with another reply and the same verdict, as far as replies are known.
        confirms: Whether it is about cases that were run again because of what they showed.
        discordant: The share of cases that passed more or less often.
        least_p: The smallest p-value that so many cases and repeats could have given.
    """

    old: RunSide
    new: RunSide
    refusals: tuple[str, ...]
    factors: tuple[str, ...]
    rates: tuple[Rate, Rate]
    passing: Change
    others: dict[str, Change]
    within: Within | None
    p: float
    family: int
    verdict: ChangeVerdict | None
    power: str
    broken: tuple[Pair, ...]
    fixed: tuple[Pair, ...]
    still_failing: tuple[Pair, ...]
    newly_flaky: tuple[Pair, ...]
    moved: tuple[Pair, ...]
    changed: tuple[Pair, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    not_compared: tuple[str, ...]
    scope: str | None = None
    confirms: bool = False
    discordant: float = 0.0
    least_p: float = 0.0

    def pairs_that_changed(self) -> Iterator[Pair]:
        """Yield the cases that are in one of the lists."""
        for pairs in (self.broken, self.fixed, self.newly_flaky, self.moved, self.still_failing):
            yield from pairs
        yield from self.changed

    @property
    def decided_by_repeats(self) -> bool:
        """Whether it is the repeats of these very cases that decide."""
        return self.within is not None and self.within.p < self.passing.p

    @property
    def difference(self) -> float:
        """The change of the pass rate that is decided on."""
        if self.within is not None and self.decided_by_repeats:
            return self.within.difference
        return self.passing.difference

    @property
    def interval(self) -> Interval | None:
        """The interval of that change."""
        if self.within is not None and self.decided_by_repeats:
            return self.within.interval
        return self.passing.interval


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared with what.

    Attributes:
        name: Told where there are several.
        confirms: Whether the cases were chosen by what they showed before, so that only their
            repeats can tell anything.
    """

    old: RunSide
    new: RunSide
    name: str | None = None
    confirms: bool = False
