"""Groups of cases that change sides together."""

from __future__ import annotations

import itertools
import random

import pytest

from harness.stats.group_flips import group_flips
from harness.stats.paired import mcnemar
from harness.stats.stratified import Repeats
from tests.stats import alarms
from tests.stats.simulated import Setting, false_alarms, most_of

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


def test_a_group_with_uneven_repeats_tells_no_more_than_one_of_its_cases() -> None:
    groups = [(number, Repeats(1, 1, 0, 5)) for number in range(6) for _ in range(4)]

    assert group_flips(groups) == pytest.approx(2 / 2**6)


def test_cases_with_even_repeats_speak_for_their_group() -> None:
    groups = [(number, Repeats(2, 2, 0, 2)) for number in range(6)]
    others = [(number, Repeats(0, 1, 5, 5)) for number in range(6)]

    assert group_flips([*groups, *others]) == group_flips(groups)


def test_uneven_repeats_that_fail_together_give_no_false_alarm() -> None:
    setting = Setting(".9", 50, 10, 1, group=4)

    assert false_alarms(setting, 100).worse_side <= most_of(100, alarms.MOST)
