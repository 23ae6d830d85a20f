"""Repeats within cases, against scipy and statsmodels."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from harness.stats.stratified import (
    Repeats,
    excess,
    fisher_exact,
    mean_change,
    within_cases,
    within_interval,
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

        assert fisher_exact(case) == pytest.approx(stats.fisher_exact(table).pvalue, abs=1e-9)


@pytest.mark.slow
def test_several_cases_are_the_sum_of_independent_hypergeometric_numbers() -> None:
    source = random.Random(2)
    for _ in range(150):
        cases = [drawn(source, 5) for _ in range(4)]

        assert within_cases(cases) == pytest.approx(enumerated(cases), abs=1e-9)


def enumerated(cases: list[Repeats]) -> float:
    """Add up all tables with the same margins whose total is as unlikely as the one seen."""
    informative = [case for case in cases if case.is_informative]
    chances: dict[int, float] = {}
    laws = [
        stats.hypergeom(case.old + case.new, case.old_passed + case.new_passed, case.new)
        for case in informative
    ]
    for numbers in itertools.product(*(range(case.new + 1) for case in informative)):
        chance = math.prod(law.pmf(number) for law, number in zip(laws, numbers, strict=True))
        chances[sum(numbers)] = chances.get(sum(numbers), 0.0) + chance
    observed = chances[sum(case.new_passed for case in informative)]
    return min(1.0, sum(chance for chance in chances.values() if chance <= observed * (1 + 1e-9)))


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cases", "repeats", "chance"),
    [(1, 20, 0.5), (5, 5, 0.7), (10, 3, 0.8), (30, 3, 0.6), (100, 5, 0.9)],
)
def test_the_interval_holds_the_true_change_about_as_often_as_it_says(
    cases: int, repeats: int, chance: float
) -> None:
    source, rounds, drop = np.random.default_rng(4711), 2000, 0.1
    old = source.binomial(repeats, chance, (rounds, cases))
    new = source.binomial(repeats, chance - drop, (rounds, cases))
    hits = 0
    for before, after in zip(old.tolist(), new.tolist(), strict=True):
        pairs = zip(before, after, strict=True)
        interval = within_interval([Repeats(a, repeats, b, repeats) for a, b in pairs])
        hits += interval is not None and interval.low <= -drop <= interval.high

    assert 0.93 <= hits / rounds <= 0.99


def test_the_interval_and_the_test_agree_on_two_broken_cases_among_many() -> None:
    cases = [Repeats(5, 5, 0, 5), Repeats(5, 5, 0, 5), *[Repeats(5, 5, 5, 5)] * 98]

    interval = within_interval(cases)

    assert interval is not None
    assert within_cases(cases) < 0.001
    assert interval.high < 0
    assert mean_change(cases) == pytest.approx(-0.02)
    assert excess(cases) == pytest.approx(-5)
    assert within_interval([Repeats(5, 5, 5, 5)]) is None


def test_many_repeats_take_no_longer_than_the_limit() -> None:
    cases = [Repeats(50, 100, 60, 100)] * 200

    assert within_cases(cases) < 0.001


def test_more_cannot_pass_than_there_are() -> None:
    with pytest.raises(ValueError, match="more repeats passed than there are"):
        Repeats(2, 1, 0, 0)
