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
    tally = RateTally()
    for name in ("a", "b"):
        tally.add(CaseResult(CaseKey("s", name, "v"), passed=1))

    assert tally.rate().interval.low < 0.5
