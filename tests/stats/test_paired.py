"""Paired tests of verdicts, against statsmodels, published tables and brute force."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from harness.stats.distributions import Interval
from harness.stats.paired import difference_interval, mcnemar

MANY = settings(max_examples=500)


@pytest.mark.slow
@MANY
@given(
    st.integers(501, 30_000).flatmap(lambda n: st.tuples(st.integers(0, min(n, 400)), st.just(n)))
)
def test_large_numbers_do_not_overflow(counts: tuple[int, int]) -> None:
    fewer, trials = counts
    reference = stats.binomtest(fewer, trials, 0.5).pvalue

    assert mcnemar(fewer, trials - fewer).exact == pytest.approx(reference, rel=1e-7, abs=1e-12)


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_impossible_numbers_of_cases_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot have changed"):
        difference_interval(3, 3, 5)
    with pytest.raises(ValueError, match="cannot be negative: -1, 3"):
        mcnemar(-1, 3)


def test_without_cases_any_change_is_possible() -> None:
    assert difference_interval(0, 0, 0) == Interval(-1, 1)
