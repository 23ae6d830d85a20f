"""Case results as baselines keep them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StoreError
from harness.model.case_result import CaseConditions, CaseKey, CaseResult, MetricScores
from harness.reporting.comparing.baseline_data import (
    UNJUDGED,
    data_of,
    label_of_data,
    result_of,
    side_of_data,
)

HASHES = st.frozensets(st.text("0123456789abcdef", min_size=1, max_size=8), max_size=3)

METRICS = st.dictionaries(
    st.text(max_size=5),
    st.tuples(st.lists(st.floats(-9, 9), min_size=1, max_size=3), st.booleans()),
    max_size=2,
).map(
    lambda drawn: tuple(
        MetricScores(name, tuple(scores), is_reported)
        for name, (scores, is_reported) in sorted(drawn.items())
    )
)


@st.composite
def results(draw: st.DrawFn) -> CaseResult:
    judged = draw(st.integers(1, 9))
    passed = draw(st.integers(0, judged))
    errored = draw(st.integers(0, judged - passed))
    replies = draw(HASHES)
    return CaseResult(
        CaseKey("suite", draw(st.text(min_size=1)), "default"),
        repeats=judged,
        pass_rate=draw(st.floats(0, 1)),
        passed=passed,
        failed=judged - passed - errored,
        errored=errored,
        scores=tuple(draw(st.lists(st.floats(0, 1), max_size=3))),
        latencies=(0.5,),
        tokens=(3,),
        costs=(0.001,),
        distinct_replies=len(replies),
        replies=replies,
        conditions=CaseConditions(
            inputs=draw(HASHES),
            requests=draw(HASHES),
            rules=frozenset({(draw(st.none() | st.floats(0, 1)), draw(st.floats(0, 1)))}),
            settings=frozenset({("temperature", "0.7")}),
        ),
        metrics=draw(METRICS),
        tags=draw(st.sampled_from([(), ("mail", "smoke")])),
        group=draw(st.none() | st.text(min_size=1)),
    )


def result(case: str, *, passed: int = 0, failed: int = 0, errored: int = 0) -> CaseResult:
    key = CaseKey("s", case, "v")
    return CaseResult(key, passed=passed, failed=failed, errored=errored)


@given(results())
def test_a_case_is_read_as_it_was_written(written: CaseResult) -> None:
    data = data_of(written, has_measures=True, has_replies=True)
    read = result_of(json.loads(json.dumps(data)))

    assert read == written
    assert data_of(read) == data_of(written)
    assert {"latencies", "replies"}.isdisjoint(data_of(written))


def test_fields_that_most_cases_lack_are_kept_only_where_they_are_set() -> None:
    plain = data_of(result("plain", passed=1))
    rich = data_of(
        replace(
            result("rich", passed=1),
            metrics=(MetricScores("tone", (0.5,)), MetricScores("words", (7.0,), is_reported=True)),
            tags=("smoke",),
            group="terms.pdf",
        )
    )

    assert {"group", "metrics", "reported_metrics", "tags", "identical"}.isdisjoint(plain)
    assert rich["metrics"] == {"tone": [0.5], "words": [7.0]}
    assert rich["reported_metrics"] == ["words"]
    assert rich["tags"] == ["smoke"]
    assert rich["group"] == "terms.pdf"


@pytest.mark.parametrize(
    ("changes", "distinct"),
    [
        ({}, 1),
        ({"distinct_replies": 2}, 0),
        ({"tokens": (3,)}, 0),  # the reply of one repeat is not known
        ({"passed": 1, "tokens": (3,)}, 0),  # a single repeat is like any other
    ],
)
def test_a_baseline_without_replies_still_tells_that_all_repeats_were_alike(
    changes: dict[str, Any], distinct: int
) -> None:
    alike = replace(
        result("c", passed=2), distinct_replies=1, replies=frozenset({"a"}), tokens=(3, 3)
    )

    data = data_of(replace(alike, **changes))

    assert data.get("identical", False) is (distinct == 1)
    assert result_of(data).distinct_replies == distinct


def test_errors_of_a_baseline_may_be_left_out() -> None:
    cases = [data_of(result("all", errored=2)), data_of(result("one", passed=1, errored=1))]

    side = side_of_data("main", cases, excludes_errors=True)

    assert [(key.case, kept.passed, kept.judged) for key, kept in side.results.items()] == [
        ("one", 1, 1)
    ]
    assert side.excluded.total() == 3


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"passed": 9},
            "`passed` is 9 and `errored` is 0, and together they should be at most `trials`, 1",
        ),
        ({"passed": "five"}, "`passed` is text, and should be a whole number"),
        ({"passed": -1}, "`passed` is -1, and should be from 0 to 1,000,000"),
        ({"trials": 0}, "`trials` is 0, and should be from 1 to 1,000,000"),
        ({"trials": 10**30}, f"`trials` is {10**30}, and should be from 1 to 1,000,000"),
        ({"errored": None}, "`errored` is null, and should be a whole number"),
        ({"pass_rate": math.nan}, "`pass_rate` is nan, and should be from 0 to 1"),
        ({"pass_rate": -3}, "`pass_rate` is -3.0, and should be from 0 to 1"),
        ({"pass_rate": 1e30}, "`pass_rate` is 1e+30, and should be from 0 to 1"),
        ({"rules": [1]}, "`rules` has a whole number where a list belongs"),
        ({"rules": [[1]]}, "`rules` should have lists of a threshold or null, and a pass rate"),
        ({"rules": [[[], 1]]}, "`rules` should have lists of a threshold or null, and a pass rate"),
        ({"settings": [["a"]]}, "`settings` should have lists of a name and a value"),
        ({"inputs": 1}, "`inputs` is a whole number, and should be a list"),
        ({"scores": "x"}, "`scores` is text, and should be a list"),
        ({"scores": [math.inf]}, "`scores` has inf where a finite number belongs"),
        ({"costs": ["x"]}, "`costs` has text where a number belongs"),
        ({"metrics": [1]}, "`metrics` is a list, and should be an object"),
        ({"metrics": {"tone": 1}}, "`tone` is a whole number, and should be a list"),
        ({"tags": 1}, "`tags` is a whole number, and should be a list"),
        ({"group": 1}, "`group` is a whole number, and should be text"),
    ],
)
def test_a_damaged_case_is_named_with_the_field_and_what_belongs_there(
    change: dict[str, object], why: str
) -> None:
    data = data_of(result("c", passed=1)) | change

    with pytest.raises(StoreError) as caught:
        side_of_data("main", [data])

    assert str(caught.value) == f"main: the case s::c is damaged ({why}); save it again"


@pytest.mark.parametrize("name", ["passed", "pass_rate", "scores", "rules", "inputs"])
def test_a_field_that_is_missing_is_named(name: str) -> None:
    data = data_of(result("c", passed=1))
    del data[name]

    with pytest.raises(StoreError, match=f"is damaged \\(`{name}` is missing\\)"):
        side_of_data("main", [data])


def test_the_label_of_an_older_baseline_is_computed_from_its_counts() -> None:
    kept = data_of(result("c", passed=1, errored=1)) | {"verdict": "flaky"}

    assert label_of_data(kept) == "errored"
    assert label_of_data({"verdict": UNJUDGED}) == UNJUDGED
    assert label_of_data({"verdict": "passed", "passed": 9}) == "passed"
