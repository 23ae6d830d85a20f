"""Pass rates over cases, and the repeats of a case as one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.model.record import OutcomeRecord
from harness.stats.distributions import Interval
from harness.stats.rates import Stability, mean_interval, pass_all, stability, wilson_interval

_LEAST_WIDTH = 1e-6
CHAIN = 3  # of pass^k: whether so many in a row would pass


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

    def __str__(self) -> str:
        if self.share is None:
            return "-"
        low, high = 100 * self.interval.low, 100 * self.interval.high
        passed = f"{self.passed:,.1f}".removesuffix(".0")  # repeats that disagree are parts
        return f"{passed}/{self.cases:,} {100 * self.share:.1f} % [{low:.1f}, {high:.1f}]"


@dataclass(slots=True)
class RateTally:
    """Adds the cases of a pass rate up."""

    cases: int = 0
    passed: float = 0.0
    squares: float = 0.0
    agree: bool = True

    def add(self, passed: int, judged: int) -> None:
        """Count a case of which so many repeats passed."""
        if judged:
            share = passed / judged
            self.cases += 1
            self.passed += share
            self.squares += share * share
            self.agree = self.agree and passed in (0, judged)

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


@dataclass(slots=True)
class CaseRow:
    """What the repeats of a case in a variant came to.

    Attributes:
        judged: Trials that passed, failed or errored; an error counts as a failure.
        replies: Hashes of what was said.
        pass_rate: The share that has to pass.
    """

    suite: str
    case: str
    variant: str
    pass_rate: float = 1.0
    passed: int = 0
    judged: int = 0
    errored: int = 0
    replies: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, records: Sequence[OutcomeRecord]) -> CaseRow:
        """Return the row of all repeats of a case, one at least."""
        first = records[0]
        row = cls(first["suite"], first["case"], first["variant"], first["pass_rate"])
        for record in records:
            row.add(record)
        return row

    @property
    def name(self) -> str:
        """What people call it."""
        variant = "" if self.variant == "default" else f"[{self.variant}]"
        return f"{self.suite}::{self.case}{variant}"

    def add(self, record: OutcomeRecord) -> None:
        """Count a trial; skipped and unjudged ones say nothing."""
        outcome, reply = record["outcome"], record["reply"]
        self.passed += outcome == "passed"
        self.errored += outcome == "errored"
        self.judged += outcome in {"passed", "failed", "errored"}
        if reply is not None:
            self.replies.add(hash(reply["text"]))

    def as_data(self) -> dict[str, Any]:
        """Return the row as plain data."""
        return {
            "suite": self.suite,
            "case": self.case,
            "variant": self.variant,
            "label": self.label,
            "passed": self.passed,
            "trials": self.judged,
            "errored": self.errored,
            "interval": [self.interval.low, self.interval.high],
            "distinct_replies": len(self.replies),
            f"pass_all_{CHAIN}": self.chain,
            "pass_rate": self.pass_rate,
        }

    @property
    def label(self) -> str:
        """`passed`, `failed`, `errored`, or `flaky` if its repeats disagree."""
        if stability(self.passed, self.judged) is Stability.FLAKY:
            return "flaky"
        if self.passed:
            return "passed"
        return "errored" if self.errored == self.judged else "failed"

    @property
    def interval(self) -> Interval:
        """Of the chance that the case passes."""
        return wilson_interval(self.passed, self.judged)

    @property
    def is_enough(self) -> bool:
        """Whether so many passed as the case asks for; errors are left out of that."""
        answered = self.judged - self.errored
        return bool(answered) and self.passed / answered >= self.pass_rate - 1e-9

    @property
    def chain(self) -> float | None:
        """The chance that `CHAIN` repeats pass in a row (pass^k), if there were so many."""
        return pass_all(CHAIN, self.passed, self.judged)
