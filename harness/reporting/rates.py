"""Pass rates over cases."""

from __future__ import annotations

from dataclasses import dataclass
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
class RateTally:
    """Adds the cases of a pass rate up."""

    cases: int = 0
    passed: float = 0.0

    def add(self, result: CaseResult) -> None:
        """Count a case that is rated once, as the share of its repeats that passed."""
        if result.is_rated:
            self.cases += 1
            self.passed += result.passed / result.judged

    def include(self, other: RateTally) -> None:
        """Add the cases of another tally."""
        self.cases += other.cases
        self.passed += other.passed

    def rate(self) -> Rate:
        """Return the rate with its interval."""
        return Rate(self.passed, self.cases, rate_interval(self.passed, self.cases))
