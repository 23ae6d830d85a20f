"""The switch that stops a run, for reasons from all sides."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from harness.app.execute.stopping import StopSwitch
from harness.app.plan.options import Budget
from harness.exit_code import ExitCode
from harness.running.interrupter import Interrupter
from harness.running.stopping import INTERRUPTED, Stop
from tests.support.virtual_time import run_in_virtual_time

TOO_EXPENSIVE = Stop("too expensive", ExitCode.STOPPED)


@dataclass
class FakeEngine:
    """Notes when it is stopped and aborted."""

    calls: list[tuple[str, float]] = field(default_factory=list)

    def stop(self) -> None:
        self.calls.append(("stop", asyncio.get_running_loop().time()))

    def abort(self) -> None:
        self.calls.append(("abort", asyncio.get_running_loop().time()))


def run(
    switch: StopSwitch, *stops: Stop, seconds: float = 60.0, interrupter: Interrupter | None = None
) -> FakeEngine:
    """Connect an engine, stop it for these reasons, and let some virtual seconds pass."""
    engine = FakeEngine()

    async def connect() -> None:
        with switch.connected(engine):
            for stop in stops:
                switch(stop)
            if interrupter is not None:
                interrupter.interrupt()
            await asyncio.sleep(seconds)
        await asyncio.sleep(60.0)

    run_in_virtual_time(connect())
    return engine


def test_the_first_reason_stops_the_engine_and_is_announced() -> None:
    announced: list[Stop] = []
    switch = StopSwitch(Budget(grace=10.0), [announced.append, announced.append])

    engine = run(switch, TOO_EXPENSIVE, INTERRUPTED)

    assert switch.reason == TOO_EXPENSIVE
    assert announced == [TOO_EXPENSIVE, TOO_EXPENSIVE]
    assert engine.calls == [("stop", 0.0), ("abort", 10.0)]


def test_a_time_budget_stops_the_engine_when_it_is_used_up() -> None:
    switch = StopSwitch(Budget(seconds=5.0, grace=2.0))

    engine = run(switch)

    assert engine.calls == [("stop", 5.0), ("abort", 7.0)]
    assert switch.reason == Stop("the time budget of 5 s is used up", ExitCode.STOPPED)


def test_a_time_budget_that_is_spent_in_part_is_named_as_it_was_given() -> None:
    switch = StopSwitch(Budget(seconds=5.0, grace=2.0).after(0.0, 1.5))

    engine = run(switch)

    assert engine.calls == [("stop", 3.5), ("abort", 5.5)]
    assert switch.reason == Stop("the time budget of 5 s is used up", ExitCode.STOPPED)


def test_an_engine_that_has_ended_is_left_alone() -> None:
    switch = StopSwitch(Budget(seconds=5.0))

    engine = run(switch, seconds=4.0)

    assert engine.calls == []
    assert switch.reason is None


def test_an_interrupt_stops_the_engine() -> None:
    interrupter = Interrupter()
    switch = StopSwitch(Budget(), interrupter=interrupter)

    engine = run(switch, seconds=1.0, interrupter=interrupter)

    assert switch.reason == INTERRUPTED
    assert [call for call, _ in engine.calls] == ["stop"]


def test_without_an_engine_there_is_nothing_to_stop() -> None:
    switch = StopSwitch(Budget())

    switch(INTERRUPTED)

    assert switch.reason is None
