"""Runs in which nothing changed hardly ever look as if they had regressed or improved."""

from __future__ import annotations

import pytest

from tests.stats import alarms
from tests.stats.gates import gates_without_change
from tests.stats.simulated import ROUNDS, Setting, false_alarms, most_of

_FEW = 60
# those where earlier ways of testing failed: uneven repeats, rare failures, many variants
_THIN = [
    Setting(".95", 20, 1, 5),
    Setting(".98", 20, 1, 10),
    Setting(".98", 20, 10, 1),
    Setting("mixture", 20, 3, 3, confirm=5),
    Setting(".9", 20, 1, 5, copies=True),
    Setting(".9", 10, 3, 3, variants=12),
    Setting(".9", 20, 3, 3, group=4),
    Setting(".9", 20, 3, 5, has_scores=True),
]
_ALL = [
    setting
    for family in alarms.FAMILIES
    for repeats in alarms.REPEATS
    for kind in alarms.KINDS
    for setting in alarms.settings(family, kind, repeats)
]


@pytest.mark.parametrize("setting", _ALL if ROUNDS else _THIN, ids=str)
def test_nothing_seems_to_change_where_nothing_does(setting: Setting) -> None:
    rounds = ROUNDS or _FEW

    found = false_alarms(setting, rounds)

    assert found.worse_side <= most_of(rounds, alarms.MOST)


@pytest.mark.parametrize("setting", alarms.OF_SERVICE, ids=str)
def test_a_note_about_the_service_fails_no_run(setting: Setting) -> None:
    rounds = ROUNDS or 20

    gates = gates_without_change(setting, rounds)

    assert gates.decided_by_service == 0
    assert gates.notes <= most_of(rounds, alarms.MOST_NOTES)
