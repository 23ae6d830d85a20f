"""Repeats within cases, against scipy and statsmodels."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from harness.stats.stratified import Repeats, fisher_exact, within_cases


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


def test_several_cases_are_the_sum_of_independent_hypergeometric_numbers() -> None:
    source = random.Random(2)
    for _ in range(150):
        cases = [drawn(source, 5) for _ in range(4)]

        assert within_cases(cases) == pytest.approx(enumerated(cases), abs=1e-9)


def enumerated(cases: list[Repeats]) -> float:
    """Add up all tables with the same margins whose total is as unlikely as the one seen."""
    telling = [each for each in cases if each.can_tell]
    chances: dict[int, float] = {}
    laws = [
        stats.hypergeom(each.old + each.new, each.old_passed + each.new_passed, each.new)
        for each in telling
    ]
    for numbers in itertools.product(*(range(each.new + 1) for each in telling)):
        chance = math.prod(law.pmf(number) for law, number in zip(laws, numbers, strict=True))
        chances[sum(numbers)] = chances.get(sum(numbers), 0.0) + chance
    seen = chances[sum(each.new_passed for each in telling)]
    return min(1.0, sum(each for each in chances.values() if each <= seen * (1 + 1e-9)))


def test_many_cases_are_the_test_of_mantel_and_haenszel() -> None:
    source = random.Random(3)
    for _ in range(20):
        cases = [Repeats(source.randint(0, 3), 3, source.randint(0, 3), 3) for _ in range(400)]
        tables = [
            np.array([[c.new_passed, c.new - c.new_passed], [c.old_passed, c.old - c.old_passed]])
            for c in cases
            if c.can_tell
        ]
        expected = StratifiedTable(tables).test_null_odds(correction=True).pvalue

        assert within_cases(cases) == pytest.approx(expected, abs=1e-9)


def test_the_limit_is_close_to_the_exact_test_where_one_takes_over_from_the_other() -> None:
    source = random.Random(4)
    for _ in range(20):
        cases = [Repeats(source.randint(1, 3), 4, source.randint(1, 3), 4) for _ in range(200)]
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
def test_cases_that_cannot_tell_say_nothing(cases: list[Repeats]) -> None:
    assert within_cases(cases) == 1.0


@pytest.mark.parametrize(
    ("repeats", "least"), [(3, 0.1), (4, 2 / 70), (5, 2 / 252)], ids=["3", "4", "5"]
)
def test_a_case_that_breaks_in_every_repeat_is_certain_from_four_repeats_on(
    repeats: int, least: float
) -> None:
    assert fisher_exact(Repeats(repeats, repeats, 0, repeats)) == pytest.approx(least, abs=1e-12)


def test_more_cannot_pass_than_there_are() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Repeats(2, 1, 0, 0)
