"""Outcomes as plain data: the same in the run file and in every report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, NotRequired, TypedDict

from harness.model.reply import Attempt, Reply, ReplyOrigin, text_of
from harness.model.request import Delivery, inputs_fingerprint
from harness.model.usage import Usage

if TYPE_CHECKING:
    from harness.model.outcome import Failure, Judgement, Outcome

_TIMED = (ReplyOrigin.SERVICE.value, ReplyOrigin.RUN.value)


class VerdictRecord(TypedDict):
    """A verdict, and where its expectation is written.

    `error` is a traceback, `asked` the calls of a judge with questions and answers, `score_range`
    the least and the greatest score that are possible, if a part could not be judged.
    """

    assertion: str
    name: str | None
    passed: bool
    score: float
    reason: str
    expected: str | None
    actual: str | None
    error: str | None
    left_out: bool
    weight: float
    severity: str
    metric: str | None
    turn: int
    line: int
    column: int
    asked: NotRequired[list[Mapping[str, Any]]]
    metrics: NotRequired[Mapping[str, float]]
    score_range: NotRequired[list[float]]


class ReplyRecord(TypedDict):
    """A reply: the message as the API sent it, how it was delivered, how long it took.

    `simulated` is there, and true, if a simulator answered where the settings do not name one;
    `cost_is_partial` likewise, if the service did more than the price knows of.
    """

    message: Mapping[str, Any]
    text: str
    delivery: str
    latency: float
    first_token: float | None
    cost: float | None
    origin: str
    key: str
    simulated: NotRequired[bool]
    cost_is_partial: NotRequired[bool]


class TimingsRecord(TypedDict):
    """Seconds. `began` counts from the start of the run; older records lack it."""

    began: NotRequired[float]
    queued: float
    first_token: float | None
    total: float


class OutcomeRecord(TypedDict):
    """One outcome; `index` is the trial's position in suite order, from 0.

    `group` is missing if the case has none. A count in `usage` is null if the service did not
    report it for every turn.
    """

    kind: str
    index: int
    id: str
    suite: str
    case: str
    variant: str
    repeat: int
    repeats: int
    pass_rate: float
    path: str
    line: int
    tags: list[str]
    group: NotRequired[str]
    vars: Mapping[str, Any]
    outcome: str
    score: float | None
    threshold: float | None
    xfail: str | None
    skip: str | None
    model: str | None
    request: Mapping[str, Any] | None
    reply: ReplyRecord | None
    earlier_replies: list[ReplyRecord]
    error: Mapping[str, Any] | None
    attempts: list[Mapping[str, Any]]
    timings: TimingsRecord
    usage: Mapping[str, int | None]
    cost: float | None
    verdicts: list[VerdictRecord]
    fingerprints: Mapping[str, str | None]


NOTHING_DECIDES = "no expectation decides"


def decides(verdict: VerdictRecord) -> bool:
    """Return whether a verdict can make its trial fail; others are only shown."""
    return verdict["weight"] > 0 and verdict["severity"] == "error" and not verdict["left_out"]


def has_certain_score(verdict: VerdictRecord) -> bool:
    """Return whether everything that counts in the score of a verdict could be judged."""
    return verdict["error"] is None and "score_range" not in verdict


class MetricScore(NamedTuple):
    """A number that a verdict adds to a metric.

    Attributes:
        is_reported: Whether user code reports it: it may be any number, and nothing says whether
            more is better. Others are scores of expectations, from 0 to 1; more is better.
    """

    name: str
    score: float
    is_reported: bool


def metric_scores(verdict: VerdictRecord) -> Sequence[MetricScore]:
    """Return what a verdict adds to metrics; what could not be judged adds nothing."""
    own, reported = verdict["metric"], verdict.get("metrics", {})
    if own is None and not reported:
        return ()
    if verdict["left_out"] or not has_certain_score(verdict):
        return ()
    scores = [
        MetricScore(name, score, is_reported=True)
        for name, score in reported.items()
        if name != own
    ]
    if own is not None:
        scores.append(MetricScore(own, verdict["score"], is_reported=False))
    return scores


def record_of(outcome: Outcome) -> OutcomeRecord:
    """Return an outcome as plain data."""
    trial, case = outcome.trial, outcome.trial.case
    replies = [reply_record(reply) for reply in outcome.replies]
    last = outcome.replies[-1] if outcome.replies else None
    complete = last if outcome.failure is None else None
    record: OutcomeRecord = {
        "kind": "outcome",
        "index": trial.index,
        "id": trial.id,
        "suite": trial.suite.name,
        "case": case.id,
        "variant": trial.variant.name,
        "repeat": trial.repeat,
        "repeats": trial.repeats,
        "pass_rate": case.pass_rate,
        "path": str(case.span.path),
        "line": case.span.line,
        "tags": sorted(case.tags),
        "vars": trial.vars,
        "outcome": outcome.label.value,
        "score": outcome.score,
        "threshold": case.threshold,
        "xfail": case.xfail,
        "skip": case.skip,
        "model": (last and last.model) or (outcome.request or {}).get("model"),
        "request": outcome.request,
        "reply": replies[-1] if complete is not None else None,
        "earlier_replies": replies[:-1] if complete is not None else replies,
        "error": None if outcome.failure is None else _error(outcome.failure),
        "attempts": [attempt_record(attempt) for attempt in outcome.attempts],
        "timings": {
            "began": outcome.began,
            "queued": outcome.queued,
            "first_token": complete.first_token if complete is not None else None,
            "total": outcome.seconds,
        },
        "usage": usage_data(outcome.usage),
        "cost": outcome.cost,
        "verdicts": [_verdict(judgement) for judgement in outcome.judgements],
        "fingerprints": {
            "inputs": inputs_fingerprint(case.vars),
            "request": outcome.request_fingerprint,
            "expectations": outcome.expectations_fingerprint,
        },
    }
    if case.group is not None:
        record["group"] = case.group
    return record


def _error(failure: Failure) -> dict[str, Any]:
    error = asdict(failure)
    if not failure.traceback:
        del error["traceback"]  # hardly any error has one
    return error


def usage_data(usage: Usage) -> dict[str, int | None]:
    """Return token counts under the names of the API; null where the service did not report it."""
    data = {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_creation_input_tokens": usage.cache_creation_input_tokens,
        "cache_read_input_tokens": usage.cache_read_input_tokens,
    }
    if usage.ephemeral_1h_input_tokens:
        data["ephemeral_1h_input_tokens"] = usage.ephemeral_1h_input_tokens
    if usage.web_search_requests:
        data["web_search_requests"] = usage.web_search_requests
    return data


def attempt_record(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt as plain data."""
    return {
        "purpose": attempt.purpose,
        "status": attempt.status,
        "seconds": attempt.seconds,
        "wait": attempt.wait,
        "reason": attempt.reason,
        "request_id": attempt.request_id,
        "may_be_billed": attempt.may_be_billed,
    }


