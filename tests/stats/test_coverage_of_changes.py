"""The interval of a change contains the true change often enough."""

from __future__ import annotations

import pytest

from tests.stats.populations import CASES, LEAST, POPULATIONS, REPEATS, coverage
from tests.stats.simulated import ROUNDS, least_of

_FEW = 60


@pytest.mark.parametrize("repeats", REPEATS if ROUNDS else (1, 5))
@pytest.mark.parametrize("cases", CASES if ROUNDS else (5, 20))
@pytest.mark.parametrize("name", POPULATIONS)
def test_the_interval_contains_the_change(name: str, cases: int, repeats: int) -> None:
    rounds = ROUNDS or _FEW

    assert coverage(name, cases, repeats, rounds) >= least_of(rounds, LEAST)
