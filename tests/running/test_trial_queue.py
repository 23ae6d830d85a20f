"""Trials that are asked for by another thread while an engine runs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from harness.errors import StoreError
from harness.model.outcome import Outcome
from harness.running.trial_queue import TrialQueue
from tests.running.test_engine import FakeClient, Scene
from tests.support.trials import trial


def run_beside(scene: Scene, queue: TrialQueue, other: Callable[[], None]) -> bool:
    """Run an engine on a queue in this thread and `other` in another; return whether it ended."""

    async def run() -> bool:
        engine = scene.engine()
        with queue.attached(engine.look_again, engine.abort) as closed:
            threading.Thread(target=other, daemon=True).start()
            async with asyncio.timeout(10):
                return await engine.run(queue, closed)

    return asyncio.run(run())


def test_trials_that_come_one_by_one_are_all_run() -> None:
    scene, queue = Scene(), TrialQueue()

    def other() -> None:
        for number in range(200):
            queue.add([trial(index=number)])
            if number % 50 == 0:
                time.sleep(0.01)  # the engine runs dry
        queue.close()

    assert run_beside(scene, queue, other)
    assert sorted(outcome.trial.index for outcome in scene.outcomes) == list(range(200))
    assert queue.count == 200
    assert scene.client.most <= scene.concurrency


def test_what_was_asked_for_before_the_run_began_is_run_too() -> None:
    scene, queue = Scene(), TrialQueue()
    queue.add([trial(index=0), trial(index=1)])
    queue.close()

    assert run_beside(scene, queue, lambda: None)
    assert len(scene.outcomes) == 2


def test_a_run_that_nothing_was_asked_of_ends_when_it_is_closed() -> None:
    scene, queue = Scene(), TrialQueue()

    assert run_beside(scene, queue, queue.close)
    assert scene.outcomes == []


def test_trials_under_way_are_given_up_at_once() -> None:
    scene, queue = Scene(FakeClient(may_answer=asyncio.Event())), TrialQueue()

    def other() -> None:
        queue.add([trial(index=number) for number in range(9)])
        while not scene.client.requests:
            time.sleep(0.001)
        queue.abort()

    assert not run_beside(scene, queue, other)
    assert scene.outcomes == []


def test_an_engine_that_broke_takes_no_more_trials() -> None:
    def ended(_outcome: Outcome) -> None:
        queue.add([trial(index=1)])
        raise StoreError("full")

    scene, queue = Scene(ended=ended), TrialQueue()

    with pytest.raises(ExceptionGroup) as caught:
        run_beside(scene, queue, lambda: queue.add([trial(index=0)]))

    assert [str(error) for error in caught.value.exceptions] == ["full"]
    queue.add([trial(index=2)])  # nobody listens any more
    queue.close()
    queue.abort()