def reply_record(reply: Reply) -> ReplyRecord:
    """Return a reply as plain data."""
    record: ReplyRecord = {
        "message": reply.message,
        "text": reply.text,
        "delivery": reply.delivery.value,
        "latency": reply.latency,
        "first_token": reply.first_token,
        "cost": reply.cost,
        "origin": reply.origin.value,
        "key": reply.key,
    }
    if reply.is_simulated:
        record["simulated"] = True
    if reply.is_cost_partial:
        record["cost_is_partial"] = True
    return record


def is_timed(record: ReplyRecord) -> bool:
    """Return whether the times of a reply were measured in a real call."""
    return record["origin"] in _TIMED


def reply_of(record: ReplyRecord) -> Reply:
    """Return the reply of a record; the times of an earlier run stay valid."""
    message = record["message"]
    return Reply(
        message=message,
        text=text_of(message),
        usage=Usage.of(message),
        delivery=Delivery(record["delivery"]),
        latency=record["latency"],
        first_token=record["first_token"],
        cost=record["cost"],
        origin=ReplyOrigin.RUN if is_timed(record) else ReplyOrigin(record["origin"]),
        key=record["key"],
        is_simulated=record.get("simulated", False),
        is_cost_partial=record.get("cost_is_partial", False),
    )


def spent(record: OutcomeRecord) -> float:
    """Return the USD this run paid for the replies of a trial, where prices are known."""
    return sum(reply["cost"] or 0.0 for reply in replies_in(record) if _is_paid_now(reply))


def has_unreported_spending(record: OutcomeRecord) -> bool:
    """Return whether this run paid for a reply, a judge's included, without token counts."""
    replies = filter(_is_paid_now, replies_in(record))
    answers = (call for call in asked_in(record) if _is_paid_now(call) and not call.get("error"))
    return not (
        all(Usage.of(reply["message"]).is_reported for reply in replies)
        and all(None not in (call["input_tokens"], call["output_tokens"]) for call in answers)
    )


def replies_in(record: OutcomeRecord) -> list[ReplyRecord]:
    """Return the replies of all turns of a trial."""
    reply = record["reply"]
    return [*record["earlier_replies"], *([] if reply is None else [reply])]


class AnsweredBy(StrEnum):
    """Who gave the replies of a trial."""

    SERVICE = "service"
    SIMULATOR = "simulator"
    GIVEN = "given"  # they came with the test
    NOBODY = ""


def answered_by(record: OutcomeRecord, *, is_simulated: bool = False) -> AnsweredBy:
    """Return who gave the replies of a trial.

    Args:
        record: The trial.
        is_simulated: Whether the settings of its run name the simulator.
    """
    replies = replies_in(record)
    if not replies:
        return AnsweredBy.NOBODY
    if all(reply["origin"] == ReplyOrigin.GIVEN for reply in replies):
        return AnsweredBy.GIVEN
    if is_simulated or any(reply.get("simulated", False) for reply in replies):
        return AnsweredBy.SIMULATOR
    return AnsweredBy.SERVICE


def _is_paid_now(reply: ReplyRecord | Mapping[str, Any]) -> bool:
    return reply["origin"] == ReplyOrigin.SERVICE


def spent_on_judges(record: OutcomeRecord) -> float:
    """Return the USD this run paid for the judges of a trial, where prices are known."""
    return sum(call["cost"] or 0.0 for call in asked_in(record) if _is_paid_now(call))


def asked_in(record: OutcomeRecord) -> Iterator[Mapping[str, Any]]:
    """Yield the calls of judges about a trial."""
    for verdict in record["verdicts"]:
        yield from verdict.get("asked", ())


def _verdict(judgement: Judgement) -> VerdictRecord:
    expectation, verdict = judgement.expectation, judgement.verdict
    record: VerdictRecord = {
        "assertion": expectation.key,
        "name": expectation.name,
        "passed": verdict.passed,
        "score": verdict.score,
        "reason": verdict.reason,
        "expected": verdict.expected,
        "actual": verdict.actual,
        "error": verdict.traceback,
        "left_out": verdict.is_not_applicable,
        "weight": expectation.weight,
        "severity": "warn" if expectation.is_warning else "error",
        "metric": expectation.metric,
        "turn": judgement.turn,
        "line": expectation.span.line,
        "column": expectation.span.column,
    }
    if verdict.metrics:
        record["metrics"] = verdict.metrics
    if verdict.score_range is not None:
        record["score_range"] = list(verdict.score_range)
    if verdict.judge_calls:
        record["asked"] = list(verdict.judge_calls)
    return record
