"""Pass rates over cases."""

from __future__ import annotations

import pytest

from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.rates import RateTally


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


def test_tallies_add_up_to_the_rate_of_all_their_cases() -> None:
    one, other = RateTally(2, 1.5), RateTally(1, 1 / 3)

    one.include(other)

    assert str(one.rate()) == "1.8/3 61.1 % [10.2, 97.0]"
