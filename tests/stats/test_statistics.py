"""The statistics against scipy and statsmodels, published tables and brute force."""

from __future__ import annotations

import math
from itertools import combinations, product
from statistics import NormalDist

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats import multitest
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.proportion import proportion_confint

from harness.stats.distributions import (
    Interval,
    binomial_tail,
    normal_quantile,
    t_cumulated,
    t_quantile,
)
from harness.stats.families import benjamini_hochberg, holm
from harness.stats.paired import difference_interval, log_ratios, mcnemar, mean_difference
from harness.stats.power import mcnemar_power, smallest_change
from harness.stats.rates import Stability, pass_all, pass_at, stability, wilson_interval

MANY = settings(max_examples=500, deadline=None)
COUNTS = st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


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
    interval = wilson_interval(45, 50)

    assert (round(interval.low, 3), round(interval.high, 3)) == (0.786, 0.957)


@pytest.mark.parametrize(("repeats", "low"), [(3, 0.37), (5, 0.55), (10, 0.74), (30, 0.905)])
def test_what_repeats_that_all_passed_say_at_least(repeats: int, low: float) -> None:
    one_sided = 0.05 ** (1 / repeats)  # the exact bound, which the table of the plan gives

    assert one_sided == pytest.approx(low, abs=0.006)
    assert wilson_interval(repeats, repeats, 0.9).low == pytest.approx(one_sided, abs=0.2)


def test_impossible_counts_are_refused() -> None:
    for call in (wilson_interval, stability):
        with pytest.raises(ValueError, match="5 of 3 cannot have passed"):
            call(5, 3)
    with pytest.raises(ValueError, match="cannot have changed"):
        difference_interval(3, 3, 5)
    with pytest.raises(ValueError, match="not negative"):
        mcnemar(-1, 3)


@MANY
@given(st.floats(0.001, 0.999), st.floats(0.5, 500))
def test_the_quantiles_of_students_t_are_those_of_scipy(share: float, freedom: float) -> None:
    assert t_quantile(share, freedom) == pytest.approx(
        stats.t.ppf(share, freedom), rel=1e-7, abs=1e-9
    )


@MANY
@given(st.floats(-50, 50), st.floats(0.5, 500))
def test_the_distribution_of_students_t_is_that_of_scipy(value: float, freedom: float) -> None:
    assert t_cumulated(value, freedom) == pytest.approx(stats.t.cdf(value, freedom), abs=1e-10)


@MANY
@given(st.integers(-1, 60), st.integers(0, 60), st.floats(0, 1))
def test_the_tail_of_the_binomial_is_that_of_scipy(k: int, n: int, chance: float) -> None:
    assert binomial_tail(k, n, chance) == pytest.approx(
        float(stats.binom.cdf(k, n, chance)), abs=1e-12
    )


@MANY
@given(
    st.integers(501, 30_000).flatmap(lambda n: st.tuples(st.integers(0, min(n, 400)), st.just(n)))
)
def test_large_numbers_do_not_overflow(counts: tuple[int, int]) -> None:
    fewer, trials = counts
    reference = stats.binomtest(fewer, trials, 0.5).pvalue

    assert mcnemar(fewer, trials - fewer).exact == pytest.approx(reference, rel=1e-7, abs=1e-12)


def test_the_smallest_change_of_many_cases_goes_on_from_that_of_fewer() -> None:
    fewer, more = smallest_change(1000), smallest_change(1001)

    assert fewer is not None
    assert more is not None
    assert more == pytest.approx(fewer, abs=0.002)
    assert smallest_change(100_000) == pytest.approx(2.8016 * (0.2 / 100_000) ** 0.5, rel=1e-4)


@MANY
@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_exact_test(broken: int, fixed: int) -> None:
    reference = reference_mcnemar([[0, broken], [fixed, 0]], exact=True).pvalue
    ours = mcnemar(broken, fixed)

    assert ours.exact == pytest.approx(1.0 if broken == fixed == 0 else reference, abs=1e-12)
    assert ours.mid <= ours.exact


@pytest.mark.parametrize(
    ("broken", "fixed", "p"), [(6, 0, 0.031), (5, 0, 0.063), (9, 2, 0.065), (0, 0, 1.0)]
)
def test_mcnemar_on_the_cases_of_the_plan(broken: int, fixed: int, p: float) -> None:
    assert mcnemar(broken, fixed).exact == pytest.approx(p, abs=6e-4)
    assert mcnemar(fixed, broken) == mcnemar(broken, fixed)


def test_the_mid_p_value_takes_half_of_what_was_seen() -> None:
    # Fagerland et al. (2013), table 1: 1 and 7 changed, exact .0703, mid-p .0391
    assert round(mcnemar(1, 7).exact, 4) == 0.0703
    assert round(mcnemar(1, 7).mid, 4) == 0.0391


def _brute_score(up: int, down: int, n: int, change: float) -> float:
    """Return the score statistic with the nuisance parameter found by maximum likelihood."""

    def loss(share: float) -> float:
        terms = [(up, share + change), (down, share), (n - up - down, 1 - 2 * share - change)]
        return -sum(count * math.log(max(p, 1e-300)) for count, p in terms if count)

    low, high = max(0.0, -change), (1 - change) / 2
    share = optimize.minimize_scalar(
        loss, bounds=(low, high), method="bounded", options={"xatol": 1e-13}
    ).x
    variance = n * (2 * share + change - change * change)
    return float((up - down - n * change) / math.sqrt(variance))


