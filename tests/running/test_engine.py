from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from harness.assertions.evaluator import Evaluator
from harness.assertions.registry import AssertionRegistry
from harness.assertions.text import text_assertions
from harness.errors import ApiStatusError, StoreError
from harness.model.outcome import Outcome
from harness.model.reply import Attempt, Reply
from harness.model.request import PreparedTrial, PreparedTurn, Request
from harness.model.suite import Trial
from harness.running.capacity import Permit
from harness.running.engine import MOST_STARTED_PER_PERMIT, Engine
from harness.running.trial import TrialRunner
from tests.support.replies import reply
from tests.support.trials import case, trial


class AsIs:
    """Renders nothing."""

    def prepare(self, trial: Trial) -> PreparedTrial:
        turns = tuple(PreparedTurn(turn.messages, turn.expectations) for turn in trial.case.turns)
        return PreparedTrial({"model": "m"}, turns, trial.case.expectations)


@dataclass
class FakeClient:
    """Answers after a moment, and remembers how many calls were under way at once."""

    answer: Callable[[Request], Reply] = lambda _request: reply("x")
    under_way: int = 0
    most: int = 0
    requests: list[Request] = field(default_factory=list)
    waits: bool = False
    may_answer: asyncio.Event | None = None

    async def complete(
        self, request: Request, slot: Permit, record: Callable[[Attempt], None]
    ) -> Reply:
        self.requests.append(request)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if self.may_answer is not None:
                await self.may_answer.wait()
            if self.waits:
                async with slot.paused():
                    await asyncio.sleep(0.001)
            await asyncio.sleep(0)
            record(Attempt("create", 200, 0.1))
            return self.answer(request)
        finally:
            self.under_way -= 1


@dataclass
class Scene:
    """An engine with a client that answers without a network."""

    client: FakeClient = field(default_factory=FakeClient)
    concurrency: int = 3
    outcomes: list[Outcome] = field(default_factory=list)
    registry: AssertionRegistry = field(default_factory=lambda: text_assertions)
    ended: Callable[[Outcome], None] | None = None
    seconds_apart: float = 0.0

    def engine(self) -> Engine:
        clock = asyncio.get_running_loop().time
        return Engine(
            TrialRunner(AsIs(), self.client, Evaluator(self.registry), clock),
            lambda: self.concurrency,
            clock,
            started=lambda _trial: None,
            ended=self.ended or self.outcomes.append,
            seconds_apart=self.seconds_apart,
        )

    def run(self, *trials: Trial) -> bool:
        async def run() -> bool:
            return await self.engine().run(trials)

        return asyncio.run(run())


def test_at_most_so_many_calls_are_under_way_at_once() -> None:
    scene = Scene(concurrency=3)

    assert scene.run(*(trial(n) for n in range(50)))

    assert scene.client.most == 3
    assert {outcome.trial.index for outcome in scene.outcomes} == set(range(50))


def test_one_permit_runs_trials_one_after_the_other_in_their_order() -> None:
    scene = Scene(concurrency=1)

    scene.run(*(trial(n) for n in range(10)))

    assert [outcome.trial.index for outcome in scene.outcomes] == list(range(10))
    assert scene.client.most == 1


def test_the_first_trials_start_some_time_apart_and_those_after_them_at_once() -> None:
    began: list[float] = []

    class Timed(FakeClient):
        async def complete(
            self, request: Request, slot: Permit, record: Callable[[Attempt], None]
        ) -> Reply:
            began.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.1)
            return await super().complete(request, slot, record)

    scene = Scene(Timed(), concurrency=3, seconds_apart=0.02)

    assert scene.run(*(trial(n) for n in range(6)))

    first, second, third, *rest = began
    assert second - first >= 0.019
    assert third - first >= 0.039
    assert min(rest) - third < 0.1


def test_a_run_right_after_another_one_starts_its_trials_too() -> None:
    scene = Scene(seconds_apart=60.0)

    async def twice() -> list[bool]:
        engine = scene.engine()
        return [await engine.run([]), await engine.run([trial(0)])]

    assert asyncio.run(twice()) == [True, True]
    assert len(scene.outcomes) == 1


def test_a_trial_that_only_waits_gives_its_permit_up() -> None:
    scene = Scene(FakeClient(waits=True), concurrency=1)

    scene.run(*(trial(n) for n in range(10)))

    assert len(scene.outcomes) == 10
    assert scene.client.most > 1


