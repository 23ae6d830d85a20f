"""Groups of cases that fail together, against enumeration."""

from __future__ import annotations

from itertools import product

import pytest

from harness.stats.group_flips import group_flips
from harness.stats.stratified import Repeats
from tests.stats import alarms
from tests.stats.simulated import Setting, false_alarms, most_of


def test_whole_groups_are_exchanged() -> None:
    cases = [("a", Repeats(3, 3, 0, 3)), ("a", Repeats(3, 3, 1, 3)), ("b", Repeats(2, 3, 3, 3))]
    signs = product((-1, 1), repeat=2)

    as_far = [abs(5 * first + second) >= 4 for first, second in signs]

    assert group_flips(cases) == pytest.approx(sum(as_far) / 4)


def test_groups_that_did_not_change_tell_nothing() -> None:
    assert group_flips([("a", Repeats(1, 1, 1, 1)), ("b", Repeats(0, 2, 0, 2))]) == 1.0


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
