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


async def waiting(peers: VariantBarrier, who: Trial) -> asyncio.Task[Mapping[str, PeerResult]]:
    task = asyncio.create_task(peers.wait_for_peers(who))
    await asyncio.sleep(0)
    return task


def test_one_waits_until_the_other_has_come() -> None:
    async def run() -> None:
        peers = barrier()
        peers.begin(B)
        peers.publish(B, came("b"))
        task = await waiting(peers, B)
        assert not task.done()

        peers.begin(A)
        await asyncio.sleep(0)
        assert not task.done()
        peers.publish(A, came("a"))

        results = await task
        assert {name: result.replies[0].text for name, result in results.items()} == {
            "a": "a",
            "b": "b",
        }
        assert list(await peers.wait_for_peers(A)) == ["a", "b"]

    asyncio.run(run())


def test_a_variant_that_does_not_run_is_not_waited_for() -> None:
    results = asyncio.run(barrier("b").wait_for_peers(B))

    assert results["a"].problem == "was not run"


def test_a_stop_lets_go_of_what_never_starts_and_waits_for_what_has() -> None:
    async def run(*, has_begun: bool) -> str:
        peers = barrier()
        if has_begun:
            peers.begin(A)
        task = await waiting(peers, B)
        peers.stop()
        await asyncio.sleep(0)
        assert task.done() is not has_begun
        peers.publish(A, came("a"))
        return (await task)["a"].problem

    assert "the run was stopped" in asyncio.run(run(has_begun=False))
    assert asyncio.run(run(has_begun=True)) == ""


def test_a_trial_that_is_cancelled_while_it_waits_does_not_keep_the_others() -> None:
    async def run() -> None:
        peers = barrier()
        gone, other = await waiting(peers, B), await waiting(peers, B)
        gone.cancel()
        await asyncio.sleep(0)
        peers.publish(A, came("a"))

        assert (await other)["a"].replies[0].text == "a"

    asyncio.run(run())


def test_one_that_begins_once_more_is_waited_for_anew() -> None:
    async def run() -> None:
        peers = barrier(forgets=False)
        peers.begin(A)
        peers.publish(A, came("old"))
        peers.end(A)
        peers.begin(A)
        task = await waiting(peers, B)
        assert not task.done()
        peers.publish(A, came("new"))

        assert (await task)["a"].replies[0].text == "new"

    asyncio.run(run())


def test_what_all_have_ended_is_forgotten_where_nothing_runs_again() -> None:
    for forgets in (True, False):
        peers = barrier(forgets=forgets)
        for one in (A, B):
            peers.begin(one)
            peers.publish(one, came("x"))
            peers.end(one)

        assert len(peers) == (0 if forgets else 1)
