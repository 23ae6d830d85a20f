"""Trials that wait for others of their case, without a run around them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from harness.assertions.peers import PeerResult
from harness.model.suite import Trial, Variant
from harness.running.variant_barrier import VariantBarrier
from tests.support.replies import reply
from tests.support.trials import case, trial

CASE = case(compared={"b": frozenset({"a"}), "a": frozenset({"b"})})
VARIANTS = (Variant("a"), Variant("b"))
SUITE = replace(trial().suite, variants=VARIANTS)
A, B = (Trial(SUITE, CASE, variant, 1, 1, index) for index, variant in enumerate(VARIANTS))


def came(text: str) -> PeerResult:
    return PeerResult((reply(text),))


def barrier(*expected: str, forgets: bool = True) -> VariantBarrier:
    return VariantBarrier(lambda _trial: frozenset(expected or "ab"), forgets=forgets)


async def waiting(room: VariantBarrier, who: Trial) -> asyncio.Task[Mapping[str, PeerResult]]:
    task = asyncio.create_task(room.others(who))
    await asyncio.sleep(0)
    return task


def test_one_waits_until_the_other_has_come() -> None:
    async def run() -> None:
        room = barrier()
        room.begin(B)
        room.tell(B, came("b"))
        task = await waiting(room, B)
        assert not task.done()

        room.begin(A)
        await asyncio.sleep(0)
        assert not task.done()
        room.tell(A, came("a"))

        found = await task
        assert [(name, each.replies[0].text) for name, each in found.items()] == [
            ("a", "a"),
            ("b", "b"),
        ]
        assert list(await room.others(A)) == ["a", "b"]

    asyncio.run(run())


def test_nobody_waits_for_one_that_is_not_expected() -> None:
    found = asyncio.run(barrier("b").others(B))

    assert found["a"].problem == "was not run"


def test_a_stop_lets_go_of_what_never_starts_and_waits_for_what_has() -> None:
    async def run(*, has_begun: bool) -> str:
        room = barrier()
        if has_begun:
            room.begin(A)
        task = await waiting(room, B)
        room.stop()
        await asyncio.sleep(0)
        assert task.done() is not has_begun
        room.tell(A, came("a"))
        return (await task)["a"].problem

    assert "the run was stopped" in asyncio.run(run(has_begun=False))
    assert asyncio.run(run(has_begun=True)) == ""


def test_one_that_is_cancelled_while_it_waits_keeps_nobody_else() -> None:
    async def run() -> None:
        room = barrier()
        gone, other = await waiting(room, B), await waiting(room, B)
        gone.cancel()
        await asyncio.sleep(0)
        room.tell(A, came("a"))

        assert (await other)["a"].replies[0].text == "a"

    asyncio.run(run())


def test_one_that_begins_once_more_is_waited_for_anew() -> None:
    async def run() -> None:
        room = barrier(forgets=False)
        room.begin(A)
        room.tell(A, came("old"))
        room.end(A)
        room.begin(A)
        task = await waiting(room, B)
        assert not task.done()
        room.tell(A, came("new"))

        assert (await task)["a"].replies[0].text == "new"

    asyncio.run(run())


def test_what_all_have_ended_is_forgotten_where_nothing_runs_again() -> None:
    for forgets in (True, False):
        room = barrier(forgets=forgets)
        for each in (A, B):
            room.begin(each)
            room.tell(each, came("x"))
            room.end(each)

        assert len(room) == (0 if forgets else 1)
