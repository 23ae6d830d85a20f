"""Cases as baselines keep them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StoreError
from harness.reporting.comparing.baseline_data import data_of, label_of, side_of_data, unit_of
from harness.reporting.comparing.sides import Unit

HASHES = st.sets(st.text("0123456789abcdef", min_size=1, max_size=8), max_size=3)


@st.composite
def units(draw: st.DrawFn) -> Unit:
    counted = draw(st.integers(1, 9))
    unit = Unit("suite", draw(st.text(min_size=1)), "default")
    unit.counted, unit.passed = counted, draw(st.integers(0, counted))
    unit.errored = draw(st.integers(0, counted - unit.passed))
    unit.scores = draw(st.lists(st.floats(0, 1), max_size=3))
    unit.rules = {(draw(st.none() | st.floats(0, 1)), draw(st.floats(0, 1)))}
    unit.settings = {("temperature", "0.7")}
    unit.inputs, unit.replies, unit.requests = draw(HASHES), draw(HASHES), draw(HASHES)
    unit.variants = {"default"}
    unit.latencies, unit.tokens, unit.costs = [0.5], [3], [0.001]
    return unit


@given(units())
def test_a_case_is_read_as_it_was_written(unit: Unit) -> None:
    data = data_of(unit, has_measures=True, has_replies=True)
    kept = unit_of(json.loads(json.dumps(data)))

    assert kept == unit
    assert data_of(kept) == data_of(unit)
    assert {"latencies", "replies"}.isdisjoint(data_of(unit))


@pytest.mark.parametrize(
    ("passed", "counted", "errored", "label"),
    [
        (3, 3, 0, "passed"),
        (0, 3, 0, "failed"),
        (0, 3, 3, "errored"),
        (0, 3, 1, "failed"),
        (1, 3, 2, "flaky"),
    ],
)
def test_repeats_come_to_one_label(passed: int, counted: int, errored: int, label: str) -> None:
    unit = Unit("s", "c", "v", passed=passed, counted=counted, errored=errored)

    assert label_of(unit) == label


def test_errors_of_a_baseline_may_be_left_out() -> None:
    cases = [
        data_of(Unit("s", "all", "v", passed=0, counted=2, errored=2)),
        data_of(Unit("s", "one", "v", passed=1, counted=2, errored=1)),
    ]

    side = side_of_data("main", cases, excludes_errors=True)

    assert [(unit.case, unit.passed, unit.counted) for unit in side.units.values()] == [
        ("one", 1, 1)
    ]
    assert side.excluded.total() == 3


@pytest.mark.parametrize("change", [{"passed": 9}, {"trials": 0}, {"rules": [1]}, {"scores": "x"}])
def test_a_damaged_case_is_told_by_its_name(change: dict[str, object]) -> None:
    data = data_of(Unit("s", "c", "v", passed=1, counted=1)) | change

    with pytest.raises(StoreError, match="main: the case s::c is damaged"):
        side_of_data("main", [data])
