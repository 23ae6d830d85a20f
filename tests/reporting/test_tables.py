"""Tables of trials: the same bytes from the page and from the command line."""

from __future__ import annotations

import csv
import io
import json

import pytest

from harness.model.outcome import Verdict
from harness.model.reply import Reply, ReplyOrigin
from harness.reporting.tables import COLUMNS, csv_lines, json_document, json_lines
from tests.support.page_runs import mixed
from tests.support.replies import reply
from tests.support.trials import case, record

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\uff1d1",
    "\u3000=1",
    "=cmd|'/C'!A0",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_read_as_a_formula(text: str) -> None:
    one = record(0)
    one["case"] = text

    cells = next(iter(csv.DictReader(io.StringIO("".join(csv_lines([one])), newline=""))))

    assert cells["case"] == f"'{text}"


@pytest.mark.parametrize("text", ["a,b", 'say "hi"', "a\nb", "plain", "été", "1-2", "a=b"])
def test_every_other_text_is_read_back_as_it_was(text: str) -> None:
    one = record(0)
    one["case"] = text

    cells = next(iter(csv.DictReader(io.StringIO("".join(csv_lines([one])), newline=""))))

    assert cells["case"] == text


def test_numbers_stay_numbers_and_what_is_not_known_is_empty() -> None:
    passed = record(0, cost=0.000009)
    skipped = record(1, "skipped")

    rows = list(csv.DictReader(io.StringIO("".join(csv_lines([passed, skipped])))))

    assert (rows[0]["cost_usd"], rows[0]["latency_seconds"], rows[0]["score"]) == (
        "0.000009", "0.5", "1",
    )  # fmt: skip
    assert rows[1]["cost_usd"] == rows[1]["latency_seconds"] == ""


def test_json_says_what_csv_says() -> None:
    records = mixed(6)

    document = json.loads("".join(json_document(records)))
    lines = [json.loads(line) for line in json_lines(records)]

    assert document == lines
    assert list(document[0]) == list(COLUMNS)
    assert json.loads("".join(json_document([]))) == []


def test_a_reason_keeps_the_values_that_a_person_needs() -> None:
    verdict = Verdict.failing("the reply is not 'returns'; line 1 differs at column 12")
    failed = record(0, "failed", verdict=verdict)
    reason = f"contains: {verdict.reason}"

    (row,) = csv.DictReader(io.StringIO("".join(csv_lines([failed])), newline=""))
    (of_line,) = (json.loads(line) for line in json_lines([failed]))
    (of_document,) = json.loads("".join(json_document([failed])))

    assert row["reason"] == of_line["reason"] == of_document["reason"] == reason


def test_each_trial_says_what_its_case_adds_up_to() -> None:
    one = case("a", pass_rate=0.5)
    trials = [
        record(n, label, of=one, repeat=n + 1, repeats=2)
        for n, label in enumerate(["passed", "failed"])
    ]

    rows = list(csv.DictReader(io.StringIO("".join(csv_lines(trials)), newline="")))

    assert [(row["outcome"], row["case_label"]) for row in rows] == [
        ("passed", "flaky-allowed"),
        ("failed", "flaky-allowed"),
    ]


@pytest.mark.parametrize(
    ("replies", "is_simulated", "name"),
    [
        ((reply("a"),), False, "service"),
        ((reply("a"),), True, "simulator"),
        ((reply("a", is_simulated=True),), False, "simulator"),
        ((reply("a", is_simulated=True), reply("b")), False, "simulator"),
        ((reply("a", origin=ReplyOrigin.GIVEN),), True, "given"),
        ((), True, ""),
    ],
)
def test_each_trial_says_who_answered(
    replies: tuple[Reply, ...], is_simulated: bool, name: str
) -> None:
    one = record(0, replies=replies)

    (row,) = csv.DictReader(io.StringIO("".join(csv_lines([one], is_simulated=is_simulated))))

    assert row["answered_by"] == name
