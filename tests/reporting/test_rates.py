"""Pass rates over cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.rates import RateTally, rate_over_variants


def rate_of(*splits: tuple[int, int]) -> str:
    tally = RateTally()
    for number, (passed, failed) in enumerate(splits):
        key = CaseKey("s", f"c{number}", "v")
        tally.add(CaseResult(key, passed=passed, failed=failed))
    return str(tally.rate())


@pytest.mark.parametrize(
    ("splits", "start"),
    [
        ([(1, 0), (1, 0)], "2/2 100.0 % ["),
        ([(1, 0), (0, 1)], "1/2 50.0 % ["),
        ([(3, 1), (4, 0)], "1.8/2 87.5 % ["),
        ([], "-"),
        ([(0, 0)], "-"),
    ],
)
def test_a_case_counts_once_as_the_share_of_its_repeats(
    splits: list[tuple[int, int]], start: str
) -> None:
    assert rate_of(*splits).startswith(start)


def test_an_expected_failure_lowers_no_rate() -> None:
    tally = RateTally()
    tally.add(CaseResult(CaseKey("s", "a", "v"), passed=1))
    tally.add(CaseResult(CaseKey("s", "b", "v"), failed=1, xfail="known"))

    assert tally.rate().share == 1.0
    assert tally.rate().cases == 1


def test_two_cases_that_agree_prove_little() -> None:
    assert rate_of((1, 0), (1, 0)) == "2/2 100.0 % [19.8, 100.0]"
    assert rate_of((5, 0), (5, 0)) == "2/2 100.0 % [19.8, 100.0]"


def test_cases_that_fail_equally_often_prove_no_more_than_others() -> None:
    assert rate_of((1, 2), (1, 2), (1, 2)) == rate_of((3, 0), (0, 3), (0, 3))


def tally_of(*shares: float, groups: Sequence[str | None] = ()) -> RateTally:
    tally = RateTally()
    for number, share in enumerate(shares):
        tally.add_share(share, groups[number] if groups else None)
    return tally


def test_the_rate_of_a_run_counts_a_case_once_over_all_variants() -> None:
    one, other, suite = tally_of(1, 1, 0), tally_of(1, 0, 0), tally_of(1)

    assert str(rate_over_variants([[one, other]])) == str(tally_of(1, 0.5, 0).rate())
    assert str(rate_over_variants([[one, other], [suite]])) == str(tally_of(1, 0.5, 0, 1).rate())


def test_variants_with_fewer_cases_add_none_to_the_rate_of_a_run() -> None:
    rate = rate_over_variants([[tally_of(1, 1, 0, 0), tally_of(1), tally_of()]])

    assert (rate.cases, rate.share) == (4, 0.6)


def test_a_run_without_cases_has_no_rate() -> None:
    assert rate_over_variants([[tally_of()], []]).share is None


def test_cases_of_a_group_count_as_one_in_the_interval_but_not_in_the_rate() -> None:
    in_groups = tally_of(1, 1, 1, 0, 0, 0, groups=["a", "a", "a", "b", "b", "b"]).rate()

    assert in_groups.split == "3/6"
    assert in_groups.interval == tally_of(1, 0).rate().interval


def test_large_groups_weigh_more_than_small_ones() -> None:
    groups = ["a", "a", "a", "b"]

    count = tally_of(1, 1, 1, 0, groups=groups).count

    assert count.independent == pytest.approx(16 / 10)


def test_a_group_of_one_changes_nothing() -> None:
    assert tally_of(1, 0, 1, groups=["a", None, "b"]).rate() == tally_of(1, 0, 1).rate()


@pytest.mark.parametrize("size", [2, 4, 10])
@pytest.mark.parametrize("chance", [0.5, 0.9])
def test_the_interval_contains_the_true_rate_if_groups_fail_together(
    size: int, chance: float
) -> None:
    random_, rounds, groups = np.random.default_rng([size, int(10 * chance)]), 400, 20
    names = [f"g{number // size}" for number in range(groups * size)]

    found = 0
    for _ in range(rounds):
        shares = np.repeat(random_.random(groups) < chance, size).astype(float).tolist()
        interval = tally_of(*shares, groups=names).rate().interval
        found += interval.low <= chance <= interval.high

    assert found >= stats.binom.ppf(0.001, rounds, 0.95)
