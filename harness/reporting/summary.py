"""Adds outcomes up: per suite and variant, and for the whole run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey, CaseLabel, CaseResult
from harness.model.identical_variants import counted
from harness.model.record import (
    NOTHING_DECIDES,
    OutcomeRecord,
)
from harness.model.reply import UNKNOWN_DELTAS, ReplyOrigin
from harness.model.run_file import RunHead
from harness.model.unfinished import NOTHING_UNFINISHED, Unfinished
from harness.reporting.case_results import CaseResultCollector, key_of
from harness.reporting.metrics import CaseMetrics, ComputedMetric, MetricTally
from harness.reporting.rates import Rate, RateTally, rate_over_variants
from harness.reporting.tally import Tally

Group = tuple[str, str]  # suite and variant
MetricKey = tuple[str, str, str]  # suite, variant and name


@dataclass(slots=True)
class _GroupTotals:
    """What a suite in a variant came to.

    Attributes:
        first_index: The least index of its trials, which gives its place in suite order.
        ended: How many cases came to an end.
    """

    first_index: int
    tally: Tally = field(default_factory=Tally)
    rates: RateTally = field(default_factory=RateTally)
    ended: int = 0


@dataclass(slots=True)
class RunSummary:
    """Everything a run came to; outcomes may be added in any order.

    Groups, metrics and cases are given in suite order, whatever the order in which they ended.

    Attributes:
        labels: How many cases have each label.
        allowed_failures: Failed trials that the `pass_rate` of their case allows.
        failed_cases: Those that fail the run.
        unstable: Cases with repeats of which not all passed, the expected failures left out.
        stable: How many cases with repeats passed in all of them.
        not_applicable: Metrics whose expectations had nothing to judge somewhere.
        incomplete: Metrics whose expectations could not judge somewhere.
        computed: What the suites compute from their metrics, once it is there.
        unfinished: What came to trials that are in no count, because they did not end.
    """

    labels: Counter[CaseLabel] = field(default_factory=Counter)
    allowed_failures: int = 0
    failed_cases: set[CaseKey] = field(default_factory=set)
    stable: int = 0
    not_applicable: set[MetricKey] = field(default_factory=set)
    incomplete: set[MetricKey] = field(default_factory=set)
    computed: list[ComputedMetric] = field(default_factory=list)
    unfinished: Unfinished = NOTHING_UNFINISHED
    _unstable: list[CaseResult] = field(default_factory=list)
    _groups: dict[Group, _GroupTotals] = field(default_factory=dict)
    _metrics: dict[MetricKey, MetricTally] = field(default_factory=dict)
    _cases: CaseResultCollector = field(default_factory=CaseResultCollector)
    _case_metrics: dict[CaseKey, CaseMetrics] = field(default_factory=dict)
    _metric_order: dict[MetricKey, tuple[int, int]] = field(default_factory=dict)

    def add(self, record: OutcomeRecord) -> CaseResult | None:
        """Count one outcome; return the result of its case if all its repeats are there."""
        group = (record["suite"], record["variant"])
        totals = self._groups.get(group)
        if totals is None:
            totals = self._groups[group] = _GroupTotals(record["index"])
        totals.first_index = min(totals.first_index, record["index"])
        totals.tally.add(record)
        for verdict in record["verdicts"]:
            if verdict["metric"] is not None or "metrics" in verdict:
                self._add_metrics(record)
                break
        result = self._cases.add(record)
        if result is not None:
            self._add_case(result)
        return result

    def finish(self) -> list[CaseResult]:
        """Count the cases that not all repeats came of, by those that came; return them."""
        results = list(self._cases.finish())
        for result in results:
            self._add_case(result)
        return results

    def _add_metrics(self, record: OutcomeRecord) -> None:
        key = key_of(record)
        names = self._case_metrics.setdefault(key, CaseMetrics()).add(record)
        for position, name in enumerate(names):
            metric = (key.suite, key.variant, name)
            order = (record["index"], position)
            self._metric_order[metric] = min(order, self._metric_order.get(metric, order))

    def _add_case(self, result: CaseResult) -> None:
        key, label = result.key, result.label
        totals = self._groups[key.suite, key.variant]
        totals.ended += 1
        totals.rates.add(result)
        if self._case_metrics:
            self._close_metrics(key, result.group)
        self.labels[label] += 1
        if label.fails_run:
            self.failed_cases.add(key)
        elif result.failed and result.xfail is None:
            self.allowed_failures += result.failed
        if result.judged > 1 and result.is_rated:
            if result.passed == result.judged:
                self.stable += 1
            else:
                self._unstable.append(result)

    def _close_metrics(self, key: CaseKey, group: str | None) -> None:
        metrics = self._case_metrics.pop(key, None)
        if metrics is None:
            return
        for name, scores in metrics.scores.items():
            metric = (key.suite, key.variant, name)
            self._metrics.setdefault(metric, MetricTally()).add_case(scores, group)
        self.not_applicable |= {(key.suite, key.variant, name) for name in metrics.not_applicable}
        self.incomplete |= {(key.suite, key.variant, name) for name in metrics.errored}

    @property
    def total(self) -> Tally:
        """What all trials came to."""
        # put together when it is asked for: adding each trial twice would cost a run more
        total = Tally()
        for tally in self.groups.values():
            total.include(tally)
        return total

    @property
    def groups(self) -> dict[Group, Tally]:
        """What the trials of each suite and variant came to, in suite order."""
        # outcomes come in the order in which trials end, which is another in each run
        ordered = sorted(self._groups, key=lambda group: self._groups[group].first_index)
        return {group: self._groups[group].tally for group in ordered}

    def ended(self, group: Group) -> int:
        """Return how many cases of a suite and variant came to an end."""
        totals = self._groups.get(group)
        return 0 if totals is None else totals.ended

    @property
    def metrics(self) -> dict[MetricKey, MetricTally]:
        """What was collected, by suite, variant and name, in suite order."""

        def order(metric: MetricKey) -> tuple[int, tuple[int, int]]:
            return self._groups[metric[:2]].first_index, self._metric_order[metric]

        return {metric: self._metrics[metric] for metric in sorted(self._metrics, key=order)}

    @property
    def unstable(self) -> list[CaseResult]:
        """The cases with repeats that did not all pass, in suite order."""
        return sorted(self._unstable, key=lambda result: result.index)

    @property
    def rate_of_run(self) -> Rate:
        """The pass rate over all cases of the run; each counts once, over all its variants."""
        suites: dict[str, list[RateTally]] = {}
        for (suite, _), totals in self._groups.items():
            suites.setdefault(suite, []).append(totals.rates)
        return rate_over_variants(suites.values())

    def rate(self, group: Group) -> Rate:
        """Return the pass rate over the cases of a suite and variant."""
        totals = self._groups.get(group)
        return (RateTally() if totals is None else totals.rates).rate()

    @property
    def flaky(self) -> int:
        """How many cases have replies that passed and others that failed."""
        return sum(number for label, number in self.labels.items() if label.is_flaky)

    def status(self) -> RunStatus:
        """Return how a run that came to its end ended."""
        if self.failed_cases or any(metric.value is not None for metric in self.missed):
            return RunStatus.FAILED
        if self.labels[CaseLabel.ERRORED] or self.missed:
            return RunStatus.ERRORED
        is_judged = any(self.labels[label] for label in CaseLabel if label.is_judged)
        return RunStatus.PASSED if is_judged else RunStatus.UNJUDGED

    @property
    def missed(self) -> list[ComputedMetric]:
        """Computed metrics that are outside their limits, or have no value."""
        return [metric for metric in self.computed if metric.is_missed]

    def as_data(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        return {
            "total": self.total.as_data(),
            "pass_rate": self.rate_of_run.as_data(),
            "groups": [
                {
                    "suite": suite,
                    "variant": variant,
                    **tally.as_data(),
                    "pass_rate": self.rate((suite, variant)).as_data(),
                }
                for (suite, variant), tally in self.groups.items()
            ],
            "metrics": [
                {"suite": suite, "variant": variant, "name": name, **tally.as_data()}
                for (suite, variant, name), tally in self.metrics.items()
            ],
            "computed": [metric.as_data() for metric in self.computed],
            "case_labels": {label.value: self.labels[label] for label in CaseLabel},
            "flaky_cases": self.flaky,
            "stable_cases": self.stable,
            "failed_cases": len(self.failed_cases),
            "tolerated_failures": self.allowed_failures,
        }


_UNTIMED = "limits on their time are left out"
_REUSED: dict[str, str] = {
    ReplyOrigin.RUN: "used replies of an earlier run",
    ReplyOrigin.CACHE: f"took replies from the cache; {_UNTIMED}",
    ReplyOrigin.GIVEN: "came with their replies, so no request was sent",
    ReplyOrigin.CASSETTE: f"replayed recorded replies; {_UNTIMED}",
}


def _gaps_in_cost(total: Tally) -> Iterator[str]:
    """Yield why the tokens and the cost of a run are more than is known."""
    if total.unreported:
        yield (
            f"{_trials(total.unreported)} without all token counts: the service did not report"
            " them, so limits on tokens, cost and speed cannot be judged, and totals leave them out"
        )
    if total.partial:
        yield (
            f"{_trials(total.partial)} cost more than is known: web searches have no price; add"
            " `web_search` to `prices`"
        )
    if total.unpriced and total.cost:
        yield f"{_trials(total.unpriced)} without cost: the model has no entry in `prices`"


def needs_attention(record: OutcomeRecord, summary: RunSummary) -> bool:
    """Return whether a trial failed or errored, and nothing allows for that."""
    if record["xfail"] is not None:
        return False
    outcome = record["outcome"]
    return outcome == "errored" or (outcome == "failed" and key_of(record) in summary.failed_cases)


def warnings_of(summary: RunSummary) -> Iterator[str]:
    """Yield what a reader should know beside the counts."""
    total = summary.total
    if total.not_streamed:
        yield f"{_trials(total.not_streamed)} asked for a stream and got the reply at once"
    if total.simulated:
        yield f"{_trials(total.simulated)} answered by harness's simulator, not by a model"
    if total.unknown_deltas:
        yield (
            f"{_trials(total.unknown_deltas)} with pieces of a stream that nothing is known about;"
            f" the record has them as `{UNKNOWN_DELTAS}`"
        )
    for origin, number in sorted(total.reused.items()):
        yield f"{_trials(number)} {_REUSED[origin]}"
    yield from _gaps_in_cost(total)
    if total.counts["unjudged"]:
        yield f"{_trials(total.counts['unjudged'])} unjudged: {NOTHING_DECIDES}"
    if total.xpassed:
        yield f"{_trials(total.xpassed)} passed in spite of `xfail`"
    if total.warned:
        yield f"{_trials(total.warned)} with a verdict that did not pass and only warns"
    if summary.allowed_failures:
        yield f"{_trials(summary.allowed_failures)} failed within the `pass_rate` of the case"


def warnings_of_run(head: RunHead) -> Iterator[str]:
    """Yield what a reader should know of where a run comes from."""
    if head.shard is not None:
        shard = f"shard {head.shard.number} of {head.shard.of}"
        yield f"{shard}: `harness merge` joins it with the others"
    if head.merged is not None and head.merged.missing:
        numbers = ", ".join(map(str, head.merged.missing))
        yield f"not everything was merged: shard {numbers} is missing"
    if head.identical_variants:
        yield counted(head.identical_variants)


def _trials(number: int) -> str:
    return f"{number:,} trial{'' if number == 1 else 's'}"
