"""The drop that a hint names is found about four times of five."""

from __future__ import annotations

import pytest

from tests.stats.hinted import LEAST, MOST, SETTINGS, hinted
from tests.stats.simulated import ROUNDS, Setting, draw, least_of, most_of, random_of

_FEW = 50


@pytest.mark.parametrize("setting", SETTINGS if ROUNDS else SETTINGS[:3], ids=str)
def test_the_drop_that_a_hint_names_is_found_as_often_as_it_says(setting: Setting) -> None:
    rounds = ROUNDS or _FEW

    power = hinted(setting, rounds)

    assert least_of(rounds, LEAST) <= min(power.even, power.uneven)
    assert max(power.even, power.uneven) <= most_of(rounds, MOST)


def test_the_drop_is_computed_only_where_it_is_read() -> None:
    whole = draw(SETTINGS[0], random_of("lazy")).comparisons[0]

    assert whole.hint is not None
    assert "drop" not in vars(whole.hint)
    assert whole.drop == vars(whole.hint)["drop"]
    assert "this run would have found a drop" in whole.power
