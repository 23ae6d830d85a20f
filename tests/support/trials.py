"""Trials, outcomes and records without suites on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.model.outcome import Failure, Judgement, Outcome, OutcomeLabel, Verdict
from harness.model.record import OutcomeRecord, record_of
from harness.model.reply import Reply
from harness.model.suite import Case, Expectation, Suite, Trial, Turn, Variant
from harness.reporting.summary import RunSummary
from harness.source import Span
from tests.support.replies import reply

HERE = Span(Path("t.suite.yaml"), 3, 5)


def suite(name: str = "test", *cases: Case) -> Suite:
    """Return a suite."""
    return Suite(name, HERE, cases, request={"model": "m"})


def case(name: str = "a", **changes: Any) -> Case:
    """Return a case with one turn."""
    turns = changes.pop("turns", (Turn(({"role": "user", "content": "Hi"},)),))
    return Case(name, HERE, turns, **changes)


def trial(index: int = 0, *, of: Case | None = None, **changes: Any) -> Trial:
    """Return a trial."""
    one = of or case(f"case-{index}")
    repeats = changes.pop("repeats", 1)
    repeat = changes.pop("repeat", 1)
    variant = Variant(changes.pop("variant", "default"))
    return Trial(suite(changes.pop("suite", "test")), one, variant, repeat, repeats, index)


def expectation(name: str = "contains", argument: Any = "x", **changes: Any) -> Expectation:
    """Return an expectation."""
    return Expectation(name, argument, HERE, **changes)


def record(index: int = 0, label: str = "passed", **changes: Any) -> OutcomeRecord:
    """Return the record of a trial that ended like this."""
    text = changes.pop("text", "hello")
    verdict = changes.pop("verdict", None)
    if verdict is None:
        verdict = Verdict.passing("fine") if label == "passed" else Verdict.failing("not fine")
    failure = None
    replies: tuple[Reply, ...] = changes.pop(
        "replies", (reply(text, latency=0.5, cost=changes.pop("cost", None)),)
    )
    judgements: tuple[Judgement, ...] = (Judgement(expectation(), verdict),)
    if label == "errored":
        message = changes.pop("message", "HTTP 500 api_error: broken")
        failure, replies, judgements = Failure("ApiStatusError", message, "api_error", 500), (), ()
    if label == "skipped":
        replies, judgements = (), ()
    outcome = Outcome(
        trial(index, **changes),
        OutcomeLabel(label),
        score=1.0 if label == "passed" else 0.0,
        request=None if label == "skipped" else {"model": "m", "messages": []},
        replies=replies,
        judgements=judgements,
        failure=failure,
        seconds=0.75,
    )
    return record_of(outcome)


def summed(*records: OutcomeRecord) -> RunSummary:
    """Return what some trials come to."""
    summary = RunSummary()
    for one in records:
        summary.add(one)
    summary.finish()
    return summary
