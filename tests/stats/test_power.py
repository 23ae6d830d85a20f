"""Power, against enumeration and published tables."""

from __future__ import annotations

import pytest
from scipy import stats

from harness.stats.paired import mcnemar
from harness.stats.power import (
    Design,
    cases_needed,
    drop_found,
    mcnemar_power,
    power_at,
    repeats_needed,
)


def single(cases: int, discordant: float, rate: float = 0.9) -> Design:
    """Return a design of single trials of which so many change by chance."""
    return Design({(1, 1): cases}, discordant / 2, rate, 0.05)


def test_the_drop_that_is_found_has_the_power_that_is_asked_for() -> None:
    for design in (
        single(50, 0.1),
        single(400, 0.1),
        Design({(5, 5): 40}, 0.05, 0.95, 0.05),
        Design({(1, 5): 40}, 0.05, 0.95, 0.05),
    ):
        drop = drop_found(design)

        assert drop is not None
        assert power_at(design, drop) >= 0.8
        assert power_at(design, 0.98 * drop) < 0.81


def test_the_normal_limit_goes_on_where_the_binomial_distribution_ends() -> None:
    exact, limit = drop_found(single(300, 0.1)), drop_found(single(301, 0.1))

    assert exact is not None
    assert limit is not None
    assert limit == pytest.approx(exact, rel=0.08)


def test_without_a_failure_the_drop_is_that_of_enough_broken_trials() -> None:
    # six more failures on one side are significant: 2 * 0.5**6 < 0.05
    drop = drop_found(Design({(5, 5): 20}, 0.0, 1.0, 0.05))

    assert drop is not None
    assert stats.binom.sf(5, 100, drop) == pytest.approx(0.8, abs=1e-3)


@pytest.mark.parametrize("cases", [0, 1, 5])
def test_so_few_cases_find_no_drop_at_all(cases: int) -> None:
    assert drop_found(single(cases, 0.2)) is None


def test_more_cases_or_repeats_find_a_small_drop() -> None:
    design = single(50, 0.1)

    cases, repeats = cases_needed(design, 0.05, 1), repeats_needed(design, 0.05, 50)

    assert cases is not None
    assert repeats is not None
    assert power_at(Design({(1, 1): cases}, 0.05, 0.9, 0.05), 0.05) >= 0.8
    assert power_at(Design({(repeats, repeats): 50}, 0.05, 0.9, 0.05), 0.05) >= 0.8
    assert power_at(Design({(repeats - 1, repeats - 1): 50}, 0.05, 0.9, 0.05), 0.05) < 0.8
    assert repeats_needed(design, 0.001, 50) is None
    assert cases_needed(design, 0.95, 1) is None  # more than pass at all


def test_the_power_is_that_of_all_outcomes_counted_one_by_one() -> None:
    n, up, down = 8, 0.5, 0.1
    total = 0.0
    for fixed in range(n + 1):
        for broken in range(n + 1 - fixed):
            weight = stats.multinomial.pmf(
                [fixed, broken, n - fixed - broken], n, [up, down, 1 - up - down]
            )
            total += weight * (mcnemar(broken, fixed).exact <= 0.05)

    assert mcnemar_power(n, up + down, up - down) == pytest.approx(total)
    assert mcnemar_power(n, 0, 0) == 0