@pytest.mark.parametrize(
    ("broken", "fixed", "cases"), [(2, 12, 50), (3, 9, 40), (5, 5, 30), (0, 4, 20), (1, 1, 300)]
)
def test_the_ends_of_the_interval_of_a_change_are_where_the_score_test_gives_up(
    broken: int, fixed: int, cases: int
) -> None:
    interval = difference_interval(broken, fixed, cases)

    assert _brute_score(fixed, broken, cases, interval.low) == pytest.approx(1.959964, abs=1e-3)
    assert _brute_score(fixed, broken, cases, interval.high) == pytest.approx(-1.959964, abs=1e-3)


@MANY
@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 60))
def test_any_interval_of_a_change_ends_there(broken: int, fixed: int, same: int) -> None:
    assume(broken + fixed)
    cases = broken + fixed + same
    interval = difference_interval(broken, fixed, cases)

    for end, score in ((interval.low, 1.959964), (interval.high, -1.959964)):
        if -0.98 < end < 0.98:
            assert _brute_score(fixed, broken, cases, end) == pytest.approx(score, abs=1e-3)


@MANY
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 60))
def test_the_interval_of_a_change_holds_it_and_mirrors(b: int, c: int, same: int) -> None:
    n = b + c + same
    interval, mirrored = difference_interval(b, c, n), difference_interval(c, b, n)

    assert interval.low == pytest.approx(-mirrored.high, abs=1e-9)
    assert -1 <= interval.low <= (c - b) / n + 1e-9 if n else interval == Interval(-1, 1)
    assert interval.low <= interval.high <= 1


@MANY
@given(st.lists(st.floats(-10, 10).map(lambda x: round(x, 2)), min_size=1, max_size=9))
def test_the_p_value_of_a_mean_is_the_share_of_all_signs(values: list[float]) -> None:
    totals = [
        abs(sum(sign * each for sign, each in zip(signs, values, strict=True)))
        for signs in product((-1, 1), repeat=len(values))
    ]
    as_far = sum(total >= abs(sum(values)) - 1e-9 for total in totals)

    assert mean_difference(values).p == pytest.approx(as_far / len(totals))


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


def test_ratios_leave_out_what_has_no_logarithm() -> None:
    assert log_ratios([1, 2, 0, 3], [2, 1, 5, 0]) == pytest.approx([math.log(2), -math.log(2)])


PS = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)  # statsmodels takes its time for this one
@given(PS)
def test_holms_adjustment_is_that_of_statsmodels(ps: list[float]) -> None:
    assert holm(ps) == pytest.approx(list(multitest.multipletests(ps, method="holm")[1]))


@MANY
@given(PS)
def test_holms_adjustment_is_what_rejecting_step_by_step_comes_to(ps: list[float]) -> None:
    steps = {p: min(1.0, p * sum(other >= p for other in ps)) for p in ps}

    assert holm(ps) == pytest.approx([max(steps[q] for q in ps if q <= p) for p in ps])


@MANY
@given(PS)
def test_benjamini_and_hochbergs_adjustment_is_that_of_statsmodels(ps: list[float]) -> None:
    assert benjamini_hochberg(ps) == pytest.approx(
        list(multitest.multipletests(ps, method="fdr_bh")[1])
    )


def test_an_empty_family_has_no_p_values() -> None:
    assert holm([]) == benjamini_hochberg([]) == []


@pytest.mark.parametrize(
    ("discordant", "expected"),
    [
        (0.1, [None, None, 9, 7, 4]),
        (0.2, [None, 18, 13, 9, 6]),
        (0.3, [None, 22, 16, 11, 7]),
    ],
)
def test_the_smallest_change_that_can_be_seen(
    discordant: float, expected: list[int | None]
) -> None:
    for cases, points in zip((20, 50, 100, 200, 500), expected, strict=True):
        change = smallest_change(cases, discordant)

        if points is None:
            assert change is None
        else:
            assert change is not None
            assert 100 * change == pytest.approx(points, abs=0.75)
            assert mcnemar_power(cases, discordant, change) >= 0.8
            assert mcnemar_power(cases, discordant, change - 0.001) < 0.8


def test_the_power_is_that_of_all_outcomes_counted_one_by_one() -> None:
    n, up, down = 8, 0.5, 0.1
    total = 0.0
    for fixed in range(n + 1):
        for broken in range(n + 1 - fixed):
            weight = stats.multinomial.pmf(
                [fixed, broken, n - fixed - broken], n, [up, down, 1 - up - down]
            )
            total += weight * (mcnemar(broken, fixed).exact <= 0.05)

    assert mcnemar_power(n, up + down, up - down) == pytest.approx(total)
    assert mcnemar_power(n, 0, 0) == 0


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


def test_the_usual_quantile_is_the_one_that_would_be_computed() -> None:
    assert normal_quantile(0.975) == NormalDist().inv_cdf(0.975)
    assert normal_quantile(0.9) == pytest.approx(stats.norm.ppf(0.9))
