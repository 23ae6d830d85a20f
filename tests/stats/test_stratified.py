"""Repeats within cases, against scipy and statsmodels."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from harness.stats.paired import mcnemar
from harness.stats.stratified import (
    Repeats,
    excess,
    fisher_exact,
    least_given,
    least_within,
    within_cases,
)


def drawn(source: random.Random, most: int = 8) -> Repeats:
    old, new = source.randint(0, most), source.randint(0, most)
    return Repeats(source.randint(0, old), old, source.randint(0, new), new)


def test_one_case_is_fishers_exact_test() -> None:
    source = random.Random(1)
    for _ in range(600):
        case = drawn(source, 12)
        table = [
            [case.new_passed, case.new - case.new_passed],
            [case.old_passed, case.old - case.old_passed],
        ]

        tails = [stats.fisher_exact(table, side).pvalue for side in ("less", "greater")]

        assert fisher_exact(case) == pytest.approx(min(1.0, 2 * min(tails)), abs=1e-9)


@pytest.mark.slow
def test_several_cases_are_the_sum_of_independent_hypergeometric_numbers() -> None:
    source = random.Random(2)
    for _ in range(150):
        cases = [drawn(source, 5) for _ in range(4)]

        assert within_cases(cases) == pytest.approx(enumerated(cases), abs=1e-9)


def enumerated(cases: list[Repeats]) -> float:
    """Double the smaller tail of all tables with the same margins."""
    informative = [case for case in cases if case.is_informative]
    chances: dict[int, float] = {}
    laws = [
        stats.hypergeom(case.old + case.new, case.old_passed + case.new_passed, case.new)
        for case in informative
    ]
    for numbers in itertools.product(*(range(case.new + 1) for case in informative)):
        chance = math.prod(law.pmf(number) for law, number in zip(laws, numbers, strict=True))
        chances[sum(numbers)] = chances.get(sum(numbers), 0.0) + chance
    observed = sum(case.new_passed for case in informative)
    tails = [
        sum(chance for total, chance in chances.items() if total <= observed),
        sum(chance for total, chance in chances.items() if total >= observed),
    ]
    return min(1.0, 2 * min(tails))


def test_many_cases_are_the_test_of_mantel_and_haenszel() -> None:
    source = random.Random(3)
    for _ in range(20):
        cases = [Repeats(source.randint(0, 3), 3, source.randint(0, 3), 3) for _ in range(400)]
        tables = [
            np.array([[c.new_passed, c.new - c.new_passed], [c.old_passed, c.old - c.old_passed]])
            for c in cases
            if c.is_informative
        ]
        expected = StratifiedTable(tables).test_null_odds(correction=True).pvalue

        assert within_cases(cases) == pytest.approx(expected, abs=1e-9)


def test_the_limit_is_close_to_the_exact_test_where_one_takes_over_from_the_other() -> None:
    source = random.Random(4)
    for _ in range(20):
        cases = [Repeats(source.randint(1, 3), 4, source.randint(1, 3), 4) for _ in range(150)]
        beyond = [*cases, Repeats(2, 4, 2, 4)]

        assert within_cases(beyond) == pytest.approx(within_cases(cases), abs=0.02)


@pytest.mark.parametrize(
    "cases",
    [
        [],
        [Repeats(0, 0, 0, 0)],
        [Repeats(3, 3, 3, 3)],
        [Repeats(0, 3, 0, 3)],
        [Repeats(1, 2, 0, 0)],
    ],
    ids=["none", "no repeats", "all pass", "all fail", "one side"],
)
def test_cases_without_information_are_no_evidence(cases: list[Repeats]) -> None:
    assert within_cases(cases) == 1.0


@pytest.mark.parametrize(
    ("repeats", "least"), [(3, 0.1), (4, 2 / 70), (5, 2 / 252)], ids=["3", "4", "5"]
)
def test_a_case_that_breaks_in_every_repeat_is_certain_from_four_repeats_on(
    repeats: int, least: float
) -> None:
    assert fisher_exact(Repeats(repeats, repeats, 0, repeats)) == pytest.approx(least, abs=1e-12)


def test_two_broken_cases_among_many_are_found() -> None:
    cases = [Repeats(5, 5, 0, 5), Repeats(5, 5, 0, 5), *[Repeats(5, 5, 5, 5)] * 98]

    assert within_cases(cases) < 0.001
    assert excess(cases) == pytest.approx(-5)


def test_single_trials_are_mcnemars_exact_test() -> None:
    for broken, fixed in ((6, 0), (9, 2), (5, 5), (0, 3)):
        cases = [Repeats(1, 1, 0, 1)] * broken + [Repeats(0, 1, 1, 1)] * fixed

        assert within_cases(cases) == pytest.approx(mcnemar(broken, fixed).exact)


def test_unequal_repeats_spend_at_most_half_of_the_level_on_each_side() -> None:
    """One old trial against ten new ones: the distribution is skewed, and both tails must keep."""
    source = np.random.default_rng(7)
    worse = better = 0
    for _ in range(400):
        old, new = source.binomial(1, 0.98, 50), source.binomial(10, 0.98, 50)
        cases = [Repeats(a, 1, b, 10) for a, b in zip(old.tolist(), new.tolist(), strict=True)]
        if within_cases(cases) < 0.05:
            worse += excess(cases) < 0
            better += excess(cases) > 0

    assert max(worse, better) / 400 <= 0.025 + 3 * (0.025 / 400) ** 0.5


def test_the_least_p_value_is_that_of_all_cases_breaking() -> None:
    cases = [Repeats(2, 3, 3, 3), Repeats(1, 1, 1, 5)]

    worst = [Repeats(3, 3, 0, 3), Repeats(1, 1, 0, 5)]
    assert least_within(cases) == pytest.approx(within_cases(worst))


def test_what_a_case_can_show_depends_on_how_many_passed() -> None:
    assert least_given([Repeats(5, 5, 5, 5)]) == 1.0
    assert least_given([Repeats(5, 5, 0, 5)]) == pytest.approx(2 / 252)
    assert least_given([Repeats(1, 1, 0, 1)] * 12) == pytest.approx(2 * 0.5**12)


def test_many_repeats_take_no_longer_than_the_limit() -> None:
    cases = [Repeats(50, 100, 60, 100)] * 200

    assert within_cases(cases) < 0.001


def test_more_cannot_pass_than_there_are() -> None:
    with pytest.raises(ValueError, match="more repeats passed than there are"):
        Repeats(2, 1, 0, 0)
