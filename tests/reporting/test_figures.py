"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.figures import (
    chain,
    p_is,
    p_value,
    percents,
    points,
    points_interval,
    signed,
)
from harness.stats.distributions import Interval


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "+0.0"),
        (-0.0, "+0.0"),
        (-0.04, "+0.0"),
        (0.04, "+0.0"),
        (-0.06, "-0.1"),
        (3.0, "+3.0"),
    ],
)
def test_a_number_that_rounds_to_zero_has_no_minus(value: float, text: str) -> None:
    assert signed(value) == text


@given(st.floats(-1, 1))
def test_a_change_is_never_minus_zero_points(share: float) -> None:
    assert "-0.0 " not in points(share)


def test_an_interval_of_a_change_is_in_points() -> None:
    assert points_interval(Interval(-0.125, 0.0)) == "[-12.5, +0.0]"
    assert points_interval(None) == ""
    assert percents(Interval(0.25, 1.0)) == "[25, 100] %"


def test_small_p_values_are_bounded() -> None:
    assert (p_value(0.0004), p_is(0.0004)) == ("< 0.001", "< 0.001")
    assert (p_value(0.0123), p_is(0.0123)) == ("0.012", "= 0.012")


@pytest.mark.parametrize(
    ("passed", "failed", "text"),
    [
        (2, 0, "-"),
        (2, 1, "0.00 [0.00, 0.95]"),
        (6, 4, "0.17 [0.02, 0.64]"),
        (10, 0, "1.00 [0.28, 1.00]"),
    ],
)
def test_the_chance_of_three_passes_in_a_row_has_an_interval(
    passed: int, failed: int, text: str
) -> None:
    assert chain(CaseResult(CaseKey("s", "c", "v"), passed=passed, failed=failed)) == text