def test_trials_are_taken_from_the_queue_only_when_there_is_room_for_them() -> None:
    taken = 0

    def trials() -> Iterator[Trial]:
        nonlocal taken
        for n in range(1000):
            taken += 1
            yield trial(n)

    async def run() -> int:
        scene.client.may_answer = asyncio.Event()
        task = asyncio.create_task(scene.engine().run(trials()))
        for _ in range(100):
            await asyncio.sleep(0)
        before = taken
        scene.client.may_answer.set()
        await task
        return before

    scene = Scene(concurrency=2)

    assert asyncio.run(run()) <= 2 * MOST_STARTED_PER_PERMIT
    assert len(scene.outcomes) == 1000


def test_a_stop_starts_no_more_trials_and_waits_for_those_under_way() -> None:
    async def run() -> bool:
        engine = scene.engine()

        def ended(outcome: Outcome) -> None:
            scene.outcomes.append(outcome)
            if len(scene.outcomes) == 5:
                engine.stop()

        scene.ended = ended
        engine = scene.engine()
        return await engine.run(trial(n) for n in range(1000))

    scene = Scene(concurrency=3)

    assert asyncio.run(run()) is False
    assert 5 <= len(scene.outcomes) <= 8
    assert scene.client.under_way == 0


def test_a_skipped_case_costs_no_call() -> None:
    scene = Scene()

    scene.run(trial(0, of=case("a", skip="not today")), trial(1))

    assert [outcome.label for outcome in scene.outcomes] == ["skipped", "unjudged"]
    assert len(scene.client.requests) == 1


def test_a_service_that_fails_is_an_outcome_and_not_the_end_of_the_run() -> None:
    def answer(_request: Request) -> Reply:
        raise ApiStatusError("HTTP 500", "api_error", 500, "req_1")

    scene = Scene(FakeClient(answer))

    assert scene.run(trial(0), trial(1))

    assert [outcome.label for outcome in scene.outcomes] == ["errored", "errored"]
    failure = scene.outcomes[0].failure
    assert failure is not None
    assert (failure.kind, failure.status, failure.request_id) == ("ApiStatusError", 500, "req_1")
    assert scene.outcomes[0].attempts


def test_a_full_disk_ends_the_run() -> None:
    def ended(_outcome: Outcome) -> None:
        raise StoreError("full")

    scene = Scene(ended=ended)

    with pytest.raises(ExceptionGroup) as caught:
        scene.run(*(trial(n) for n in range(10)))

    assert isinstance(caught.value.exceptions[0], StoreError)


@pytest.mark.parametrize("error", [None, ApiStatusError("HTTP 500", "api_error", 500)])
def test_no_more_calls_are_under_way_after_calls_that_failed_in_a_pause(
    error: ApiStatusError | None,
) -> None:
    """As those of a judge do: the trial goes on to its end, and must hold a permit again."""

    class Judging(FakeClient):
        async def complete(
            self, request: Request, slot: Permit, record: Callable[[Attempt], None]
        ) -> Reply:
            with suppress(ApiStatusError):
                async with slot.paused():
                    await asyncio.sleep(0)
                    if error is not None:
                        raise error
            return await super().complete(request, slot, record)

    scene = Scene(Judging(), concurrency=2)

    assert scene.run(*(trial(n) for n in range(50)))

    assert scene.client.most == 2


def test_a_limit_that_grows_with_successes_is_used_while_the_run_goes_on() -> None:
    scene = Scene(concurrency=1)

    def ended(outcome: Outcome) -> None:
        scene.outcomes.append(outcome)
        scene.concurrency = 4

    scene.ended = ended

    assert scene.run(*(trial(n) for n in range(20)))

    assert scene.client.most == 4


def test_a_limit_that_shrinks_is_kept_once_those_under_way_have_ended() -> None:
    scene, calls = Scene(concurrency=4), list[int]()

    def ended(outcome: Outcome) -> None:
        scene.outcomes.append(outcome)
        scene.concurrency = 1
        calls.append(scene.client.under_way)

    scene.ended = ended

    assert scene.run(*(trial(n) for n in range(20)))

    assert max(calls[4:]) <= 1


def test_an_abort_ends_trials_that_wait_for_their_permit_too() -> None:
    async def run() -> bool:
        scene.client.may_answer = asyncio.Event()
        engine = scene.engine()
        running = asyncio.create_task(engine.run(trial(n) for n in range(9)))
        for _ in range(20):
            await asyncio.sleep(0)
        engine.abort()
        return await asyncio.wait_for(running, 5)

    scene = Scene(FakeClient(waits=True), concurrency=2)

    assert asyncio.run(run()) is False

    assert scene.outcomes == []
    assert scene.client.under_way == 0
