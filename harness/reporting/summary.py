"""Adds outcomes up: per suite and variant, and for the whole run."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.exit_code import ExitCode
from harness.model.case_result import CaseKey, CaseLabel, CaseResult
from harness.model.record import (
    NOTHING_DECIDES,
    OutcomeRecord,
    asked_in,
    decides,
    is_timed,
    spent,
    spent_on_judges,
)
from harness.model.reply import ReplyOrigin
from harness.model.run_file import RunHead
from harness.reporting.case_results import CaseResultCollector, key_of
from harness.reporting.metrics import CaseMetrics, ComputedMetric, MetricTally
from harness.reporting.rates import Rate, RateTally

OUTCOMES = ("passed", "failed", "errored", "skipped", "unjudged")
Group = tuple[str, str]  # suite and variant
MetricKey = tuple[str, str, str]  # suite, variant and name


@dataclass(slots=True)
class Tally:
    """What a set of trials came to.

    Attributes:
        counts: Trials by outcome; those that were expected to fail are under `xfailed`.
        xpassed: Trials that passed although they were expected to fail.
        latencies: Seconds, of the last reply of each trial that has one.
        cost: USD of the trials whose price is known.
        spent: USD of those replies that this run asked for.
        unpriced: Trials with a reply of unknown price.
        judge_calls: Questions to a judge; their cost and seconds are counted apart from trials'.
        judge_spent: USD of those answers that this run asked for.
        reused: Trials whose reply was known already, by where from.
    """

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*OUTCOMES, "xfailed"), 0))
    xpassed: int = 0
    latencies: array[float] = field(default_factory=lambda: array("d"))
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    spent: float = 0.0
    unpriced: int = 0
    reused: Counter[str] = field(default_factory=Counter)
    not_streamed: int = 0
    warned: int = 0
    judge_calls: int = 0
    judge_cost: float = 0.0
    judge_spent: float = 0.0
    judge_seconds: array[float] = field(default_factory=lambda: array("d"))

    @property
    def trials(self) -> int:
        """All trials."""
        return sum(self.counts.values())

    def add(self, record: OutcomeRecord) -> None:
        """Count one outcome."""
        outcome = record["outcome"]
        if record["xfail"] is not None and outcome in {"failed", "errored"}:
            outcome = "xfailed"
        elif record["xfail"] is not None and outcome == "passed":
            self.xpassed += 1
        self.counts[outcome] += 1
        self.warned += any(
            not verdict["passed"] and not decides(verdict) for verdict in record["verdicts"]
        )
        reply = record["reply"]
        if reply is not None:
            if is_timed(reply):
                self.latencies.append(reply["latency"])
            if reply["origin"] != ReplyOrigin.SERVICE:
                self.reused[reply["origin"]] += 1
            asked = record["request"] or {}
            self.not_streamed += bool(asked.get("stream")) and reply["delivery"] != "stream"
        for call in asked_in(record):
            self.judge_calls += 1
            self.judge_cost += call["cost"] or 0.0
            if call.get("error") is None:
                self.judge_seconds.append(call["latency"])
        self.judge_spent += spent_on_judges(record)
        usage = record["usage"]
        self.input_tokens += (
            usage["input_tokens"]
            + usage["cache_creation_input_tokens"]
            + usage["cache_read_input_tokens"]
        )
        self.output_tokens += usage["output_tokens"]
        if record["cost"] is not None:
            self.cost += record["cost"]
            self.spent += spent(record)
        elif reply is not None:
            self.unpriced += 1


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
        ended: How many cases of each suite and variant came to an end.
        computed: What the suites compute from their metrics, once it is there.
    """

    total: Tally = field(default_factory=Tally)
    labels: Counter[CaseLabel] = field(default_factory=Counter)
    allowed_failures: int = 0
    failed_cases: set[CaseKey] = field(default_factory=set)
    stable: int = 0
    not_applicable: set[MetricKey] = field(default_factory=set)
    incomplete: set[MetricKey] = field(default_factory=set)
    ended: Counter[Group] = field(default_factory=Counter)
    computed: list[ComputedMetric] = field(default_factory=list)
    _unstable: list[tuple[int, CaseResult]] = field(default_factory=list)
    _tallies: dict[Group, Tally] = field(default_factory=dict)
    _rates: dict[Group, RateTally] = field(default_factory=dict)
    _total_rate: RateTally = field(default_factory=RateTally)
    _metrics: dict[MetricKey, MetricTally] = field(default_factory=dict)
    _cases: CaseResultCollector = field(default_factory=CaseResultCollector)
    _case_metrics: dict[CaseKey, CaseMetrics] = field(default_factory=dict)
    # the least index of a trial of each: outcomes come in the order in which trials end, which is
    # another in each run
    _group_order: dict[Group, int] = field(default_factory=dict)
    _metric_order: dict[MetricKey, tuple[int, int]] = field(default_factory=dict)
    _first_index: dict[CaseKey, int] = field(default_factory=dict)

    def add(self, record: OutcomeRecord) -> CaseResult | None:
        """Count one outcome; return the result of its case if all its repeats are there."""
        group = (record["suite"], record["variant"])
        index = record["index"]
        tally = self._tallies.get(group)
        if tally is None:
            tally = self._tallies[group] = Tally()
        tally.add(record)
        self.total.add(record)
        self._group_order[group] = min(index, self._group_order.get(group, index))
        key = key_of(record)
        self._first_index[key] = min(index, self._first_index.get(key, index))
        if record["verdicts"]:
            self._add_metrics(key, record)
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

    def _add_metrics(self, key: CaseKey, record: OutcomeRecord) -> None:
        metrics = self._case_metrics.get(key)
        if metrics is None:
            metrics = CaseMetrics()
        names = metrics.add(record)
        if not names:
            return
        self._case_metrics[key] = metrics
        for position, name in enumerate(names):
            metric = (key.suite, key.variant, name)
            order = (record["index"], position)
            self._metric_order[metric] = min(order, self._metric_order.get(metric, order))

    def _add_case(self, result: CaseResult) -> None:
        key = result.key
        group = (key.suite, key.variant)
        self.ended[group] += 1
        self._close_metrics(key)
        label, index = result.label, self._first_index.pop(key)
        self.labels[label] += 1
        for rates in (self._rates.setdefault(group, RateTally()), self._total_rate):
            rates.add(result)
        if label.fails_run:
            self.failed_cases.add(key)
        elif result.xfail is None:
            self.allowed_failures += result.failed
        if result.is_rated and result.judged > 1:
            if result.passed == result.judged:
                self.stable += 1
            else:
                self._unstable.append((index, result))

    def _close_metrics(self, key: CaseKey) -> None:
        metrics = self._case_metrics.pop(key, None)
        if metrics is None:
            return
        for name, scores in metrics.scores.items():
            metric = (key.suite, key.variant, name)
            self._metrics.setdefault(metric, MetricTally()).add_case(scores)
        self.not_applicable |= {(key.suite, key.variant, name) for name in metrics.not_applicable}
        self.incomplete |= {(key.suite, key.variant, name) for name in metrics.errored}

    @property
    def groups(self) -> dict[Group, Tally]:
        """What the trials of each suite and variant came to, in suite order."""
        ordered = sorted(self._tallies, key=self._group_order.__getitem__)
        return {group: self._tallies[group] for group in ordered}

    @property
    def metrics(self) -> dict[MetricKey, MetricTally]:
        """What was collected, by suite, variant and name, in suite order."""

        def order(metric: MetricKey) -> tuple[int, tuple[int, int]]:
            return self._group_order[metric[:2]], self._metric_order[metric]

        return {metric: self._metrics[metric] for metric in sorted(self._metrics, key=order)}

    @property
    def unstable(self) -> list[CaseResult]:
        """The cases with repeats that did not all pass, in suite order."""
        return [result for _, result in sorted(self._unstable, key=lambda entry: entry[0])]

    @property
    def rate_of_run(self) -> Rate:
        """The pass rate over all cases of the run."""
        return self._total_rate.rate()

    def rate(self, group: Group) -> Rate:
        """Return the pass rate over the cases of a suite and variant."""
        return self._rates.get(group, RateTally()).rate()

    @property
    def flaky(self) -> int:
        """How many cases have replies that passed and others that failed."""
        return sum(number for label, number in self.labels.items() if label.is_flaky)

    def exit_code(self) -> ExitCode:
        """Return what the exit status of a run that came to its end says."""
        if not self.total.trials:
            return ExitCode.NOTHING_SELECTED
        if self.failed_cases or any(metric.value is not None for metric in self.missed):
            return ExitCode.FAILED
        is_errored = self.labels[CaseLabel.ERRORED] or self.missed
        return ExitCode.ERRORED if is_errored else ExitCode.PASSED

    @property
    def missed(self) -> list[ComputedMetric]:
        """Computed metrics that are outside their limits, or have no value."""
        return [metric for metric in self.computed if metric.is_missed]

    def as_data(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        return {
            "total": _tally_data(self.total),
            "pass_rate": self.rate_of_run.as_data(),
            "groups": [
                {
                    "suite": suite,
                    "variant": variant,
                    **_tally_data(tally),
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


_REUSED: dict[str, str] = {
    ReplyOrigin.RUN: "used the reply of an earlier run",
    ReplyOrigin.CACHE: "took the reply from the cache, so nothing was timed",
    ReplyOrigin.GIVEN: "were given with their replies, and asked of nobody",
    ReplyOrigin.CASSETTE: "replayed a recorded reply, so nothing was timed",
}


def _tally_data(tally: Tally) -> Mapping[str, Any]:
    return {
        "trials": tally.trials,
        **tally.counts,
        "latency_p50": percentile(tally.latencies, 0.5),
        "latency_p95": percentile(tally.latencies, 0.95),
        "input_tokens": tally.input_tokens,
        "output_tokens": tally.output_tokens,
        "cost": None if tally.unpriced else tally.cost,
        "spent": None if tally.unpriced else tally.spent,
        "judge_calls": tally.judge_calls,
        "judge_cost": tally.judge_cost,
        "judge_spent": tally.judge_spent,
        "judge_latency_p50": percentile(tally.judge_seconds, 0.5),
    }


def percentile(values: array[float], share: float) -> float | None:
    """Return the value that `share` of the values do not exceed, or None without values.

    Source:
        Hyndman and Fan (1996), definition 1: the inverse of the empirical distribution.
    """
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


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
    for origin, number in sorted(total.reused.items()):
        yield f"{_trials(number)} {_REUSED[origin]}"
    if total.unpriced and total.cost:
        yield f"{_trials(total.unpriced)} without cost: the model has no entry in `prices`"
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


def _trials(number: int) -> str:
    return f"{number:,} trial{'' if number == 1 else 's'}"
