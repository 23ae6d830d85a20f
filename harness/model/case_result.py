"""What people look at: one case in one variant, with all its repeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from harness.stats.distributions import Interval
from harness.stats.means import mean
from harness.stats.rates import pass_all, rate_interval

CHAIN = 3  # k of pass^k: would so many repeats in a row pass?
_ROUNDING = 1e-9  # a share of tenths must reach a pass rate of tenths


class CaseLabel(StrEnum):
    """What the repeats of a case add up to; each case has exactly one label."""

    PASSED = "passed"
    FAILED = "failed"
    FLAKY = "flaky"
    FLAKY_ALLOWED = "flaky-allowed"
    ERRORED = "errored"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    SKIPPED = "skipped"
    UNJUDGED = "unjudged"

    @property
    def fails_run(self) -> bool:
        """Whether a run with such a case exits with status 1."""
        return self in {CaseLabel.FAILED, CaseLabel.FLAKY}

    @property
    def needs_attention(self) -> bool:
        """Whether a person has to look: the case failed, or could not be judged."""
        return self.fails_run or self is CaseLabel.ERRORED

    @property
    def is_judged(self) -> bool:
        """Whether a reply was judged, or should have been."""
        return self not in {CaseLabel.SKIPPED, CaseLabel.UNJUDGED}

    @property
    def is_flaky(self) -> bool:
        """Whether some replies passed and others failed."""
        return self in {CaseLabel.FLAKY, CaseLabel.FLAKY_ALLOWED}

    @property
    def passes(self) -> bool:
        """Whether as many repeats passed as the case asks for, and all could be judged."""
        return self in {CaseLabel.PASSED, CaseLabel.FLAKY_ALLOWED, CaseLabel.XPASSED}


class CaseKey(NamedTuple):
    """What a case in a variant is found by; without a variant, all its variants pooled."""

    suite: str
    case: str
    variant: str = ""

    def __str__(self) -> str:
        variant = "" if self.variant in {"", "default"} else f"[{self.variant}]"
        return f"{self.suite}::{self.case}{variant}"


@dataclass(frozen=True, slots=True)
class CaseConditions:
    """What a case was run and judged under; results compare only where these are alike.

    Attributes:
        inputs: Fingerprints of the variables of the case.
        expectations: Fingerprints of its expectations.
        rules: Threshold and pass rate.
        requests: Fingerprints of what the first repeat sent; those of later repeats always differ.
        models: The models that were asked.
        settings: Names and values of sampling settings.
    """

    inputs: frozenset[str] = frozenset()
    expectations: frozenset[str] = frozenset()
    rules: frozenset[tuple[float | None, float]] = frozenset()
    requests: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    settings: frozenset[tuple[str, str]] = frozenset()

    def are_like(self, other: CaseConditions) -> bool:
        """Return whether inputs, expectations and rules are the same."""
        return (
            self.inputs == other.inputs
            and self.expectations == other.expectations
            and self.rules == other.rules
        )

    def __or__(self, other: CaseConditions) -> CaseConditions:
        return CaseConditions(
            self.inputs | other.inputs,
            self.expectations | other.expectations,
            self.rules | other.rules,
            self.requests | other.requests,
            self.models | other.models,
            self.settings | other.settings,
        )


@dataclass(frozen=True, slots=True)
class MetricScores:
    """The scores of a case under one name.

    Attributes:
        scores: Of all its trials, in the order in which they were recorded.
        is_reported: Whether user code reported any of them: these may be any numbers, and nothing
            says whether more is better. Scores of expectations are from 0 to 1; more is better.
    """

    name: str
    scores: tuple[float, ...]
    is_reported: bool = False

    def __or__(self, other: MetricScores) -> MetricScores:
        is_reported = self.is_reported or other.is_reported
        return MetricScores(self.name, self.scores + other.scores, is_reported)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case in one variant: how many repeats came out how, and what that adds up to.

    Every report, the exit status, baselines, comparisons and `--rerun` read this one type.

    Attributes:
        path: The suite's file, and `line` where the case begins in it.
        repeats: How many trials were planned.
        pass_rate: The share of repeats that has to pass, errors left out.
        passed: Trials by their outcome, likewise `failed`, `errored`, `skipped`, `unjudged`.
        scores: Of the trials that have one.
        latencies: Seconds, of replies that were timed.
        tokens: Output tokens, of trials with a reply.
        costs: USD, where the price is known.
        distinct_replies: How many different replies came, tool calls and earlier turns included;
            0 also if a baseline does not tell.
        replies: Digests of the distinct replies, where results are compared.
        index: The least index of its trials, which gives its place in suite order.
        pooled: How many variants are added up; more than one only inside a comparison.
        group: What it shares with the cases of its suite that have the same group.
        conditions: Empty unless results are compared, likewise `metrics`, by name, and `tags`.
    """

    key: CaseKey
    path: str = ""
    line: int = 0
    repeats: int = 1
    pass_rate: float = 1.0
    xfail: str | None = None
    skip: str | None = None
    passed: int = 0
    failed: int = 0
    errored: int = 0
    skipped: int = 0
    unjudged: int = 0
    scores: tuple[float, ...] = ()
    latencies: tuple[float, ...] = ()
    tokens: tuple[int, ...] = ()
    costs: tuple[float, ...] = ()
    distinct_replies: int = 0
    replies: frozenset[str] = frozenset()
    index: int = 0
    pooled: int = 1
    conditions: CaseConditions = CaseConditions()
    metrics: tuple[MetricScores, ...] = ()
    tags: tuple[str, ...] = ()
    group: str | None = None

    @property
    def trials(self) -> int:
        """All trials that ended."""
        return self.judged + self.skipped + self.unjudged

    @property
    def judged(self) -> int:
        """Trials that passed, failed or errored; an error is no pass."""
        return self.passed + self.failed + self.errored

    @property
    def is_rated(self) -> bool:
        """Whether the case counts in pass rates; one that is expected to fail never does."""
        return self.judged > 0 and self.xfail is None

    @property
    def label(self) -> CaseLabel:
        """What the repeats add up to, with regard to `xfail`."""
        if self.xfail is None or not self.judged:
            return self.own_label
        return CaseLabel.XPASSED if self.passed == self.judged else CaseLabel.XFAILED

    @property
    def own_label(self) -> CaseLabel:
        """What the repeats add up to on their own, without regard to `xfail`."""
        if not self.judged:
            return CaseLabel.SKIPPED if self.skipped else CaseLabel.UNJUDGED
        # Errors say nothing of the reply, so they neither make a case flaky nor fail it: a case
        # of which enough answers passed is errored, never failed.
        if self.failed and not self._reaches_pass_rate:
            return CaseLabel.FLAKY if self.passed else CaseLabel.FAILED
        if self.errored:
            return CaseLabel.ERRORED
        return CaseLabel.FLAKY_ALLOWED if self.failed else CaseLabel.PASSED

    @property
    def _reaches_pass_rate(self) -> bool:
        answered = self.passed + self.failed
        return self.passed / answered >= self.pass_rate - _ROUNDING

    @property
    def share(self) -> float | None:
        """The share of judged trials that passed, from 0 to 1; None if none was judged."""
        return self.passed / self.judged if self.judged else None

    @property
    def interval(self) -> Interval:
        """The 95 % interval of the chance that a repeat passes, from 0 to 1."""
        return rate_interval(self.passed, self.judged)

    @property
    def chain(self) -> float | None:
        """The chance that `CHAIN` repeats in a row pass (pass^k); None if there were fewer."""
        return pass_all(CHAIN, self.passed, self.judged)

    @property
    def chain_interval(self) -> Interval | None:
        """The 95 % interval of `chain`: the ends of `interval`, to the power of `CHAIN`."""
        chain, chance = self.chain, self.interval
        if chain is None:
            return None
        # With fewer than `CHAIN` passes `chain` is 0, and so below any power of the lower end.
        return Interval(min(chain, chance.low**CHAIN), chance.high**CHAIN)

    @property
    def score(self) -> float | None:
        """The mean score of the trials that have one."""
        return mean(self.scores) if self.scores else None

    @property
    def latency(self) -> float | None:
        """The mean latency in seconds."""
        return mean(self.latencies) if self.latencies else None

    @property
    def cost(self) -> float | None:
        """The USD of all trials whose price is known."""
        return sum(self.costs) if self.costs else None

    @property
    def split(self) -> str:
        """How many of how many trials passed, in words."""
        if self.judged > 1:
            return f"{self.passed}/{self.judged}"
        return str(self.label)

    def without_errors(self) -> CaseResult:
        """Return the result of the trials that could be judged."""
        return replace(self, errored=0)

    def as_data(self) -> dict[str, object]:
        """Return the result as plain data, as `--json` prints it."""
        chain = self.chain_interval
        return {
            "suite": self.key.suite,
            "case": self.key.case,
            "variant": self.key.variant,
            "label": self.label.value,
            "passed": self.passed,
            "trials": self.judged,
            "errored": self.errored,
            "interval": [self.interval.low, self.interval.high],
            "distinct_replies": self.distinct_replies,
            f"pass_all_{CHAIN}": self.chain,
            f"pass_all_{CHAIN}_interval": None if chain is None else [chain.low, chain.high],
            "pass_rate": self.pass_rate,
            "group": self.group,
        }


