"""The gate of a baseline finds what breaks, and asking again does not hide it."""

from __future__ import annotations

import pytest

from harness.app.compare.baseline_result import FailOn
from harness.exit_code import ExitCode
from tests.stats.gates import (
    BREAKS,
    FALLS,
    Break,
    fails_with_errors_in_the_baseline,
    found,
    with_confirmation,
)
from tests.stats.simulated import ROUNDS, Setting, least_of


@pytest.mark.parametrize("change", BREAKS, ids=lambda change: change.name)
def test_what_breaks_is_found(change: Break) -> None:
    rounds = ROUNDS or (3 if change.setting.variants > 1 else 20)

    assert found(change, rounds) >= least_of(rounds, change.least)


@pytest.mark.parametrize(("name", "setting"), FALLS if ROUNDS else FALLS[:1])
def test_asking_again_keeps_four_fifths_of_the_power(name: str, setting: Setting) -> None:
    rounds = ROUNDS or 40
    once, again = with_confirmation(name, setting)

    share = found(once, rounds) / rounds

    assert found(again, rounds) >= least_of(rounds, 0.8 * share)


@pytest.mark.parametrize("fails_on", FailOn)
def test_errors_of_the_baseline_do_not_hide_that_other_cases_break(fails_on: FailOn) -> None:
    assert fails_with_errors_in_the_baseline(fails_on).exit_code is ExitCode.FAILED
