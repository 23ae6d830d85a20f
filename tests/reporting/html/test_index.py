"""What the page's index says of a run as a whole."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.case_results import case_results
from harness.reporting.html.index import (
    BINS,
    Index,
    letter_of,
    normalised,
    over_time,
    signature_of,
)
from tests.support.page_runs import with_call, with_earlier_turn
from tests.support.trials import case, record


@pytest.mark.parametrize(
    ("moment", "part"), [(0.0, 0), (0.99, 0), (1.0, 1), (59.0, 59), (60.0, 59), (99.0, 59)]
)
def test_what_happened_is_counted_in_its_part_of_the_run(moment: float, part: int) -> None:
    counts = over_time({"rate_limit_error": array("d", [moment])}, 60.0)

    assert counts == {"rate_limit_error": [int(n == part) for n in range(BINS)]}


def test_an_attempt_ends_after_the_waits_and_attempts_before_it() -> None:
    index, one = Index(), record(0)
    attempt = {
        "purpose": "create", "status": 429, "seconds": 1.0, "wait": 0.0,
        "reason": "rate_limit_error", "request_id": None, "may_be_billed": False,
    }  # fmt: skip
    one["timings"]["began"] = 5.0
    one["attempts"] = [attempt, {**attempt, "wait": 3.0}, {**attempt, "reason": None, "wait": 9.0}]
    index.add(one)

    data = index.as_data(60.0)

    counts = data["attempts_over_time"]["rate_limit_error"]
    assert [part for part, number in enumerate(counts) if number] == [6, 10]
    assert data["attempts"] == {"rate_limit_error": 2}


def index_of(*records: OutcomeRecord, flips: dict[str, str] | None = None) -> dict[str, Any]:
    index = Index(flips)
    for one in records:
        index.add(one)
    for result in case_results(records):
        index.add_result(result)
    return index.as_data(1.0)


@pytest.mark.parametrize(
    ("label", "xfail", "letter"),
    [
        ("passed", None, "p"),
        ("failed", None, "f"),
        ("errored", None, "e"),
        ("skipped", None, "s"),
        ("unjudged", None, "u"),
        ("passed", "known", "p"),
        ("failed", "known", "x"),
        ("errored", "known", "x"),
    ],
)
def test_a_letter_stands_for_the_outcome_of_a_trial(
    label: str, xfail: str | None, letter: str
) -> None:
    one = record(0, label, of=case("a", xfail=xfail))

    assert letter_of(one) == letter
    assert index_of(one)["rows"]["outcome"] == letter


@pytest.mark.parametrize(
    ("message", "same"),
    [
        ("took 31 words", "took … words"),
        ("'refund' is missing", "… is missing"),
        ('"a" and `b`', "… and …"),
        ("id 0123456789abcdef", "id …"),
        ("nothing varies", "nothing varies"),
    ],
)
def test_messages_that_differ_in_values_alone_are_alike(message: str, same: str) -> None:
    assert normalised(message) == same


def test_a_signature_names_the_first_verdict_that_decided_against_the_trial() -> None:
    one = record(0, "failed", verdict=Verdict.failing("'refund' is missing"))
    shown = {**one["verdicts"][0], "severity": "warn", "assertion": "max_words"}
    one["verdicts"] = [shown, *one["verdicts"]]  # type: ignore[list-item]

    assert signature_of(one) == ("contains", "… is missing")
    assert signature_of(record(1, "errored"))[0] == "api_error"


def test_a_case_shows_the_whole_reason_of_its_first_failure() -> None:
    trials = [
        record(n, label, of=case("a"), repeat=n + 1, repeats=3, verdict=verdict)
        for n, (label, verdict) in enumerate(
            [
                ("passed", None),
                ("failed", Verdict.failing("'refund' is missing")),
                ("failed", Verdict.failing("31 words")),
            ]
        )
    ]

    results = index_of(*trials)["results"]

    assert results["reason"] == ["contains: 'refund' is missing"]
    assert results["signature"] == [0]


@pytest.mark.parametrize(
    ("rules", "labels", "label"),
    [
        ({"pass_rate": 0.5}, ["passed", "failed"], "flaky-allowed"),
        ({"xfail": "known"}, ["failed", "failed"], "xfailed"),
        ({"xfail": "known"}, ["passed", "passed"], "xpassed"),
    ],
)
def test_a_case_that_needs_no_attention_shows_no_reason(
    rules: dict[str, Any], labels: list[str], label: str
) -> None:
    data = index_of(
        *(
            record(n, outcome, of=case("a", **rules), repeat=n + 1, repeats=2)
            for n, outcome in enumerate(labels)
        )
    )

    assert data["labels"][data["results"]["label"][0]]["name"] == label
    assert data["results"]["reason"] == [None]


def test_cases_stand_in_the_order_of_their_first_trials() -> None:
    trials = [
        record(0, of=case("a"), repeat=1, repeats=2),
        record(1, of=case("b"), variant="haiku"),
        record(2, of=case("a"), repeat=2, repeats=2),
    ]

    data = index_of(*trials, flips={"test::b[haiku]": "moved"})

    assert data["results"]["case"] == [0, 1]
    assert data["results"]["repeats"] == [2, 1]
    assert data["suffixes"] == ["", "[haiku]"]
    assert [data["flips"][flip]["name"] for flip in data["results"]["flip"] if flip >= 0] == [
        "moved"
    ]


def test_replies_have_one_number_if_texts_tool_calls_and_turns_are_equal() -> None:
    trials = [record(n, text="billing", of=case(f"c{n}")) for n in range(5)]
    with_call(trials[1], "find")
    with_call(trials[2], "refund")
    with_earlier_turn(trials[3])

    assert index_of(*trials)["rows"]["reply"] == [0, 1, 2, 3, 0]


def test_a_trial_without_a_reply_has_no_number() -> None:
    assert index_of(record(0, "errored"), record(1, "skipped"))["rows"]["reply"] == [-1, -1]
