"""Adds outcomes up: per suite and variant, and for the whole run."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.exit_code import ExitCode
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
from harness.reporting.metrics import CaseMetrics, ComputedMetric, MetricTally
from harness.reporting.rates import CaseRow, Rate, RateTally

OUTCOMES = ("passed", "failed", "errored", "skipped", "unjudged")


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
class _Open:
    """A case of which not all repeats have come."""

    row: CaseRow
    may_fail: bool
    ended: int = 0
    metrics: CaseMetrics = field(default_factory=CaseMetrics)


@dataclass(slots=True)
class RunSummary:
    """Everything a run came to; outcomes may be added in any order.

    Attributes:
        tolerated: Failed trials that their case's pass rate allows for.
        failed_cases: Suite, case and variant of those that did not reach their pass rate.
        rates: Pass rates over the cases of each suite and variant.
        unstable: Cases with repeats of which not all passed.
        stable: How many cases with repeats passed in all of them.
        metrics: What was collected, by suite, variant and name.
        left_out: Metrics whose expectations had nothing to judge somewhere, named likewise.
        incomplete: Metrics whose expectations could not judge somewhere.
        ended: How many cases of each suite and variant came to an end.
        computed: What the suites compute from that, once it is there.
    """

    groups: dict[tuple[str, str], Tally] = field(default_factory=dict)
    total: Tally = field(default_factory=Tally)
    tolerated: int = 0
    failed_cases: set[tuple[str, str, str]] = field(default_factory=set)
    rates: dict[tuple[str, str], RateTally] = field(default_factory=dict)
    unstable: list[CaseRow] = field(default_factory=list)
    stable: int = 0
    metrics: dict[tuple[str, str, str], MetricTally] = field(default_factory=dict)
    left_out: set[tuple[str, str, str]] = field(default_factory=set)
    incomplete: set[tuple[str, str, str]] = field(default_factory=set)
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    computed: list[ComputedMetric] = field(default_factory=list)
    _open: dict[tuple[str, str, str], _Open] = field(default_factory=dict)

    def add(self, record: OutcomeRecord) -> None:
        """Count one outcome and, when all repeats of its case are there, judge the case."""
        group = (record["suite"], record["variant"])
        self.groups.setdefault(group, Tally()).add(record)
        self.total.add(record)
        key = (record["suite"], record["case"], record["variant"])
        case = self._open.get(key)
        if case is None:
            row = CaseRow(*key, record["pass_rate"])
            case = self._open[key] = _Open(row, record["xfail"] is not None)
        case.ended += 1
        case.row.add(record)
        case.metrics.add(record)
        if case.ended == record["repeats"]:
            self._judge_case(key)

    def finish(self) -> None:
        """Judge the cases that not all repeats came of, by those that came."""
        for key in list(self._open):
            self._judge_case(key)

    def _judge_case(self, key: tuple[str, str, str]) -> None:
        case = self._open.pop(key)
        row = case.row
        self.ended[row.suite, row.variant] += 1
        for name, scores in case.metrics.scores.items():
            metric = (row.suite, row.variant, name)
            self.metrics.setdefault(metric, MetricTally()).add_case(scores)
        self.left_out |= {(row.suite, row.variant, name) for name in case.metrics.left_out}
        self.incomplete |= {(row.suite, row.variant, name) for name in case.metrics.errored}
        self.rates.setdefault((row.suite, row.variant), RateTally()).add(row.passed, row.judged)
        if row.judged > 1:
            self.stable += row.passed == row.judged
            if row.passed < row.judged:
                self.unstable.append(row)
        answered = row.judged - row.errored
        failed = answered - row.passed
        if not failed or case.may_fail:
            return
        if row.is_enough:
            self.tolerated += failed
        else:
            self.failed_cases.add(key)

    def rate(self, group: tuple[str, str]) -> Rate:
        """Return the pass rate over the cases of a suite and variant."""
        return self.rates.get(group, RateTally()).rate()

    def ordered_unstable(self) -> list[CaseRow]:
        """Return the cases with repeats that did not all pass, by their names."""
        return sorted(self.unstable, key=lambda row: (row.suite, row.variant, row.case))

    @property
    def flaky(self) -> int:
        """How many cases have repeats that disagree."""
        return sum(row.label == "flaky" for row in self.unstable)

    def exit_code(self) -> ExitCode:
        """Return what the exit status of a run that came to its end says."""
        if not self.total.trials:
            return ExitCode.NOTHING_SELECTED
        if self.failed_cases or any(metric.value is not None for metric in self.missed):
            return ExitCode.FAILED
        return ExitCode.ERRORED if self.total.counts["errored"] or self.missed else ExitCode.PASSED

    @property
    def missed(self) -> list[ComputedMetric]:
        """Return what the suites compute and is not within its limits, or has no value."""
        return [metric for metric in self.computed if not metric.passed]

    def as_data(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        return {
            "total": _tally_data(self.total),
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
            "flaky_cases": self.flaky,
            "stable_cases": self.stable,
            "failed_cases": len(self.failed_cases),
            "tolerated_failures": self.tolerated,
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
    key = (record["suite"], record["case"], record["variant"])
    outcome = record["outcome"]
    return outcome == "errored" or (outcome == "failed" and key in summary.failed_cases)


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
    if summary.tolerated:
        yield f"{_trials(summary.tolerated)} failed within the `pass_rate` of the case"


def warnings_of_run(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a reader should know of where a run comes from.

    Args:
        run: The first line of the run file.
    """
    shard, merged = run.get("shard"), run.get("merged") or {}
    if shard is not None:
        yield f"shard {shard['number']} of {shard['of']}: `harness merge` joins it with the others"
    missing = merged.get("missing", ())
    if missing:
        numbers = ", ".join(map(str, missing))
        yield f"not everything was merged: shard {numbers} is missing"


def _trials(number: int) -> str:
    return f"{number:,} trial{'' if number == 1 else 's'}"
