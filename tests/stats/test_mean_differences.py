"""Paired tests of numbers, against scipy and brute force."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.stats.distributions import Interval
from harness.stats.mean_differences import mean_difference

MANY = settings(max_examples=500)


@pytest.mark.slow
@MANY
@given(st.lists(st.floats(-10, 10).map(lambda x: round(x, 2)), min_size=1, max_size=9))
def test_the_p_value_of_a_mean_is_the_share_of_all_signs(values: list[float]) -> None:
    totals = [
        abs(sum(sign * value for sign, value in zip(signs, values, strict=True)))
        for signs in product((-1, 1), repeat=len(values))
    ]
    as_far = sum(total >= abs(sum(values)) - 1e-9 for total in totals)

    assert mean_difference(values).p == pytest.approx(as_far / len(totals))


@pytest.mark.slow
def test_many_differences_are_sampled_and_agree_with_scipy() -> None:
    values = [math.sin(n) + 0.25 for n in range(40)]
    ours = mean_difference(values, seed=7)
    reference = stats.permutation_test(
        (values,), lambda x: abs(x.mean()), permutation_type="samples",
        alternative="greater", n_resamples=20_000, rng=1,
    )  # fmt: skip

    assert ours == mean_difference(values, seed=7)
    assert ours.p == pytest.approx(reference.pvalue, abs=0.01)
    assert ours.p != mean_difference(values, seed=8).p


def test_the_interval_and_the_effect_of_a_mean_are_those_of_the_paired_t_test() -> None:
    values = [0.1, -0.2, 0.4, 0.3, 0.25, 0.0]
    ours = mean_difference(values)
    reference = stats.ttest_1samp(values, 0)
    interval = reference.confidence_interval(0.95)

    assert ours.interval is not None
    assert ours.interval.low == pytest.approx(interval.low)
    assert ours.interval.high == pytest.approx(interval.high)
    assert ours.effect == pytest.approx(reference.statistic / math.sqrt(len(values)))


def test_groups_are_flipped_as_a_whole_and_widen_the_interval() -> None:
    values = [0.5, 0.5, 0.5, -0.1, -0.1, 0.4, 0.4, 0.4]
    groups = ["a", "a", "a", "b", "b", "c", "c", "c"]

    naive, clustered = mean_difference(values), mean_difference(values, groups)

    assert (naive.groups, clustered.groups) == (8, 3)
    assert clustered.mean == naive.mean
    assert clustered.p == 4 / 8  # 1.5 - 0.2 + 1.2 was seen; 1.5 + 0.2 + 1.2 is farther; both ways
    assert naive.interval is not None
    assert clustered.interval is not None
    assert clustered.interval.low < naive.interval.low


def test_no_difference_one_difference_and_only_ties() -> None:
    assert mean_difference([]).p == 1
    assert mean_difference([0.3]).interval is None
    assert mean_difference([0.3]).p == 1
    ties = mean_difference([0.0] * 20)
    assert (ties.p, ties.effect, ties.interval) == (1, None, Interval(0, 0))


def test_many_differences_of_different_sizes_take_the_normal_limit() -> None:
    values = [math.sin(n) + 0.1 for n in range(250)]
    z = abs(math.fsum(values)) / math.sqrt(math.fsum(value * value for value in values))

    assert mean_difference(values).p == pytest.approx(2 * stats.norm.sf(z))
