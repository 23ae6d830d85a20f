from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from harness.assertions.evaluator import Evaluator
from harness.assertions.registry import AssertionRegistry
from harness.assertions.text import text_assertions
from harness.errors import ApiStatusError, StoreError
from harness.model.outcome import Outcome, Verdict
from harness.model.reply import Attempt, Reply
from harness.model.request import PreparedTrial, PreparedTurn, Request
from harness.model.suite import Trial, Turn
from harness.running.engine import MOST_STARTED_PER_PERMIT, Engine
from harness.running.trial import TrialRunner
from tests.support.replies import reply
from tests.support.trials import case, expectation, trial


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
        self, request: Request, slot: Any, record: Callable[[Attempt], None]
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

    def engine(self) -> Engine:
        clock = asyncio.get_running_loop().time
        return Engine(
            TrialRunner(AsIs(), self.client, Evaluator(self.registry), clock),
            lambda: self.concurrency,
            clock,
            started=lambda _trial: None,
            ended=self.ended or self.outcomes.append,
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


def test_a_slow_assertion_does_not_keep_others_from_being_timed_as_they_are() -> None:
    registry = AssertionRegistry()

    @registry.register("slow", is_slow=True)
    def slow(_reply: Reply, _argument: str) -> Verdict:
        time.sleep(0.3)
        return Verdict.passing("")

    scene = Scene(registry=registry)
    ticks = list[float]()

    async def run() -> None:
        judged = trial(of=case(expectations=(expectation("slow"),)))
        running = asyncio.create_task(scene.engine().run([judged]))
        while not running.done():
            ticks.append(time.perf_counter())
            await asyncio.sleep(0.005)

    asyncio.run(run())

    assert scene.outcomes[0].label == "passed"
    assert max(after - before for before, after in pairwise(ticks)) < 0.2


def test_one_place_runs_trials_one_after_the_other_in_their_order() -> None:
    scene = Scene(concurrency=1)

    scene.run(*(trial(n) for n in range(10)))

    assert [outcome.trial.index for outcome in scene.outcomes] == list(range(10))
    assert scene.client.most == 1


def test_a_trial_that_only_waits_gives_its_place_up() -> None:
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

    assert [outcome.label for outcome in scene.outcomes] == ["skipped", "passed"] or [
        outcome.label for outcome in scene.outcomes
    ] == ["skipped", "unjudged"]
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


def test_each_reply_of_a_conversation_is_kept_before_the_next_turn_is_sent() -> None:
    answers = iter(["order number?", "order 4711 is on its way"])
    scene = Scene(FakeClient(lambda _request: reply(next(answers))))
    turns = (
        Turn(({"role": "user", "content": "Where?"},), (expectation("contains", "number"),)),
        Turn(({"role": "user", "content": "4711"},), (expectation("contains", "4711"),)),
    )

    scene.run(trial(0, of=case("a", turns=turns, expectations=(expectation("ends_with", "way"),))))

    (outcome,) = scene.outcomes
    assert outcome.label == "passed"
    assert [message["role"] for message in scene.client.requests[1].body["messages"]] == [
        "user",
        "assistant",
        "user",
    ]
    assert [judgement.turn for judgement in outcome.judgements] == [1, 2, 2]
    assert outcome.usage.input_tokens == 24


def test_what_a_conversation_brought_is_kept_when_a_later_turn_fails() -> None:
    answers: list[Reply | None] = [reply("number?"), None]

    def answer(_request: Request) -> Reply:
        answered = answers.pop(0)
        if answered is None:
            raise ApiStatusError("HTTP 500", "api_error", 500)
        return answered

    turns = (
        Turn(({"role": "user", "content": "a"},), (expectation("contains", "number"),)),
        Turn(({"role": "user", "content": "b"},), (expectation("contains", "z"),)),
    )
    scene = Scene(FakeClient(answer))

    scene.run(trial(0, of=case("a", turns=turns)))

    (outcome,) = scene.outcomes
    assert outcome.label == "errored"
    assert [part.text for part in outcome.replies] == ["number?"]
    assert [judgement.verdict.passed for judgement in outcome.judgements] == [True]
