"""Signals to this process, which a handler of the event loop catches."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from harness.running.interrupts import stop_on_interrupt


async def next_signal(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    for _ in range(3):  # the loop reads it from a pipe
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_only_calls_stop(number: signal.Signals) -> None:
    stops = list[str]()

    async def run() -> int:
        with stop_on_interrupt(lambda: stops.append("stop")) as interrupts:
            await next_signal(number)
            return interrupts.count

    assert asyncio.run(run()) == 1
    assert stops == ["stop"]


def test_the_second_signal_cancels_what_runs_and_does_not_stop_again() -> None:
    stops = list[str]()

    async def run() -> None:
        with stop_on_interrupt(lambda: stops.append("stop")):
            await next_signal(signal.SIGINT)
            await next_signal(signal.SIGINT)
            await asyncio.sleep(10)

    async def outer() -> str:
        try:
            await run()
        except asyncio.CancelledError:
            return "cancelled"
        return "ended"

    assert asyncio.run(outer()) == "cancelled"
    assert stops == ["stop"]


def test_the_handlers_are_gone_after_the_block() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def run() -> None:
        with stop_on_interrupt(lambda: None):
            assert signal.getsignal(signal.SIGTERM) is not before

    asyncio.run(run())

    assert signal.getsignal(signal.SIGTERM) is before


def test_outside_the_main_thread_signals_are_left_to_whoever_has_them() -> None:
    async def run() -> int:
        with stop_on_interrupt(lambda: None) as interrupts:
            return interrupts.count

    async def in_a_thread() -> int:
        return await asyncio.to_thread(lambda: asyncio.run(run()))

    assert asyncio.run(in_a_thread()) == 0
