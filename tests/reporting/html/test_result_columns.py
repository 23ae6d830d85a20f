"""The columns of case results, and what their numbers stand for."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model.case_result import CaseKey, CaseLabel, CaseResult
from harness.reporting.html.result_columns import (
    ResultColumns,
    chance_of,
    flip_counts,
    flips_data,
    flips_of,
    labels_data,
    scaled,
)
from tests.support.pages import lists

KEY = CaseKey("desk", "refund", "haiku")


def row(result: CaseResult, **changes: Any) -> dict[str, Any]:
    columns = ResultColumns()
    columns.add(
        result,
        **{
            "case": 3,
            "variant": 1,
            "chance": -1,
            "signature": -1,
            "reason": None,
            "flip": None,
            **changes,
        },
    )
    return {name: values[0] for name, values in columns.as_data().items()}


def test_a_result_is_written_with_short_numbers() -> None:
    result = CaseResult(
        KEY, repeats=5, passed=1, failed=2, errored=0, skipped=1, scores=(0.5, 1.0),
        latencies=(0.5, 1.0), costs=(0.000001, 0.00002), distinct_replies=2,
    )  # fmt: skip

    written = row(result, chance=4, signature=7, reason="no refund", flip="broken")

    assert written == {
        "case": 3, "variant": 1, "label": 2, "repeats": 5, "passed": 1, "judged": 3,
        "share": 0.3333, "chance": 4, "distinct_replies": 2, "score": 750, "latency": 750,
        "cost": 21, "signature": 7, "reason": "no refund", "flip": 5,
    }  # fmt: skip
    assert labels_data()[2]["name"] == "flaky"
    assert flips_data()[5]["name"] == "broken"


def test_a_result_without_measures_has_none() -> None:
    written = row(CaseResult(KEY, skipped=1))

    assert {written[name] for name in ("share", "score", "latency", "cost", "reason")} == {None}
    assert (written["flip"], written["signature"]) == (-1, -1)


@pytest.mark.parametrize(
    ("passed", "failed", "words"),
    [
        (0, 0, None),
        (1, 0, None),
        (2, 0, "95 %: [20, 100] %"),
        (3, 0, "95 %: [31, 100] %, pass^3: 1.00 [0.03, 1.00]"),
        (6, 4, "95 %: [27, 86] %, pass^3: 0.17 [0.02, 0.64]"),
    ],
)
def test_the_chance_to_pass_and_to_pass_three_times_have_intervals(
    passed: int, failed: int, words: str | None
) -> None:
    assert chance_of(CaseResult(KEY, passed=passed, failed=failed)) == words


def test_a_long_reason_is_cut() -> None:
    assert row(CaseResult(KEY, failed=1), reason="x" * 1000)["reason"] == "x" * 160


@pytest.mark.parametrize(
    ("value", "digits", "whole"),
    [
        (None, 3, None),
        (0.0, 3, 0),
        (0.5, 3, 500),
        (0.0005, 3, 1),  # 1000 * 0.0005 is exactly 0.5 and would round to 0
        (0.0000015, 6, 2),
        (1.2345, 3, 1234),
        (2.0, 3, 2000),
    ],
)
def test_a_value_rounds_as_tables_round_it(
    value: float | None, digits: int, whole: int | None
) -> None:
    assert scaled(value, digits) == whole
    if value is not None and whole is not None:
        assert whole / 10**digits == round(value, digits)


def test_the_labels_say_what_needs_attention_and_what_is_flaky() -> None:
    data = {entry["name"]: entry for entry in labels_data()}

    assert list(data) == [label.value for label in CaseLabel]
    assert {name for name, entry in data.items() if entry["needs_attention"]} == {
        "failed", "flaky", "errored",
    }  # fmt: skip
    assert {name for name, entry in data.items() if entry["is_flaky"]} == {
        "flaky", "flaky-allowed",
    }  # fmt: skip


def test_every_list_of_a_baseline_has_a_title_and_a_meaning() -> None:
    data = {entry["name"]: entry for entry in flips_data()}

    assert set(data) == {
        "broken", "fixed", "newly_flaky", "moved", "still_failing", "changed",
    }  # fmt: skip
    assert data["newly_flaky"]["title"] == "newly flaky"
    assert data["moved"]["meaning"] == "pass more or less often than before, by their own repeats"
    assert data["changed"]["meaning"] == "same verdict, another reply"


@pytest.mark.parametrize(
    ("comparisons", "flips"),
    [
        pytest.param([], {}, id="no comparison"),
        pytest.param([{**lists(moved=["a"])}], {"a": "moved"}, id="moved"),
        pytest.param([{"changed_cases": ["a"]}], {"a": "changed"}, id="another reply"),
        pytest.param(
            [{**lists(still_failing=["a"]), "changed_cases": ["a", "b"]}],
            {"a": "still_failing", "b": "changed"},
            id="another reply says least",
        ),
        pytest.param(
            [lists(broken=["a"]), lists(fixed=["a"])], {"a": "fixed"}, id="the last one counts"
        ),
        pytest.param(
            [{**lists(broken=["a"]), "refusals": ["the expectations differ"]}],
            {},
            id="not comparable",
        ),
    ],
)
def test_a_case_is_in_one_list_of_the_baseline(
    comparisons: list[dict[str, Any]], flips: dict[str, str]
) -> None:
    assert flips_of(comparisons) == flips


def test_flips_are_counted_by_suite_and_variant() -> None:
    keys = [CaseKey("desk", name, variant) for name in "abc" for variant in ("default", "haiku")]
    flips = {
        "desk::a": "broken", "desk::b": "broken", "desk::c": "moved", "desk::a[haiku]": "fixed",
        "desk::gone": "broken",
    }  # fmt: skip

    assert flip_counts(flips, keys) == {
        ("desk", "default"): {"broken": 2, "moved": 1},
        ("desk", "haiku"): {"fixed": 1},
    }
