"""What a set of trials came to: counts, times, tokens and costs."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.model.record import (
    OutcomeRecord,
    ReplyRecord,
    asked_in,
    decides,
    is_timed,
    replies_in,
    spent,
    spent_on_judges,
)
from harness.model.reply import UNKNOWN_DELTAS, ReplyOrigin

OUTCOMES = ("passed", "failed", "errored", "skipped", "unjudged")
_SUMS = (
    "xpassed", "input_tokens", "output_tokens", "cost", "spent", "unpriced", "unreported",
    "partial", "not_streamed", "unknown_deltas", "simulated", "warned", "judge_calls",
    "judge_cost", "judge_spent", "failed_attempts", "perhaps_billed",
)  # fmt: skip
_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


@dataclass(slots=True)
class Tally:
    """What a set of trials came to.

    Attributes:
        counts: Trials by outcome; those that were expected to fail are under `xfailed`.
        xpassed: Trials that passed although they were expected to fail.
        latencies: Seconds, of the last reply of each trial that has one.
        cost: USD of the trials whose price is known.
        spent: USD of those replies that this run asked for.
        unpriced: Trials with a reply whose model has no price.
        unreported: Trials whose tokens the service did not report, so they have no cost either.
        partial: Trials whose replies cost more than is known.
        judge_calls: Questions to a judge; their cost and seconds are counted apart from trials'.
        judge_spent: USD of those answers that this run asked for.
        failed_attempts: Requests and look-ups that brought no reply, those that were tried again
            included.
        perhaps_billed: Those of them that the service may charge for.
        reused: Trials with replies that were known already, by where from.
        simulated: Trials that a simulator answered, though the settings do not name one.
        unknown_deltas: Trials whose streams had pieces that nothing is known about.
    """

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*OUTCOMES, "xfailed"), 0))
    xpassed: int = 0
    latencies: array[float] = field(default_factory=lambda: array("d"))
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    spent: float = 0.0
    unpriced: int = 0
    unreported: int = 0
    partial: int = 0
    reused: Counter[str] = field(default_factory=Counter)
    not_streamed: int = 0
    unknown_deltas: int = 0
    simulated: int = 0
    warned: int = 0
    judge_calls: int = 0
    judge_cost: float = 0.0
    judge_spent: float = 0.0
    failed_attempts: int = 0
    perhaps_billed: int = 0
    judge_seconds: array[float] = field(default_factory=lambda: array("d"))

    @property
    def trials(self) -> int:
        """All trials."""
        return sum(self.counts.values())

    @property
    def is_cost_whole(self) -> bool:
        """Whether the cost of all trials is known."""
        return not (self.unpriced or self.unreported or self.partial)

    def include(self, other: Tally) -> None:
        """Add what another set of trials came to."""
        for name, number in other.counts.items():
            self.counts[name] += number
        self.reused.update(other.reused)
        self.latencies.extend(other.latencies)
        self.judge_seconds.extend(other.judge_seconds)
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_data(self) -> dict[str, Any]:
        """Return the tally as plain data."""
        return {
            "trials": self.trials,
            **self.counts,
            "latency_p50": percentile(self.latencies, 0.5),
            "latency_p95": percentile(self.latencies, 0.95),
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "unreported": self.unreported,
            "cost": self.cost if self.is_cost_whole else None,
            "spent": self.spent if self.is_cost_whole else None,
            "failed_attempts": self.failed_attempts,
            "perhaps_billed": self.perhaps_billed,
            "judge_calls": self.judge_calls,
            "judge_cost": self.judge_cost,
            "judge_spent": self.judge_spent,
            "judge_latency_p50": percentile(self.judge_seconds, 0.5),
        }

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
            self._add_reply(reply, record["request"] or {})
        for call in asked_in(record):
            self.judge_calls += 1
            self.judge_cost += call["cost"] or 0.0
            if call.get("error") is None:
                self.judge_seconds.append(call["latency"])
        self.judge_spent += spent_on_judges(record)
        for attempt in record["attempts"]:
            self.failed_attempts += attempt["reason"] is not None
            self.perhaps_billed += bool(attempt.get("may_be_billed"))
        usage = record["usage"]
        for name in _INPUT:
            self.input_tokens += usage[name] or 0
        self.output_tokens += usage["output_tokens"] or 0
        is_reported = usage["input_tokens"] is not None and usage["output_tokens"] is not None
        # a reply that came with its test is no service's
        is_given = reply is not None and reply["origin"] == ReplyOrigin.GIVEN
        self.unreported += not is_reported and not is_given
        replies = replies_in(record)
        self.partial += any(each.get("cost_is_partial", False) for each in replies)
        origins = {each["origin"] for each in replies} - {ReplyOrigin.SERVICE}
        self.reused.update(origins)
        if record["cost"] is not None:
            self.cost += record["cost"]
            self.spent += spent(record)
        elif reply is not None and is_reported:
            self.unpriced += 1

    def _add_reply(self, reply: ReplyRecord, request: Mapping[str, Any]) -> None:
        if is_timed(reply):
            self.latencies.append(reply["latency"])
        self.simulated += reply.get("simulated", False)
        is_stream = reply["delivery"] == "stream"
        self.not_streamed += bool(request.get("stream")) and not is_stream
        if is_stream:
            blocks = reply["message"].get("content") or ()
            self.unknown_deltas += any(UNKNOWN_DELTAS in block for block in blocks)


def percentile(values: array[float], share: float) -> float | None:
    """Return the value that `share` of the values do not exceed, or None without values.

    Source:
        Hyndman and Fan (1996), definition 1: the inverse of the empirical distribution.
    """
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
