"""Pass rates, against statsmodels and enumeration."""

from __future__ import annotations

import math
import statistics
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from harness.stats.distributions import Interval
from harness.stats.rates import (
    Stability,
    mean_interval,
    pass_all,
    pass_at,
    rate_interval,
    stability,
    wilson_interval,
)

MANY = settings(max_examples=500)
COUNTS = st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.slow
@MANY
@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_of_a_rate_is_that_of_wilson(counts: tuple[int, int], share: float) -> None:
    passed, judged = counts
    ours = wilson_interval(passed, judged, share)

    if judged:
        low, high = proportion_confint(passed, judged, 1 - share, "wilson")
        assert ours.low == pytest.approx(max(0, low), abs=1e-12)
        assert ours.high == pytest.approx(min(1, high), abs=1e-12)
        assert passed / judged in ours
    else:
        assert ours == Interval(0, 1)


def test_the_interval_that_is_shown_in_the_documentation() -> None:
    interval = rate_interval(45, 50)

    assert (round(interval.low, 3), round(interval.high, 3)) == (0.786, 0.957)


@pytest.mark.parametrize(
    ("passed", "judged", "method"),
    [
        (0, 1, "wilsoncc"),
        (2, 2, "wilsoncc"),
        (6, 10, "wilsoncc"),
        (0, 10, "wilsoncc"),
        (44, 49, "wilsoncc"),
        (25, 50, "wilson"),
        (5, 50, "wilson"),
        (4, 50, "wilsoncc"),
        (46, 50, "wilsoncc"),
        (995, 1000, "wilson"),
        (997, 1000, "wilsoncc"),
    ],
)
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_interval_of_a_rate_is_corrected_for_continuity_where_numbers_are_small(
    passed: int, judged: int, method: str, confidence: float
) -> None:
    expected = stats.binomtest(passed, judged).proportion_ci(confidence, method)

    interval = rate_interval(passed, judged, confidence)

    assert interval.low == pytest.approx(expected.low, abs=1e-12)
    assert interval.high == pytest.approx(expected.high, abs=1e-12)


@MANY
@given(st.integers(1, 200), st.floats(0, 1), st.floats(0, 1))
def test_more_passes_never_lower_an_end_of_the_interval(
    judged: int, one: float, other: float
) -> None:
    fewer, more = (rate_interval(judged * share, judged) for share in sorted((one, other)))

    assert fewer.low <= more.low + 1e-12
    assert fewer.high <= more.high + 1e-12


@MANY
@given(st.integers(1, 200), st.floats(0, 1))
def test_the_interval_of_a_rate_is_continuous_symmetric_and_no_point(
    judged: int, share: float
) -> None:
    passed = judged * share
    interval, close = (rate_interval(min(judged, passed + by), judged) for by in (0, 1e-7))
    mirrored = rate_interval(judged - passed, judged)

    assert share in interval
    assert interval.high - interval.low > 0
    assert (close.low, close.high) == pytest.approx((interval.low, interval.high), abs=1e-6)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((interval.low, interval.high))


def test_nothing_judged_leaves_every_rate_possible() -> None:
    assert rate_interval(0, 0) == Interval(0, 1)


@pytest.mark.parametrize(("repeats", "low"), [(3, 0.37), (5, 0.55), (10, 0.74), (30, 0.905)])
def test_what_repeats_that_all_passed_say_at_least(repeats: int, low: float) -> None:
    one_sided = 0.05 ** (1 / repeats)  # the exact bound, which the table of the plan gives

    assert one_sided == pytest.approx(low, abs=0.006)
    assert wilson_interval(repeats, repeats, 0.9).low == pytest.approx(one_sided, abs=0.2)


@pytest.mark.parametrize(
    ("passed", "judged", "label"),
    [
        (5, 5, Stability.STABLE_PASS),
        (0, 5, Stability.STABLE_FAIL),
        (4, 5, Stability.FLAKY),
        (1, 1, Stability.UNKNOWN),
        (0, 0, Stability.UNKNOWN),
    ],
)
def test_what_repeats_have_in_common(passed: int, judged: int, label: Stability) -> None:
    assert stability(passed, judged) is label


@MANY
@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_passing_once_and_always_are_counted_over_all_choices(counts: tuple[int, int]) -> None:
    passed, judged = counts
    results = [True] * passed + [False] * (judged - passed)
    for k in range(1, judged + 1):
        choices = list(combinations(results, k))
        assert pass_at(k, passed, judged) == pytest.approx(sum(map(any, choices)) / len(choices))
        assert pass_all(k, passed, judged) == pytest.approx(sum(map(all, choices)) / len(choices))
    assert pass_at(judged + 1, passed, judged) is None
    assert pass_all(0, passed, judged) is None


def test_impossible_counts_are_refused() -> None:
    for call in (wilson_interval, rate_interval, stability):
        with pytest.raises(ValueError, match="5 of 3 cannot have passed"):
            call(5, 3)
    with pytest.raises(ValueError, match="-1 of 3 cannot have passed"):
        pass_at(1, -1, 3)


def test_the_interval_of_a_mean_is_that_of_student() -> None:
    values = [0.1, -0.2, 0.4, 0.3, 0.25, 0.0]
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    mean = sum(values) / 6

    interval = mean_interval(6, mean, sum((value - mean) ** 2 for value in values), 0.9)

    assert interval is not None
    assert interval.low == pytest.approx(expected.low)
    assert interval.high == pytest.approx(expected.high)


@pytest.mark.parametrize(
    ("cases", "mean", "deviations"),
    [
        pytest.param(1, 0.5, 0.0, id="one value"),
        pytest.param(2, 40.0, 0.0, id="values that are alike"),
        pytest.param(3, 0.1, 1e-33, id="values that differ by rounding"),
    ],
)
def test_the_interval_of_a_mean_needs_values_that_differ(
    cases: int, mean: float, deviations: float
) -> None:
    assert mean_interval(cases, mean, deviations) is None


def test_values_that_belong_together_make_the_interval_of_a_mean_that_of_fewer() -> None:
    twice = [40.0, 60.0, 95.0, 40.0, 60.0, 95.0]
    mean = statistics.mean(twice)
    deviations = sum((value - mean) ** 2 for value in twice)

    interval = mean_interval(6, mean, deviations, independent=3)

    assert interval is not None
    spread = statistics.stdev(twice) / math.sqrt(3)
    expected = stats.t.interval(0.95, 2, mean, spread)
    assert (interval.low, interval.high) == pytest.approx(expected)
