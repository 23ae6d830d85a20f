"""Budgets that can be kept, and sources that send nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.plan.options import Budget, Sources
from harness.errors import SettingsError
from harness.model.settings import Settings
from harness.model.usage import Price
from tests.support.trials import trial

PRICED = Settings(prices={"m": Price(1.0, 2.0)})


@pytest.mark.parametrize(
    ("budget", "is_used_up"),
    [
        (Budget(), False),
        (Budget(cost=0.01, seconds=1), False),
        (Budget(cost=0.0), True),
        (Budget(cost=1.0, seconds=0.0), True),
        (Budget(seconds=-1.0), True),
        (Budget(cost=1.0, seconds=5.0).after(0.9, 4.9), False),
        (Budget(cost=1.0, seconds=5.0).after(0.5, 1.0).after(0.5, 1.0), True),
        (Budget(seconds=5.0).after(9.0, 5.0), True),
    ],
)
def test_a_budget_is_used_up_when_cost_or_time_is(budget: Budget, is_used_up: bool) -> None:
    assert budget.is_used_up is is_used_up


def test_a_cost_budget_needs_the_price_of_every_model() -> None:
    Budget(cost=1.0).check([trial()], PRICED)
    Budget(seconds=1.0).check([trial()], Settings())

    with pytest.raises(SettingsError, match="there is no price for judge-1, m"):
        Budget(cost=1.0).check([trial()], Settings(), ["judge-1", "m"])


@pytest.mark.parametrize(
    ("sources", "is_offline"),
    [
        (Sources(), False),
        (Sources(record=Path("cassettes")), False),
        (Sources(replay=Path("cassettes")), True),
        (Sources(allow_requests=False), True),
    ],
)
def test_replays_and_scores_send_nothing(sources: Sources, is_offline: bool) -> None:
    assert sources.is_offline is is_offline
