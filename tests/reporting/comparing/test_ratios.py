"""Latency, tokens and cost of two sides, by factor."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reporting.comparing.pairs import Pair
from harness.reporting.comparing.ratios import ratios_of
from tests.reporting.comparing.results import case_result

SECONDS = st.lists(st.floats(0.001, 100), min_size=1, max_size=4)


def pairs(*latencies: tuple[list[float], list[float]], **fields: Any) -> list[Pair]:
    return [
        Pair(
            case_result(f"c{number}", (1, 1), latencies=tuple(old), **fields),
            case_result(f"c{number}", (1, 1), latencies=tuple(new), **fields),
        )
        for number, (old, new) in enumerate(latencies)
    ]


@given(st.lists(st.tuples(SECONDS, SECONDS), min_size=1, max_size=8))
def test_a_factor_is_that_of_the_geometric_means_of_the_cases(
    cases: list[tuple[list[float], list[float]]],
) -> None:
    change = ratios_of(pairs(*cases))["latency"]

    for side, number in enumerate((change.old, change.new)):
        means = [statistics.fmean(case[side]) for case in cases]
        assert number == pytest.approx(statistics.geometric_mean(means))
    assert change.difference == pytest.approx(change.new / change.old)
    assert change.cases == len(cases)


def test_a_case_that_took_no_time_on_one_side_is_left_out() -> None:
    change = ratios_of(pairs(([1.0], [2.0]), ([0.0], [5.0]), ([3.0], [0.0])))["latency"]

    assert (change.old, change.new, change.difference) == (1, 2, 2)
    assert change.cases == 1


def test_nothing_is_said_of_what_no_case_has_on_both_sides() -> None:
    assert ratios_of(pairs(([1.0], []), ([0.0], [1.0]))) == {}


def test_equal_sides_have_a_factor_of_exactly_1() -> None:
    seconds = [math.pi, 0.1, 0.7]

    assert ratios_of(pairs((seconds, seconds), ([0.3], [0.3])))["latency"].difference == 1
