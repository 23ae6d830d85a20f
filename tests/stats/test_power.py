"""Power, against enumeration and published tables."""

from __future__ import annotations

import pytest
from scipy import stats

from harness.stats.paired import mcnemar
from harness.stats.power import mcnemar_power, smallest_change


def test_the_smallest_change_of_many_cases_goes_on_from_that_of_fewer() -> None:
    fewer, more = smallest_change(1000), smallest_change(1001)

    assert fewer is not None
    assert more is not None
    assert more == pytest.approx(fewer, abs=0.002)
    assert smallest_change(100_000) == pytest.approx(2.8016 * (0.2 / 100_000) ** 0.5, rel=1e-4)


@pytest.mark.parametrize(
    ("discordant", "expected"),
    [
        (0.1, [None, None, 9, 7, 4]),
        (0.2, [None, 18, 13, 9, 6]),
        (0.3, [None, 22, 16, 11, 7]),
    ],
)
def test_the_smallest_change_that_can_be_seen(
    discordant: float, expected: list[int | None]
) -> None:
    for cases, points in zip((20, 50, 100, 200, 500), expected, strict=True):
        change = smallest_change(cases, discordant)

        if points is None:
            assert change is None
        else:
            assert change is not None
            assert 100 * change == pytest.approx(points, abs=0.75)
            assert mcnemar_power(cases, discordant, change) >= 0.8
            assert mcnemar_power(cases, discordant, change - 0.001) < 0.8


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