def pooled(results: Sequence[CaseResult]) -> CaseResult:
    """Return the result of one case over several of its variants.

    Args:
        results: One for each variant, one at least.
    """
    first = results[0]
    if len(results) == 1:
        return first
    replies = frozenset[str]().union(*(result.replies for result in results))
    # a baseline may know that replies are alike without knowing what they are
    are_known = all(result.replies for result in results if result.distinct_replies)
    return replace(
        first,
        key=CaseKey(first.key.suite, first.key.case),
        repeats=sum(result.repeats for result in results),
        passed=sum(result.passed for result in results),
        failed=sum(result.failed for result in results),
        errored=sum(result.errored for result in results),
        skipped=sum(result.skipped for result in results),
        unjudged=sum(result.unjudged for result in results),
        scores=tuple(score for result in results for score in result.scores),
        latencies=tuple(latency for result in results for latency in result.latencies),
        tokens=tuple(number for result in results for number in result.tokens),
        costs=tuple(cost for result in results for cost in result.costs),
        distinct_replies=len(replies) if are_known else 0,
        replies=replies,
        pooled=sum(result.pooled for result in results),
        conditions=_together(result.conditions for result in results),
        metrics=_metrics_together(result.metrics for result in results),
        tags=tuple(sorted({tag for result in results for tag in result.tags})),
    )


def _together(conditions: Iterable[CaseConditions]) -> CaseConditions:
    whole = CaseConditions()
    for part in conditions:
        whole |= part
    return whole


def _metrics_together(parts: Iterable[tuple[MetricScores, ...]]) -> tuple[MetricScores, ...]:
    whole: dict[str, MetricScores] = {}
    for part in parts:
        for metric in part:
            name = metric.name
            whole[name] = whole[name] | metric if name in whole else metric
    return tuple(whole[name] for name in sorted(whole))
