"""Pass rates over cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.model.case_result import CaseResult
from harness.stats.distributions import Interval
from harness.stats.rates import rate_interval


@dataclass(frozen=True, slots=True)
class Rate:
    """A pass rate over cases, each of them counted once, as the share of its repeats that passed.

    Attributes:
        passed: The sum of these shares.
    """

    passed: float
    cases: int
    interval: Interval

    @property
    def share(self) -> float | None:
        """From 0 to 1; None without cases."""
        return self.passed / self.cases if self.cases else None

    @property
    def short(self) -> str:
        """The share and its interval, in whole per cents."""
        if self.share is None:
            return "-"
        low, high = 100 * self.interval.low, 100 * self.interval.high
        return f"{100 * self.share:.0f} % [{low:.0f}, {high:.0f}]"

    def as_data(self) -> dict[str, Any]:
        """Return the rate as plain data."""
        interval = [self.interval.low, self.interval.high]
        return {"share": self.share, "cases": self.cases, "interval": interval}

    @property
    def split(self) -> str:
        """How many of how many cases passed; of those whose repeats disagree, the share."""
        return f"{self.passed:,.1f}".removesuffix(".0") + f"/{self.cases:,}"

    def __str__(self) -> str:
        if self.share is None:
            return "-"
        low, high = 100 * self.interval.low, 100 * self.interval.high
        return f"{self.split} {100 * self.share:.1f} % [{low:.1f}, {high:.1f}]"


@dataclass(slots=True)
class CaseCount:
    """Counts cases, and how many independent ones they are worth.

    The cases of a group are taken to pass or fail together, which makes intervals wide rather than
    too short.

    Attributes:
        squares: The sum of the squared sizes of groups; a case without a group is one of its own.
    """

    cases: int = 0
    squares: int = 0
    _sizes: Counter[str] = field(default_factory=Counter)

    def add(self, group: str | None) -> None:
        """Count a case."""
        self.cases += 1
        if group is None:
            self.squares += 1
        else:
            self.squares += 2 * self._sizes[group] + 1
            self._sizes[group] += 1

    @property
    def independent(self) -> float:
        """How many independent cases they are worth.

        Source:
            Kish (1965), "Survey Sampling": the effective sample size of unequal clusters.
        """
        return self.cases**2 / self.squares if self.squares else 0.0


@dataclass(slots=True)
class RateTally:
    """Adds the cases of a pass rate up."""

    passed: float = 0.0
    count: CaseCount = field(default_factory=CaseCount)

    @property
    def cases(self) -> int:
        """How many cases are counted."""
        return self.count.cases

    def add(self, result: CaseResult) -> None:
        """Count a case that is rated once, as the share of its repeats that passed."""
        if result.is_rated:
            self.add_share(result.passed / result.judged, result.group)

    def add_share(self, share: float, group: str | None) -> None:
        """Count a case of whose trials this share passed."""
        self.count.add(group)
        self.passed += share

    def rate(self) -> Rate:
        """Return the rate with its interval."""
        return rate_of(self.passed, self.cases, self.count.independent)


def rate_over_variants(tallies: Iterable[Iterable[RateTally]]) -> Rate:
    """Return the rate of several suites, in each of which variants ask the same cases.

    Args:
        tallies: Of each suite, those of its variants. A case counts once, over all variants; if
            variants have different numbers of cases, the largest one counts.
    """
    passed, cases, squares = 0.0, 0, 0
    for variants in map(list, tallies):
        asked = sum(tally.cases for tally in variants)
        if not asked:
            continue
        largest = max(variants, key=lambda tally: tally.cases).count
        passed += sum(tally.passed for tally in variants) / asked * largest.cases
        cases += largest.cases
        squares += largest.squares
    return rate_of(passed, cases, cases**2 / squares if squares else 0.0)


def rate_of(passed: float, cases: int, independent: float) -> Rate:
    """Return a rate with its interval.

    Args:
        passed: The sum of the cases' shares.
        cases: How many there are.
        independent: How many independent cases they are worth.
    """
    worth = passed if independent == cases else min(1.0, passed / cases) * independent
    return Rate(passed, cases, rate_interval(worth, independent))
