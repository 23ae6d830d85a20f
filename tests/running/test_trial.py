"""One trial: what is sent, what is kept, and what its outcome says. Time is the test's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from harness.assertions.evaluator import Evaluator
from harness.assertions.parameters import VariantName
from harness.assertions.peers import PeerResults, VariantComparison
from harness.assertions.questions import Judge, JudgeAnswer, JudgeError, Question
from harness.assertions.registry import AssertionRegistry
from harness.assertions.text import text_assertions
from harness.errors import ApiStatusError, BrokenSuitesError, StoreError, SuiteError
from harness.model.outcome import Outcome, Verdict
from harness.model.reply import Attempt, Reply
from harness.model.request import PreparedTrial, Request
from harness.model.suite import Case, Expectation, Trial, Turn, Variant
from harness.model.tool_results import named_result
from harness.running.capacity import CapacityLimiter, Permit
from harness.running.trial import TrialRenderer, TrialRunner
from harness.running.variant_barrier import VariantBarrier
from tests.running.test_engine import AsIs
from tests.support.replies import message, reply
from tests.support.trials import HERE, case, expectation, trial

Answer = Reply | Exception
OVERLOADED = ApiStatusError("HTTP 529", "overloaded_error", 529, "req_1")
ASK = {"role": "user", "content": "Where?"}
NUMBER = {"role": "user", "content": "4711"}


@dataclass
class Service:
    """Gives these answers, one after the other; each takes a second."""

    answers: list[Answer]
    now: float = 0.0
    requests: list[Request] = field(default_factory=list)

    async def complete(
        self, request: Request, _slot: Permit, record: Callable[[Attempt], None]
    ) -> Reply:
        self.requests.append(request)
        self.now += 1.0
        answer = self.answers[len(self.requests) - 1]
        await asyncio.sleep(0)
        record(Attempt("create", 200 if isinstance(answer, Reply) else 529, 1.0))
        if isinstance(answer, Reply):
            return answer
        raise answer


def run(
    service: Service,
    one: Trial,
    registry: AssertionRegistry = text_assertions,
    renderer: TrialRenderer | None = None,
    judge: Judge | None = None,
) -> Outcome:
    class Judges:
        def for_trial(self, _trial: Trial, _slot: Permit) -> Judge:
            assert judge is not None
            return judge

    async def main() -> Outcome:
        def clock() -> float:
            return service.now

        runner = TrialRunner(
            renderer or AsIs(),
            service,
            Evaluator(registry),
            clock,
            None if judge is None else Judges(),
        )
        return await runner.run(one, Permit(CapacityLimiter(lambda: 1, clock)))

    return asyncio.run(asyncio.wait_for(main(), 10))


def conversation() -> Case:
    return case(
        turns=(
            Turn((ASK,), (expectation("contains", "number"),)),
            Turn((NUMBER,), (expectation("contains", "4711"),)),
        ),
        expectations=(expectation("ends_with", "way"),),
    )


def test_a_reply_that_meets_its_expectations_passes() -> None:
    service = Service([reply("hello")], now=5.0)

    outcome = run(service, trial(of=case(expectations=(expectation("contains", "hell"),))))

    assert (outcome.label, outcome.score, outcome.failure) == ("passed", 1.0, None)
    assert (outcome.began, outcome.seconds, outcome.queued) == (5.0, 1.0, 0.0)
    assert [attempt.status for attempt in outcome.attempts] == [200]
    assert outcome.request == service.requests[0].body


def test_the_request_says_whose_it_is() -> None:
    service, one = Service([reply("hello")]), trial(repeat=3, repeats=5)

    run(service, one)

    (request,) = service.requests
    assert (request.repeat, request.trial, request.turn) == (3, one.id, 1)
    assert not request.awaits_more
    assert not request.trial_specific


def test_each_turn_is_sent_with_the_replies_before_it_and_judged_by_its_own_expectations() -> None:
    service = Service([reply("order number?"), reply("order 4711 is on its way")])

    outcome = run(service, trial(of=conversation()))

    assert outcome.label == "passed"
    roles = [message["role"] for message in service.requests[1].body["messages"]]
    assert roles == ["user", "assistant", "user"]
    assert [judgement.turn for judgement in outcome.judgements] == [1, 2, 2]
    assert [request.awaits_more for request in service.requests] == [True, False]
    assert outcome.usage.input_tokens == 24


CALL = {"type": "tool_use", "id": "call_7", "name": "find", "input": {"order": 4711}}
RESULTS = {"role": "user", "content": [named_result("find", "4711 is on its way")]}


def with_tool(answer: dict[str, Any]) -> Case:
    first = Turn((ASK,), (expectation("contains", "look"),))
    return case(turns=(first, Turn((answer,))), expectations=(expectation("contains", "way"),))


def calling() -> Reply:
    text = {"type": "text", "text": "I look it up."}
    return reply(message=message(content=[text, CALL], stop_reason="tool_use"))


def test_the_results_of_a_turn_answer_the_calls_of_the_reply() -> None:
    service = Service([calling(), reply("on its way")])

    outcome = run(service, trial(of=with_tool(RESULTS)))

    assert outcome.label == "passed"
    _, called, answered = service.requests[1].body["messages"]
    assert called["content"][1] == CALL
    assert answered["content"] == [
        {"type": "tool_result", "tool_use_id": "call_7", "content": "4711 is on its way"}
    ]


def test_a_reply_that_calls_no_tool_though_the_next_turn_has_its_result_fails() -> None:
    service = Service([reply("I look, but do not call")])

    outcome = run(service, trial(of=with_tool(RESULTS)))

    assert outcome.label == "failed"
    assert outcome.failure is not None
    assert "the reply calls no tool" in outcome.failure.message
    assert len(service.requests) == 1


def test_a_call_that_is_answered_with_plain_text_is_told_before_the_next_request() -> None:
    service = Service([calling()])

    outcome = run(service, trial(of=with_tool(NUMBER)))

    assert outcome.label == "errored"
    assert outcome.failure is not None
    assert "give it `tool_results: {find: …}`" in outcome.failure.message
    assert len(service.requests) == 1


def test_a_later_turn_sends_a_reply_back_without_what_only_the_record_keeps() -> None:
    strange = {"type": "text", "text": "number?", "unknown_deltas": [{"type": "sketch_delta"}]}
    service = Service([reply(message=message(content=[strange])), reply("4711, on its way")])

    run(service, trial(of=conversation()))

    sent_back = service.requests[1].body["messages"][1]
    assert sent_back["content"] == ({"type": "text", "text": "number?"},)


def test_what_a_conversation_brought_is_kept_when_a_later_turn_fails() -> None:
    outcome = run(Service([reply("number?"), OVERLOADED]), trial(of=conversation()))

    assert (outcome.label, outcome.score) == ("errored", None)
    assert [kept.text for kept in outcome.replies] == ["number?"]
    assert [judgement.verdict.passed for judgement in outcome.judgements] == [True]
    assert [attempt.status for attempt in outcome.attempts] == [200, 529]
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.request_id) == ("ApiStatusError", "req_1")


def test_a_turn_that_failed_fails_the_conversation_even_if_a_later_turn_has_no_reply() -> None:
    outcome = run(Service([reply("no idea"), OVERLOADED]), trial(of=conversation()))

    assert (outcome.label, outcome.score) == ("failed", None)
    assert outcome.failure is not None
    assert outcome.failure.message == "HTTP 529"


@pytest.mark.parametrize(("threshold", "label"), [(0.6, "errored"), (0.7, "failed")])
def test_turns_without_a_reply_count_in_full_before_a_conversation_has_failed(
    threshold: float, label: str
) -> None:
    one = replace(conversation(), threshold=threshold)

    outcome = run(Service([reply("no idea"), OVERLOADED]), trial(of=one))

    assert outcome.label == label


def test_a_trial_that_cannot_be_rendered_sends_nothing() -> None:
    class Broken:
        def prepare(self, _trial: Trial) -> PreparedTrial:
            raise BrokenSuitesError([SuiteError(HERE, "undefined variable `x`", "define it")])

    service = Service([])

    outcome = run(service, trial(), renderer=Broken())

    assert outcome.failure is not None
    assert (outcome.label, outcome.failure.kind) == ("errored", "SuiteError")
    assert "undefined variable `x`" in outcome.failure.message
    assert service.requests == []
    assert outcome.request is None
    assert outcome.request_fingerprint is None


@pytest.mark.parametrize("error", [ValueError("odd"), KeyError("id"), RecursionError(), OSError()])
def test_what_nobody_expected_is_the_error_of_one_trial_with_its_traceback(
    error: Exception,
) -> None:
    service = Service([reply("order number?"), error])

    outcome = run(service, trial(of=conversation()))

    assert outcome.label == "errored"
    assert outcome.failure is not None
    assert outcome.failure.reason == "unexpected"
    assert type(error).__name__ in outcome.failure.message
    assert "in complete" in outcome.failure.traceback
    assert len(outcome.replies) == 1  # what came before is kept


@pytest.mark.parametrize("error", [StoreError("the disk is full"), MemoryError()])
def test_what_would_end_every_trial_alike_ends_the_run(error: Exception) -> None:
    with pytest.raises(type(error)):
        run(Service([error]), trial())


def test_a_case_that_expects_nothing_is_unjudged() -> None:
    assert run(Service([reply("hello")]), trial()).label == "unjudged"


@pytest.mark.parametrize("is_long", [False, True])
def test_what_takes_long_is_judged_while_other_trials_go_on(is_long: bool) -> None:
    """By an assertion that is registered as slow, or because the reply is long."""
    registry, goes_on = AssertionRegistry(), threading.Event()

    @registry.register("patient", is_slow=not is_long)
    def patient(_reply: Reply, _argument: str) -> Verdict:
        # on the loop, it would keep the loop from setting what it waits for
        return Verdict.passing() if goes_on.wait(5) else Verdict.failing("nobody else ran")

    class Noisy(Service):
        async def complete(self, *call: Any) -> Reply:
            answer = await super().complete(*call)
            asyncio.get_running_loop().call_soon(goes_on.set)
            return answer

    service = Noisy([reply("x" * 200_000 if is_long else "x")])

    outcome = run(service, trial(of=case(expectations=(expectation("patient"),))), registry)

    assert outcome.label == "passed"


def test_a_judge_is_waited_for_and_its_silence_is_an_error_of_the_trial() -> None:
    class Silent:
        async def answer(self, _question: Question, _vote: int) -> JudgeAnswer:
            raise JudgeError("it did not answer", [])

    registry = AssertionRegistry()

    @registry.register("judged")
    async def judged(_reply: Reply, _argument: str, *, judge: Judge) -> Verdict:
        try:
            await judge.answer(Question("t", "x", {}, lambda _answer: None, {}), 1)
        except JudgeError as error:
            return Verdict.errored(str(error))
        raise AssertionError("the judge has nothing to say")

    service = Service([reply("hello")])

    outcome = run(
        service, trial(of=case(expectations=(expectation("judged"),))), registry, judge=Silent()
    )

    assert outcome.label == "errored"
    assert outcome.judgements[0].verdict.reason == "it did not answer"
    assert service.requests[0].awaits_more


def comparing() -> AssertionRegistry:
    registry = AssertionRegistry()

    @registry.register("longer_than", compares=VariantComparison.WITH_NAMED)
    def longer_than(reply: Reply, named: VariantName, *, peers: PeerResults) -> Verdict:
        if named == peers.own:
            return Verdict.not_applicable("itself")
        if len(reply.text) > len(peers.reply(named).text):
            return Verdict.passing()
        return Verdict.failing("not longer")

    @registry.register("outscores", compares=VariantComparison.WITH_NAMED)
    def outscores(_reply: Reply, named: VariantName, *, peers: PeerResults) -> Verdict:
        if named == peers.own:
            return Verdict.not_applicable("itself")
        return Verdict.passing(f"it has {peers.score(named):g}")

    @registry.register("unsure")
    def unsure(_reply: Reply, reason: str) -> Verdict:
        return Verdict.errored(reason)

    @registry.register("contains")
    def contains(reply: Reply, text: str) -> Verdict:
        return Verdict.passing() if text in reply.text else Verdict.failing("not in it")

    return registry


LONGER = expectation("longer_than", "a")
HAS_O = expectation("contains", "o")


def variants(*expectations: Expectation) -> tuple[Trial, Trial]:
    """Return the trials of a case in the variants `a` and `b`, where `b` is compared with `a`."""
    compared = case(expectations=expectations, compared={"b": frozenset({"a"})})
    both = (Variant("a"), Variant("b"))
    suite = replace(trial().suite, variants=both)
    first, second = (Trial(suite, compared, variant, 1, 1, n) for n, variant in enumerate(both))
    return first, second


@dataclass
class Run:
    """Trials that are compared with each other, under one permit for all of them."""

    service: Service
    expected: str = "ab"
    stops: bool = False
    limiter: CapacityLimiter = field(init=False)
    barrier: VariantBarrier = field(init=False)

    def outcomes(self, *trials: Trial) -> list[Outcome]:
        """Start trials in this order; return their outcomes in the same."""
        return asyncio.run(asyncio.wait_for(self._run(trials), 10))

    async def _run(self, trials: Sequence[Trial]) -> list[Outcome]:
        self.limiter = CapacityLimiter(lambda: 1, lambda: self.service.now)
        self.barrier = VariantBarrier(lambda _trial: frozenset(self.expected), forgets=True)
        tasks = [asyncio.create_task(self._run_one(one)) for one in trials]
        if self.stops:
            for _ in range(10):
                await asyncio.sleep(0)
            self.barrier.stop()
        return list(await asyncio.gather(*tasks))

    async def _run_one(self, one: Trial) -> Outcome:
        evaluator = Evaluator(comparing())
        runner = TrialRunner(
            AsIs(), self.service, evaluator, lambda: self.service.now, barrier=self.barrier
        )
        async with self.limiter.permit() as permit:
            return await runner.run(one, permit)


def test_a_trial_waits_for_the_one_it_is_compared_with_and_lets_it_have_its_permit() -> None:
    first, second = variants(LONGER)
    scene = Run(Service([reply("a long reply"), reply("short")]))

    waited, other = scene.outcomes(second, first)  # the one that waits has come first

    assert (waited.label, other.label) == ("passed", "unjudged")
    assert scene.service.requests[0].trial_specific
    assert scene.service.requests[0].awaits_more
    assert len(scene.barrier) == scene.limiter.in_use == 0


def test_the_time_that_others_take_is_not_a_trials_own() -> None:
    first, second = variants(LONGER)

    waited, other = Run(Service([reply("a long reply"), reply("short")])).outcomes(second, first)

    assert (waited.seconds, other.seconds) == (1.0, 1.0)
    assert (waited.began, other.began) == (0.0, 1.0)


def test_verdicts_stand_in_the_order_of_the_expectations_whenever_they_were_given() -> None:
    first, second = variants(HAS_O, LONGER, HAS_O)

    waited, _ = Run(Service([reply("on and on"), reply("on")])).outcomes(second, first)

    names = [judgement.expectation.assertion for judgement in waited.judgements]
    assert names == ["contains", "longer_than", "contains"]
    assert waited.label == "passed"


def test_a_peer_without_a_reply_is_an_error_of_the_comparison_alone() -> None:
    first, second = variants(HAS_O, LONGER)

    waited, other = Run(Service([reply("on"), OVERLOADED])).outcomes(second, first)

    plain, comparison = (judgement.verdict for judgement in waited.judgements)
    assert plain.passed
    assert comparison.is_error
    assert comparison.reason == "the variant `a` has no reply: HTTP 529"
    assert other.failure is not None


def test_a_peer_that_failed_beside_an_error_has_no_certain_score() -> None:
    first, second = variants(HAS_O, expectation("unsure"), expectation("outscores", "a"))

    waited, other = Run(Service([reply("on"), reply("in")])).outcomes(second, first)

    assert (waited.label, other.label) == ("errored", "failed")
    assert waited.judgements[2].verdict.reason == "the variant `a` could not be judged"


def test_a_conversation_that_broke_off_is_not_compared_and_keeps_nobody_waiting() -> None:
    turns = (Turn((ASK,), (LONGER,)), Turn((NUMBER,)))
    first, second = (replace(one, case=replace(one.case, turns=turns)) for one in variants(HAS_O))
    service = Service([reply("on"), OVERLOADED, reply("on"), reply("on")])

    broken, other = Run(service).outcomes(second, first)

    (judgement,) = broken.judgements
    assert judgement.verdict.is_error
    assert judgement.verdict.reason == "it was not compared, because the conversation broke off"
    assert other.label == "passed"


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        (Run(Service([reply("on")]), expected="b"), "the variant `a` was not run"),
        (
            Run(Service([reply("on")]), stops=True),
            "the variant `a` was not run, because the run was stopped",
        ),
    ],
)
def test_a_variant_that_never_runs_is_not_waited_for(scene: Run, reason: str) -> None:
    _, second = variants(LONGER)

    (outcome,) = scene.outcomes(second)

    assert outcome.label == "errored"
    assert outcome.judgements[0].verdict.reason == reason


def test_without_other_variants_a_comparison_is_an_error_that_says_so() -> None:
    outcome = run(Service([reply("on")]), trial(of=case(expectations=(LONGER,))), comparing())

    assert outcome.label == "errored"
    reason = outcome.judgements[0].verdict.reason
    assert reason == "it was not compared, because there are no other variants here"
