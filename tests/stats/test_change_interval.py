"""The interval of a change of the pass rate."""

from __future__ import annotations

import pytest

from harness.stats.change_interval import change_interval
from harness.stats.paired import difference_interval


def test_single_trials_are_at_least_as_wide_as_tangos_interval() -> None:
    interval = change_interval([-1.0] * 6 + [1.0] + [0.0] * 43)
    score = difference_interval(6, 1, 50)

    assert interval.low <= score.low
    assert interval.high >= score.high
    assert interval.high - interval.low < 1.15 * (score.high - score.low)


def test_one_failing_repeat_makes_no_other_interval_than_none() -> None:
    none = change_interval([0.0] * 20)
    one = change_interval([-0.2] + [0.0] * 19)

    assert (none.low, none.high) == pytest.approx((-0.161, 0.161), abs=1e-3)
    assert one.low == pytest.approx(none.low, abs=0.02)
    assert one.high == pytest.approx(none.high, abs=0.02)


def test_cases_that_all_change_alike_are_no_proof() -> None:
    interval = change_interval([-0.1] * 30)

    assert interval.low < -0.15
    assert interval.high > -0.05


def test_groups_widen_the_interval() -> None:
    changes = [-1.0] * 6 + [0.0] * 14

    alone = change_interval(changes)
    together = change_interval(changes, [number // 2 for number in range(20)])

    assert alone.high < 0 < together.high
    assert together.low < alone.low


def test_groups_of_one_case_are_no_groups() -> None:
    changes = [-1.0, 0.2, 0.0, 0.4, -0.6]

    assert change_interval(changes, list("abcde")) == change_interval(changes)


@pytest.mark.parametrize("changes", [[], [-1.0], [1.0], [0.0], [-1.0] * 3])
def test_an_interval_keeps_to_what_is_possible(changes: list[float]) -> None:
    interval = change_interval(changes)

    assert -1 <= interval.low <= interval.high <= 1
    assert interval.high - interval.low > 0.3
