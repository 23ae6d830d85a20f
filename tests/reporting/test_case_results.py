"""From records to case results."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model.case_result import MetricScores
from harness.model.record import OutcomeRecord, ReplyRecord
from harness.reporting.case_results import (
    CaseResultCollector,
    case_results,
    comparable_results,
    reply_digest,
    result_of,
)
from tests.support.replies import message
from tests.support.trials import case, record


def repeated(*labels: str, name: str = "a", first: int = 0) -> list[OutcomeRecord]:
    one = case(name)
    return [
        record(first + n, label, of=one, repeat=n + 1, repeats=len(labels))
        for n, label in enumerate(labels)
    ]


def replied(*contents: list[dict[str, Any]]) -> OutcomeRecord:
    """Return a trial whose turns were answered by these blocks."""
    made = record()
    assert made["reply"] is not None
    turns: list[ReplyRecord] = []
    for content in contents:
        turn = made["reply"].copy()
        turn["message"] = message(content=content)
        turns.append(turn)
    *made["earlier_replies"], made["reply"] = turns
    return made


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def tool(name: str, number: int = 1, **values: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": values}


def test_a_result_comes_with_the_last_repeat_whatever_the_order() -> None:
    collector = CaseResultCollector()
    first, second, third = repeated("passed", "failed", "passed")

    assert collector.add(third) is None
    assert collector.add(first) is None
    result = collector.add(second)

    assert result is not None
    assert (result.passed, result.failed, result.label) == (2, 1, "flaky")
    assert list(collector.finish()) == []


def test_cases_whose_repeats_are_missing_are_given_at_the_end() -> None:
    records = [*repeated("passed", "failed")[:1], *repeated("failed", name="b", first=9)]

    results = list(case_results(records))

    assert [(r.key.case, r.label.value) for r in results] == [("b", "failed"), ("a", "passed")]


def test_more_repeats_than_announced_are_one_case_where_runs_are_compared() -> None:
    records = [record(n, of=case("a"), repeat=n + 1, repeats=1) for n in range(3)]

    (result,) = comparable_results(records)

    assert result.passed == 3
    assert result.conditions.models == {"m"}


def test_only_the_first_repeat_says_what_was_sent() -> None:
    records = repeated("passed", "passed")
    for number, each_record in enumerate(records):
        each_record["fingerprints"] = {"request": f"r{number}", "inputs": None, "expectations": "e"}

    (result,) = comparable_results(records)

    assert result.conditions.requests == {"r0"}
    assert result.conditions.expectations == {"e"}


def test_results_that_are_compared_have_the_scores_of_metrics_and_tags() -> None:
    one = case("a", tags=frozenset({"smoke", "mail"}))
    records = [record(n, of=one, repeat=n + 1, repeats=3) for n in range(3)]
    for each_record, score in zip(records, [0.25, 1.0, 0.5], strict=True):
        each_record["verdicts"][0] |= {"metric": "tone", "score": score, "metrics": {"words": 7.0}}
    records[1]["verdicts"][0]["error"] = "Traceback"

    (compared,) = comparable_results(records)

    assert compared.metrics == (
        MetricScores("tone", (0.25, 0.5)),
        MetricScores("words", (7.0, 7.0), is_reported=True),
    )
    assert compared.tags == ("mail", "smoke")
    assert (result_of(records).metrics, result_of(records).tags) == ((), ())


def test_a_result_has_the_group_of_its_case() -> None:
    assert result_of([record(of=case("a", group="terms.pdf"))]).group == "terms.pdf"
    assert result_of([record(of=case("a"))]).group is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([[text("hi")]], [[text("hi")]], True),
        ([[text("hi")]], [[text("ho")]], False),
        ([[text("h"), text("i")]], [[text("hi")]], True),
        ([[text("hi"), tool("find", 1)]], [[text("hi"), tool("find", 2)]], True),
        ([[text("hi"), tool("find")]], [[text("hi"), tool("refund")]], False),
        ([[text("hi"), tool("find", n=1)]], [[text("hi"), tool("find", n=2)]], False),
        ([[text("hi"), tool("find")]], [[text("hi")]], False),
        ([[text("hello")], [text("hi")]], [[text("good day")], [text("hi")]], False),
        ([[text("hello")], [text("hi")]], [[text("hi")]], False),
        ([[{"type": "thinking", "thinking": "a"}, text("hi")]], [[text("hi")]], True),
        ([[]], [[text("")]], True),
    ],
)
def test_replies_are_the_same_if_all_turns_and_tool_calls_are(
    one: list[list[dict[str, Any]]], other: list[list[dict[str, Any]]], same: bool
) -> None:
    assert (reply_digest(replied(*one)) == reply_digest(replied(*other))) is same


def test_distinct_replies_count_tool_calls_too() -> None:
    records = [
        replied([text("hi"), tool("find", 1)]),
        replied([text("hi"), tool("find", 2)]),
        replied([text("hi"), tool("refund", 3)]),
    ]

    for trial in records:
        trial["repeats"] = len(records)

    assert result_of(records).distinct_replies == 2


def test_conversations_that_broke_off_are_told_apart_by_what_was_said_until_then() -> None:
    records = [replied([text(words)], [text("ok")]) for words in ("one", "two", "two")]
    for trial in records:
        trial["repeats"], trial["reply"] = len(records), None

    assert result_of(records).distinct_replies == 2
    assert len(comparable_results(records)[0].replies) == 2
