"""A change as large as the margin is hardly ever called equivalent."""

from __future__ import annotations

import pytest

from tests.stats.populations import AT_MARGIN, MOST_EQUIVALENT, AtMargin, called_equivalent
from tests.stats.simulated import ROUNDS, most_of

_FEW = 50


def _name(setting: AtMargin) -> str:
    return f"{setting.name}, {setting.cases} x {setting.repeats}"


@pytest.mark.parametrize("setting", AT_MARGIN if ROUNDS else AT_MARGIN[::9], ids=_name)
def test_a_change_of_the_whole_margin_is_not_called_equivalent(setting: AtMargin) -> None:
    rounds = ROUNDS or _FEW

    assert called_equivalent(setting, rounds) <= most_of(rounds, MOST_EQUIVALENT)
