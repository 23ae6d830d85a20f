"""Permits: how many are out, in which order, and after what goes wrong. No clock is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.running.capacity import CapacityLimiter, Permit


@dataclass
class Scene:
    """A limiter whose capacity and time are set by the test."""

    capacity: int = 1
    now: float = 0.0
    offers: int = 0
    order: list[str] = field(default_factory=list)

    def limiter(self) -> CapacityLimiter:
        def offered() -> None:
            self.offers += 1

        return CapacityLimiter(lambda: self.capacity, lambda: self.now, on_free=offered)

    async def use(
        self, limiter: CapacityLimiter, name: str, until: asyncio.Event | None = None
    ) -> None:
        async with limiter.permit():
            self.order.append(name)
            if until is not None:
                await until.wait()


async def turns(number: int = 5) -> None:
    """Let all tasks run that can."""
    for _ in range(number):
        await asyncio.sleep(0)


def in_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 5))


def test_no_more_permits_are_out_than_the_capacity_allows() -> None:
    scene, most = Scene(capacity=3), 0

    async def run() -> None:
        limiter = scene.limiter()

        async def one() -> None:
            nonlocal most
            async with limiter.permit():
                most = max(most, limiter.in_use)
                await asyncio.sleep(0)

        await asyncio.gather(*(one() for _ in range(20)))
        assert limiter.in_use == 0

    in_loop(run)

    assert most == 3


def test_permits_are_handed_out_in_order_of_arrival() -> None:
    scene = Scene()

    async def run() -> None:
        limiter = scene.limiter()
        await asyncio.gather(*(scene.use(limiter, name) for name in "abcd"))

    in_loop(run)

    assert scene.order == ["a", "b", "c", "d"]


def test_a_newcomer_does_not_overtake_those_who_wait() -> None:
    scene = Scene()

    async def run() -> None:
        limiter = scene.limiter()
        await limiter.acquire()
        first = asyncio.create_task(scene.use(limiter, "first"))
        await turns()
        limiter.release()  # the permit is the first one's, which has not run yet
        await scene.use(limiter, "newcomer")
        await first

    in_loop(run)

    assert scene.order == ["first", "newcomer"]


def test_a_capacity_that_grew_is_used_by_the_next_one_who_comes() -> None:
    scene = Scene(capacity=1)

    async def run() -> None:
        limiter, end = scene.limiter(), asyncio.Event()
        tasks = [asyncio.create_task(scene.use(limiter, name, end)) for name in "abc"]
        await turns()
        assert scene.order == ["a"]
        scene.capacity = 4
        tasks.append(asyncio.create_task(scene.use(limiter, "d", end)))
        await turns()
        assert sorted(scene.order) == ["a", "b", "c", "d"]
        end.set()
        await asyncio.gather(*tasks)

    in_loop(run)


def test_a_capacity_that_shrank_takes_no_permit_away_but_gives_none_out() -> None:
    scene = Scene(capacity=2)

    async def run() -> None:
        limiter, ends = scene.limiter(), [asyncio.Event(), asyncio.Event()]
        tasks = [
            asyncio.create_task(scene.use(limiter, name, end))
            for name, end in zip("ab", ends, strict=True)
        ]
        await turns()
        scene.capacity = 1
        assert (limiter.in_use, limiter.free, limiter.is_contended) == (2, -1, True)
        tasks.append(asyncio.create_task(scene.use(limiter, "c")))
        ends[0].set()
        await turns()
        assert scene.order == ["a", "b"]
        ends[1].set()
        await asyncio.gather(*tasks)

    in_loop(run)

    assert scene.order == ["a", "b", "c"]


def test_a_holder_keeps_its_permit_while_nobody_waits() -> None:
    limiter = Scene(capacity=1).limiter()

    limiter.take()

    assert not limiter.is_contended
    assert limiter.free == 0


def test_one_that_is_cancelled_while_it_waits_lets_the_next_through() -> None:
    scene = Scene()

    async def run() -> None:
        limiter, end = scene.limiter(), asyncio.Event()
        tasks = [asyncio.create_task(scene.use(limiter, name, end)) for name in "abc"]
        await turns()
        tasks[1].cancel()
        await turns()
        end.set()
        await asyncio.wait(tasks)
        assert limiter.in_use == 0

    in_loop(run)

    assert scene.order == ["a", "c"]


def test_a_permit_that_arrives_together_with_a_cancellation_is_passed_on() -> None:
    scene = Scene()

    async def run() -> None:
        limiter = scene.limiter()
        await limiter.acquire()
        tasks = [asyncio.create_task(scene.use(limiter, name)) for name in "bc"]
        await turns()
        limiter.release()
        tasks[0].cancel()  # it was woken, and has not run yet
        await asyncio.wait(tasks)
        assert limiter.in_use == 0

    in_loop(run)

    assert scene.order == ["c"]


def test_a_free_permit_is_offered_only_when_nobody_waits_for_it() -> None:
    scene = Scene()

    async def run() -> None:
        limiter, end = scene.limiter(), asyncio.Event()
        tasks = [asyncio.create_task(scene.use(limiter, name, end)) for name in "ab"]
        await turns()
        assert scene.offers == 0
        end.set()
        await asyncio.gather(*tasks)

    in_loop(run)

    assert scene.offers == 1


def test_a_pause_lets_others_have_the_permit_and_waits_to_get_it_back() -> None:
    scene = Scene()

    async def run() -> None:
        limiter, end = scene.limiter(), asyncio.Event()
        await limiter.acquire()
        permit = Permit(limiter)

        async def pause() -> None:
            async with permit.paused():
                await turns(1)

        other = asyncio.create_task(scene.use(limiter, "other", end))
        pausing = asyncio.create_task(pause())
        await turns()
        assert scene.order == ["other"]
        assert (limiter.in_use, limiter.paused, pausing.done()) == (1, 1, False)
        scene.now = 7.0
        end.set()
        await asyncio.gather(other, pausing)
        assert (limiter.in_use, limiter.paused, permit.queued) == (1, 0, 7.0)

    in_loop(run)


def test_of_several_pauses_at_once_the_first_gives_up_and_the_last_takes_again() -> None:
    scene = Scene(capacity=2)

    async def run() -> None:
        limiter = scene.limiter()
        await limiter.acquire()
        permit, ends = Permit(limiter), [asyncio.Event(), asyncio.Event()]

        async def pause(end: asyncio.Event) -> None:
            async with permit.paused():
                await end.wait()

        tasks = [asyncio.create_task(pause(end)) for end in ends]
        await turns()
        assert (limiter.in_use, limiter.paused) == (0, 1)
        ends[0].set()
        await turns()
        assert (limiter.in_use, limiter.paused) == (0, 1)
        ends[1].set()
        await asyncio.gather(*tasks)
        assert (limiter.in_use, limiter.paused) == (1, 0)

    in_loop(run)


def test_one_that_is_set_aside_is_not_counted_among_the_paused() -> None:
    async def run() -> None:
        limiter = Scene().limiter()
        await limiter.acquire()
        async with Permit(limiter).set_aside():
            assert (limiter.in_use, limiter.paused) == (0, 0)
        assert (limiter.in_use, limiter.paused) == (1, 0)

    in_loop(run)


def test_an_error_during_a_pause_takes_the_permit_again() -> None:
    async def run() -> None:
        limiter = Scene().limiter()
        await limiter.acquire()
        with pytest.raises(ValueError, match="no answer"):
            async with Permit(limiter).paused():
                raise ValueError("no answer")
        assert (limiter.in_use, limiter.paused) == (1, 0)

    in_loop(run)


@pytest.mark.parametrize("is_waiting_again", [False, True])
def test_one_that_is_cancelled_during_a_pause_does_not_wait_and_stays_counted(
    is_waiting_again: bool,
) -> None:
    scene = Scene()

    async def run() -> None:
        limiter, end = scene.limiter(), asyncio.Event()
        await limiter.acquire()
        permit = Permit(limiter)

        async def pause() -> None:
            async with permit.paused():
                await (turns(1) if is_waiting_again else asyncio.Event().wait())

        other = asyncio.create_task(scene.use(limiter, "other", end))
        pausing = asyncio.create_task(pause())
        await turns()
        pausing.cancel()
        await asyncio.wait([pausing])
        assert pausing.cancelled()
        assert (limiter.in_use, limiter.paused) == (2, 0)  # beyond the capacity for a moment
        limiter.release()
        end.set()
        await other
        assert limiter.in_use == 0

    in_loop(run)
