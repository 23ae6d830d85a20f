"""Distributions, against scipy."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.stats.distributions import (
    Interval,
    binomial_point,
    binomial_tail,
    normal_quantile,
    t_cumulated,
    t_quantile,
)

MANY = settings(max_examples=500)


@pytest.mark.slow
@MANY
@given(st.floats(0.001, 0.999), st.floats(0.5, 500))
def test_the_quantiles_of_students_t_are_those_of_scipy(share: float, freedom: float) -> None:
    assert t_quantile(share, freedom) == pytest.approx(
        stats.t.ppf(share, freedom), rel=1e-7, abs=1e-9
    )


@pytest.mark.slow
@MANY
@given(st.floats(-50, 50), st.floats(0.5, 500))
def test_the_distribution_of_students_t_is_that_of_scipy(value: float, freedom: float) -> None:
    assert t_cumulated(value, freedom) == pytest.approx(stats.t.cdf(value, freedom), abs=1e-10)


@pytest.mark.slow
@MANY
@given(st.integers(-1, 60), st.integers(0, 60), st.floats(0, 1))
def test_the_tail_of_the_binomial_is_that_of_scipy(k: int, n: int, chance: float) -> None:
    assert binomial_tail(k, n, chance) == pytest.approx(
        float(stats.binom.cdf(k, n, chance)), abs=1e-12
    )


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.975, 0.999, 1 - 1e-9])
def test_the_normal_quantiles_are_those_of_scipy_and_the_standard_library(share: float) -> None:
    assert normal_quantile(share) == pytest.approx(stats.norm.ppf(share), abs=1e-12)
    assert normal_quantile(share) == pytest.approx(NormalDist().inv_cdf(share), abs=1e-12)


@pytest.mark.parametrize(
    ("successes", "trials", "chance"),
    [(0, 0, 0.5), (3, 10, 0.2), (500, 1000, 0.5), (3, 100_000, 0.0001), (0, 5, 0.0), (5, 5, 1.0),
     (4, 5, 1.0)],
)  # fmt: skip
def test_the_points_of_the_binomial_are_those_of_scipy(
    successes: int, trials: int, chance: float
) -> None:
    expected = float(stats.binom.pmf(successes, trials, chance))

    assert binomial_point(successes, trials, chance) == pytest.approx(expected, rel=1e-9)


def test_an_interval_includes_its_ends() -> None:
    interval = Interval(0.25, 0.5)

    assert 0.25 in interval
    assert 0.5 in interval
    assert 0.24 not in interval
