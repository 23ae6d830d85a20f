"""Groups of cases that change sides together."""

from __future__ import annotations

import itertools
import random

import pytest

from harness.stats.group_flips import group_flips
from harness.stats.paired import mcnemar
from harness.stats.stratified import Repeats

BROKEN, SAME = Repeats(1, 1, 0, 1), Repeats(1, 1, 1, 1)


def test_groups_of_one_case_are_mcnemars_exact_test() -> None:
    cases = list(enumerate([BROKEN] * 7 + [Repeats(0, 1, 1, 1)] * 2 + [SAME] * 9))

    assert group_flips(cases) == pytest.approx(mcnemar(7, 2).exact)


def test_a_group_that_breaks_as_a_whole_counts_once() -> None:
    cases = [(number // 4, BROKEN) for number in range(24)]

    assert group_flips(cases) == pytest.approx(2 * 0.5**6)


def test_the_p_value_is_the_share_of_all_signs() -> None:
    source = random.Random(5)
    for _ in range(50):
        cases = [
            (source.randint(0, 5), Repeats(source.randint(0, 3), 3, source.randint(0, 3), 3))
            for _ in range(12)
        ]
        sums: dict[int, int] = {}
        for group, case in cases:
            sums[group] = sums.get(group, 0) + case.new_passed - case.old_passed
        observed = abs(sum(sums.values()))
        signs = list(itertools.product((-1, 1), repeat=len(sums)))
        totals = [
            sum(sign * size for sign, size in zip(each, sums.values(), strict=True))
            for each in signs
        ]
        expected = sum(abs(total) >= observed for total in totals) / len(signs)

        assert group_flips(cases) == pytest.approx(min(1.0, expected))


def test_many_groups_take_the_normal_limit() -> None:
    cases = [(number, Repeats(9, 10, 8, 10)) for number in range(3000)]

    assert group_flips(cases) < 1e-6


def test_of_more_repeats_as_many_are_drawn_as_the_other_side_has() -> None:
    cases = [(number // 2, Repeats(1, 1, 9, 10)) for number in range(20)]

    assert group_flips(cases, seed=1) == group_flips(cases, seed=1)
    assert group_flips([(0, Repeats(1, 1, 10, 10))]) == 1.0


def test_groups_of_which_nothing_changed_are_no_evidence() -> None:
    assert group_flips([]) == 1.0
    assert group_flips([("a", BROKEN), ("a", Repeats(0, 1, 1, 1))]) == 1.0
