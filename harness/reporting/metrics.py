"""Metrics: scores that expectations collect under a name, and what a suite computes from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from harness.model.record import OutcomeRecord
from harness.stats.rates import mean_interval


@dataclass(slots=True)
class MetricTally:
    """Adds a metric up; a case counts once, as the mean of its repeats.

    Attributes:
        n: Single scores.
        sum: Of the single scores.
        cases: Whose means were added up in `total`, and their squares in `squares`.
        are_shares: Whether all of these means are from 0 to 1.
    """

    n: int = 0
    sum: float = 0.0
    cases: int = 0
    total: float = 0.0
    squares: float = 0.0
    are_shares: bool = True

    def add_case(self, scores: CaseScores) -> None:
        """Count a case."""
        mean = scores.sum / scores.n
        self.n += scores.n
        self.sum += scores.sum
        self.cases += 1
        self.total += mean
        self.squares += mean * mean
        self.are_shares = self.are_shares and 0 <= mean <= 1

    @property
    def mean(self) -> float:
        """The mean over cases."""
        return self.total / self.cases

    @property
    def short(self) -> str:
        """The mean and its interval."""
        ends = self.interval
        if ends is None:
            return f"{self.mean:.3f}"
        return f"{self.mean:.3f} [{ends[0]:.3f}, {ends[1]:.3f}]"

    @property
    def interval(self) -> list[float] | None:
        """The 95 % interval of the mean, by Student's t; that of shares stays between 0 and 1."""
        found = mean_interval(self.cases, self.total, self.squares)
        if found is None:
            return None
        if self.are_shares:
            return [max(0.0, found.low), min(1.0, found.high)]
        return [found.low, found.high]

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "n": self.n,
            "sum": self.sum,
            "cases": self.cases,
            "mean": self.mean,
            "interval": self.interval,
        }


@dataclass(slots=True)
class CaseScores:
    """The scores of one case under one name, while its repeats come."""

    n: int = 0
    sum: float = 0.0

    def add(self, score: float) -> None:
        """Count a score."""
        self.n += 1
        self.sum += score


@dataclass(frozen=True, slots=True)
class ComputedMetric:
    """A value that a suite computes from its metrics, for one variant.

    Attributes:
        value: None if it cannot be computed; then `problem` says why.
        min: The least that is asked for, if anything is.
        max: The most, likewise.
    """

    suite: str
    variant: str
    name: str
    value: float | None
    problem: str = ""
    min: float | None = None
    max: float | None = None

    @property
    def passed(self) -> bool:
        """Whether it is within what is asked for."""
        if self.value is None:
            return False
        is_low = self.min is not None and self.value < self.min - 1e-9
        is_high = self.max is not None and self.value > self.max + 1e-9
        return not is_low and not is_high

    @property
    def line(self) -> str:
        """It in one line, with whose it is."""
        variant = "" if self.variant == "default" else f"[{self.variant}]"
        return f"{self.suite}{variant}: {self.name} {self.words}"

    @property
    def words(self) -> str:
        """The value beside its limits."""
        limits = [f"at least {self.min:g}" if self.min is not None else "",
                  f"at most {self.max:g}" if self.max is not None else ""]  # fmt: skip
        asked = ", ".join(limit for limit in limits if limit)
        found = f"cannot be computed: {self.problem}" if self.value is None else f"{self.value:.3f}"
        return f"{found} ({asked})" if asked else found

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "passed": self.passed}


@dataclass(slots=True)
class CaseMetrics:
    """All metrics of one case, while its repeats come."""

    scores: dict[str, CaseScores] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    errored: set[str] = field(default_factory=set)

    def add(self, record: OutcomeRecord) -> None:
        """Count the scores of a trial; what could not be judged has none."""
        for verdict in record["verdicts"]:
            if verdict["left_out"] and verdict["metric"] is not None:
                self.left_out.add(verdict["metric"])
            if verdict["error"] is not None and verdict["metric"] is not None:
                self.errored.add(verdict["metric"])
            if verdict["error"] is not None or verdict["left_out"]:
                continue
            found: Mapping[str, float] = verdict.get("metrics", {})
            if verdict["metric"] is not None:
                found = {**found, verdict["metric"]: verdict["score"]}
            for name, score in found.items():
                self.scores.setdefault(name, CaseScores()).add(score)
