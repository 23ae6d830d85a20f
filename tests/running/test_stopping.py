"""Stops: once, with a grace period in virtual time, and by cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from harness.exit_code import ExitCode
from harness.running.stopping import INTERRUPTED, CostBudget, Stop, Stopper
from tests.support.virtual_time import run_in_virtual_time

BUDGET = Stop("too expensive", ExitCode.STOPPED)


@dataclass
class FakeEngine:
    """Notes what it is told to do."""

    calls: list[str] = field(default_factory=list)

    def stop(self) -> None:
        self.calls.append("stop")

    def abort(self) -> None:
        self.calls.append("abort")


def calls_after(
    seconds: float, act: Callable[[Stopper], None], stops: list[Stop] | None = None
) -> list[str]:
    """Return what an engine was told within this many virtual seconds."""
    engine = FakeEngine()

    async def run() -> None:
        stopper = Stopper(engine, 10.0, (stops if stops is not None else []).append)
        act(stopper)
        await asyncio.sleep(seconds)
        stopper.close()

    run_in_virtual_time(run())
    return engine.calls


def test_a_stop_aborts_what_has_not_ended_after_the_grace_period() -> None:
    def stop(stopper: Stopper) -> None:
        stopper(INTERRUPTED)

    assert calls_after(9.9, stop) == ["stop"]
    assert calls_after(10.1, stop) == ["stop", "abort"]


def test_a_second_reason_changes_nothing() -> None:
    stops = list[Stop]()

    def stop_twice(stopper: Stopper) -> None:
        stopper(BUDGET)
        stopper(INTERRUPTED)
        assert stopper.stop is BUDGET

    assert calls_after(100, stop_twice, stops) == ["stop", "abort"]
    assert stops == [BUDGET]


def test_a_run_that_takes_too_long_is_stopped_and_then_given_its_grace_period() -> None:
    def stop_later(stopper: Stopper) -> None:
        stopper.stop_after(60.0, BUDGET)

    assert calls_after(59.9, stop_later) == []
    assert calls_after(60.1, stop_later) == ["stop"]
    assert calls_after(70.1, stop_later) == ["stop", "abort"]


def test_a_stopper_that_is_closed_stops_nothing_later() -> None:
    def close(stopper: Stopper) -> None:
        stopper.stop_after(60.0, BUDGET)
        stopper.close()

    assert calls_after(1000, close) == []


@pytest.mark.parametrize(
    ("most", "costs", "stops_at"),
    [
        (1.0, [0.4, 0.5, 0.2], 3),
        (1.0, [0.5, 0.5], 2),
        (0.1, [0.5], 1),
        (1.0, [0.0, 0.9, 0.0], None),
        (None, [100.0, 100.0], None),
    ],
)
def test_a_budget_stops_the_run_once_it_is_reached(
    most: float | None, costs: list[float], stops_at: int | None
) -> None:
    budget = CostBudget(most)

    stops = [number for number, cost in enumerate(costs, start=1) if budget.add(cost) is not None]

    assert stops == ([] if stops_at is None else [stops_at])


def test_a_cost_that_is_not_whole_stops_a_bounded_run_at_once() -> None:
    bounded, unbounded = CostBudget(1.0), CostBudget(None)

    stop = bounded.add(0.1, is_whole=False)

    assert stop is not None
    assert "did not report the tokens" in stop.why
    assert unbounded.add(0.1, is_whole=False) is None


def test_the_reason_says_what_was_spent_and_what_was_allowed() -> None:
    stop = CostBudget(0.5).add(0.75)

    assert stop == Stop("the replies cost 0.7500 USD, and the cost budget is 0.5", ExitCode.STOPPED)
