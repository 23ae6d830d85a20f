from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.model.outcome import Failure, Judgement, Outcome, OutcomeLabel, Verdict
from harness.model.record import (
    asked_in,
    decides,
    is_timed,
    metric_scores,
    record_of,
    reply_of,
    reply_record,
    spent,
    spent_on_judges,
)
from harness.model.reply import Reply, ReplyOrigin
from tests.support.replies import reply
from tests.support.trials import case, expectation, trial

RUN_SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "run.schema.json").read_text())


def outcome(*replies: Reply, **changes: Any) -> Outcome:
    return Outcome(trial(), changes.pop("label", OutcomeLabel.PASSED), replies=replies, **changes)


def test_a_record_is_json() -> None:
    record = record_of(outcome(reply("hello"), judgements=(Judgement(expectation(), VERDICT),)))

    assert json.loads(json.dumps(record)) == record


VERDICT = Verdict.passing("fine")


def test_the_last_of_several_replies_is_the_reply() -> None:
    record = record_of(outcome(reply("one"), reply("two")))

    assert record["reply"] is not None
    assert record["reply"]["text"] == "two"
    assert [earlier["text"] for earlier in record["earlier_replies"]] == ["one"]


def test_a_trial_that_failed_has_no_reply_but_keeps_those_before() -> None:
    failure = Failure("ApiError", "broken", "api_error", 500)

    record = record_of(outcome(reply("one"), label=OutcomeLabel.ERRORED, failure=failure))

    assert (record["reply"], record["timings"]["first_token"]) == (None, None)
    assert [earlier["text"] for earlier in record["earlier_replies"]] == ["one"]
    assert record["error"] is not None
    assert record["error"]["status"] == 500


@pytest.mark.parametrize("origin", [ReplyOrigin.SERVICE, ReplyOrigin.CASSETTE])
def test_a_reply_is_read_back_as_one_of_an_earlier_run(origin: ReplyOrigin) -> None:
    one = replace(reply("hello", latency=0.5, cost=0.1), origin=origin, key="k")

    back = reply_of(reply_record(one))

    expected = ReplyOrigin.RUN if origin == ReplyOrigin.SERVICE else origin
    assert replace(back, usage=one.usage, attempts=one.attempts) == replace(one, origin=expected)


@pytest.mark.parametrize(
    ("origin", "timed"),
    [
        (ReplyOrigin.SERVICE, True),
        (ReplyOrigin.RUN, True),
        (ReplyOrigin.CACHE, False),
        (ReplyOrigin.CASSETTE, False),
    ],
)
def test_only_real_calls_have_times(origin: ReplyOrigin, *, timed: bool) -> None:
    assert is_timed(reply_record(replace(reply("x"), origin=origin))) == timed


def test_only_replies_of_the_service_are_paid_for() -> None:
    paid = reply("a", cost=0.25)
    cached = replace(reply("b", cost=0.5), origin=ReplyOrigin.CACHE)

    assert spent(record_of(outcome(paid, cached, paid))) == 0.5


def test_judges_are_paid_for_separately() -> None:
    asked = ({"origin": "service", "cost": 0.5}, {"origin": "run", "cost": 1.0},
             {"origin": "service", "cost": None})  # fmt: skip
    verdict = replace(VERDICT, judge_calls=asked)

    record = record_of(outcome(reply("a"), judgements=(Judgement(expectation(), verdict),)))

    assert list(asked_in(record)) == list(asked)
    assert (spent_on_judges(record), spent(record)) == (0.5, 0.0)


@pytest.mark.parametrize(
    ("change", "verdict", "expected"),
    [
        ({}, VERDICT, True),
        ({"weight": 0.0}, VERDICT, False),
        ({"is_warning": True}, VERDICT, False),
        ({}, Verdict.not_applicable("no time"), False),
    ],
)
def test_a_verdict_that_is_only_shown_does_not_decide(
    change: dict[str, Any], verdict: Verdict, *, expected: bool
) -> None:
    judgement = Judgement(expectation(**change), verdict)

    (record,) = record_of(outcome(reply("a"), judgements=(judgement,)))["verdicts"]

    assert decides(record) == expected


def test_a_verdict_adds_its_score_and_the_numbers_that_user_code_reports_to_metrics() -> None:
    verdict = replace(Verdict.passing(), score=0.75, metrics={"words": 7.0, "tone": -1.0})
    judgement = Judgement(expectation(metric="tone"), verdict)
    record = record_of(outcome(reply("one"), judgements=(judgement,)))["verdicts"][0]

    assert list(metric_scores(record)) == [("words", 7.0, True), ("tone", 0.75, False)]
    assert not metric_scores({**record, "left_out": True})
    assert not metric_scores({**record, "error": "Traceback"})
    assert not metric_scores({**record, "metric": None, "metrics": {}})


def test_a_record_has_the_group_of_its_case_and_nothing_else_differs() -> None:
    alone, grouped = (
        record_of(replace(outcome(reply("one")), trial=trial(of=case("a", group=group))))
        for group in (None, "terms.pdf")
    )

    assert grouped == {**alone, "group": "terms.pdf"}
    assert "group" not in alone
    jsonschema.validate(grouped, RUN_SCHEMA)
