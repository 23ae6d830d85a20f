"""Interrupts that come from another thread than the run's."""

from __future__ import annotations

import asyncio
import threading

from harness.running.interrupter import Interrupter


def test_an_interrupt_of_another_thread_comes_in_the_event_loop() -> None:
    interrupter, threads = Interrupter(), list[threading.Thread]()

    async def run() -> None:
        interrupted = asyncio.Event()

        def interrupt() -> None:
            threads.append(threading.current_thread())
            interrupted.set()

        with interrupter.attached(interrupt):
            await asyncio.to_thread(interrupter.interrupt)
            await interrupted.wait()

    asyncio.run(run())

    assert threads == [threading.current_thread()]
    assert interrupter.count == 1


def test_interrupts_before_the_run_are_handed_on_when_it_begins() -> None:
    interrupter, interrupts = Interrupter(), list[None]()
    interrupter.interrupt()
    interrupter.interrupt()

    asyncio.run(run_with(interrupter, interrupts))

    assert len(interrupts) == 2


def test_an_interrupt_after_the_run_is_counted_and_does_nothing() -> None:
    interrupter, interrupts = Interrupter(), list[None]()
    asyncio.run(run_with(interrupter, interrupts))

    interrupter.interrupt()

    assert (interrupter.count, interrupts) == (1, [])


async def run_with(interrupter: Interrupter, interrupts: list[None]) -> None:
    with interrupter.attached(lambda: interrupts.append(None)):
        await asyncio.sleep(0)
