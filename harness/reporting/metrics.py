"""Metrics: scores that expectations collect under a name, and what a suite computes from them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from harness.model.record import OutcomeRecord, has_certain_score, metric_scores
from harness.reporting.rates import CaseCount, rate_of
from harness.stats.rates import mean_interval

_ROUNDING = 1e-9


@dataclass(slots=True)
class MetricTally:
    """Adds a metric up; a case counts once, as the mean of its repeats.

    Attributes:
        n: Single scores.
        sum: Of the single scores.
        total: The sum of the means of cases.
        deviations: The sum of the squared deviations of these means from their mean.
        are_shares: Whether all of these means are from 0 to 1.
    """

    n: int = 0
    sum: float = 0.0
    total: float = 0.0
    deviations: float = 0.0
    are_shares: bool = True
    count: CaseCount = field(default_factory=CaseCount)

    @property
    def cases(self) -> int:
        """How many cases have scores."""
        return self.count.cases

    def add_case(self, scores: CaseScores, group: str | None = None) -> None:
        """Count a case."""
        mean = scores.sum / scores.n
        self.n += scores.n
        self.sum += scores.sum
        # Welford (1962): a sum of squares would lose the digits of large values that differ little
        from_before = mean - self.mean if self.cases else 0.0
        self.count.add(group)
        self.total += mean
        self.deviations += from_before * (mean - self.mean)
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
        """The 95 % interval of the mean: that of a pass rate for shares, else Student's t."""
        if self.are_shares:
            shares = rate_of(self.total, self.cases, self.count.independent).interval
            return [shares.low, shares.high]
        independent = self.count.independent
        interval = mean_interval(self.cases, self.mean, self.deviations, independent=independent)
        return None if interval is None else [interval.low, interval.high]

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


class MetricStatus(StrEnum):
    """Whether a computed metric keeps its limits; limits hold for whole suites only."""

    OK = "ok"
    MISSED = "missed"
    ERRORED = "errored"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class ComputedMetric:
    """A value that a suite computes from its metrics, for one variant.

    Attributes:
        value: None if it cannot be computed; then `problem` says why.
        min: The least value that passes; None without such a limit.
        max: The greatest, likewise.
        ended: How many cases of the suite ended in this variant.
        cases: How many cases the suite has; more than `ended` in a selection, a shard or a run
            that was stopped, whose metrics are not held to their limits.
    """

    suite: str
    variant: str
    name: str
    value: float | None
    problem: str = ""
    min: float | None = None
    max: float | None = None
    ended: int = 0
    cases: int = 0

    @property
    def status(self) -> MetricStatus:
        """Whether it is within its limits, as far as they hold for this run."""
        if self.ended < self.cases:
            return MetricStatus.NOT_CHECKED
        if self.value is None:
            return MetricStatus.ERRORED
        is_low = self.min is not None and self.value < self.min - _ROUNDING
        is_high = self.max is not None and self.value > self.max + _ROUNDING
        return MetricStatus.MISSED if is_low or is_high else MetricStatus.OK

    @property
    def is_missed(self) -> bool:
        """Whether it fails the run: it is outside its limits, or cannot be computed."""
        return self.status in {MetricStatus.MISSED, MetricStatus.ERRORED}

    @property
    def line(self) -> str:
        """The metric in one line, with its suite and variant."""
        variant = "" if self.variant == "default" else f"[{self.variant}]"
        return f"{self.suite}{variant}: {self.name} {self.words}"

    @property
    def words(self) -> str:
        """The value beside its limits, or beside why these were not checked."""
        figure = "-" if self.value is None else f"{self.value:.3f}"
        if self.status is MetricStatus.NOT_CHECKED:
            plural = "" if self.cases == 1 else "s"
            return f"not checked: {figure} ({self.ended:,} of {self.cases:,} case{plural})"
        limits = [f"at least {self.min:g}" if self.min is not None else "",
                  f"at most {self.max:g}" if self.max is not None else ""]  # fmt: skip
        asked = ", ".join(limit for limit in limits if limit)
        text = f"cannot be computed: {self.problem}" if self.value is None else figure
        return f"{text} ({asked})" if asked else text

    def as_data(self) -> dict[str, Any]:
        """Return the metric as plain data."""
        return {
            **asdict(self),
            "passed": not self.is_missed,
            "status": self.status.value,
            "words": self.words,
        }


@dataclass(slots=True)
class CaseMetrics:
    """All metrics of one case, while its repeats come."""

    scores: dict[str, CaseScores] = field(default_factory=dict)
    not_applicable: set[str] = field(default_factory=set)
    errored: set[str] = field(default_factory=set)

    def add(self, record: OutcomeRecord) -> list[str]:
        """Count the scores of a trial; what could not be judged has none.

        Returns:
            The names of the metrics that its verdicts speak of, in their order.
        """
        names: list[str] = []
        for verdict in record["verdicts"]:
            metric, reported = verdict["metric"], verdict.get("metrics", {})
            names += [*([] if metric is None else [metric]), *reported]
            if verdict["left_out"] and metric is not None:
                self.not_applicable.add(metric)
            is_certain = has_certain_score(verdict)
            if not is_certain and metric is not None:
                self.errored.add(metric)
            for name, score, _ in metric_scores(verdict):
                self.scores.setdefault(name, CaseScores()).add(score)
        return names
