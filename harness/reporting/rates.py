"""Pass rates over cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.model.case_result import CaseResult
from harness.stats.distributions import Interval
from harness.stats.rates import mean_interval, wilson_interval

_LEAST_WIDTH = 1e-6


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
class RateTally:
    """Adds the cases of a pass rate up."""

    cases: int = 0
    passed: float = 0.0
    squares: float = 0.0
    agree: bool = True

    def add(self, result: CaseResult) -> None:
        """Count a case that is rated once, as the share of its repeats that passed."""
        if not result.is_rated:
            return
        share = result.passed / result.judged
        self.cases += 1
        self.passed += share
        self.squares += share * share
        self.agree = self.agree and result.passed in (0, result.judged)

    def include(self, other: RateTally) -> None:
        """Add the cases of another tally."""
        self.cases += other.cases
        self.passed += other.passed
        self.squares += other.squares
        self.agree = self.agree and other.agree

    def rate(self) -> Rate:
        """Return the rate: Wilson's interval, or Student's t where repeats disagree."""
        if self.agree:
            whole = round(self.passed)
            return Rate(whole, self.cases, wilson_interval(whole, self.cases))
        interval = mean_interval(self.cases, self.passed, self.squares)
        if interval is None or interval.high - interval.low < _LEAST_WIDTH:  # no spread, no proof
            interval = wilson_interval(self.passed, self.cases)
        kept = Interval(max(0.0, interval.low), min(1.0, interval.high))
        return Rate(self.passed, self.cases, kept)
