"""One trial: render it, send its turns, judge the replies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from traceback import format_exception
from typing import Any, Protocol

from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.peers import PeerResult, PeerResults
from harness.assertions.questions import Judge
from harness.errors import ApiError, BrokenSuitesError, HarnessError
from harness.model.outcome import (
    Failure,
    Judgement,
    Outcome,
    OutcomeLabel,
    Verdict,
    has_certain_score,
    judge_trial,
)
from harness.model.reply import Attempt, Reply
from harness.model.request import PreparedTrial, Request
from harness.model.suite import Expectation, Trial
from harness.model.tool_results import UnansweredCallError, answering
from harness.running.capacity import Permit
from harness.running.variant_barrier import VariantBarrier

Clock = Callable[[], float]
NO_CALL = "no_call"  # why a conversation broke off whose reply calls no tool, though it should
_LONG = 100_000  # characters; most assertions judge shorter replies within milliseconds


class TrialRenderer(Protocol):
    """Renders trials."""

    def prepare(self, trial: Trial) -> PreparedTrial:
        """Return a trial with everything rendered; raise BrokenSuitesError if that fails."""


class CompletionClient(Protocol):
    """Makes calls."""

    async def complete(
        self, request: Request, slot: Permit, record: Callable[[Attempt], None]
    ) -> Reply:
        """Return the reply to a request; raise ApiError if none came.

        Args:
            request: What to send.
            slot: The caller's permit to send, paused while the call only waits.
            record: Called with every attempt when it ends.
        """


class JudgeFactory(Protocol):
    """Makes the judges of trials."""

    def for_trial(self, trial: Trial, slot: Permit) -> Judge:
        """Return the judge of a trial, which holds a permit and pauses it for the judge."""


@dataclass(frozen=True, slots=True)
class _PendingJudgement:
    """An expectation that compares variants, until the replies of the others are there."""

    expectation: Expectation
    turn: int


@dataclass(slots=True)
class _Conversation:
    """A trial under way; what it has is kept when a later turn fails.

    Attributes:
        began: When it started, on the runner's clock.
        away: Seconds that it waited for other variants, which do not count as its own.
    """

    trial: Trial
    slot: Permit
    context: EvaluationContext
    began: float
    away: float = 0.0
    prepared: PreparedTrial | None = None
    request: Mapping[str, Any] | None = None
    replies: list[Reply] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    judgements: list[Judgement | _PendingJudgement] = field(default_factory=list)
    failure: Failure | None = None

    @property
    def is_pending(self) -> bool:
        """Whether a verdict waits for the replies of other variants."""
        return any(isinstance(entry, _PendingJudgement) for entry in self.judgements)

    def finished_judgements(self) -> list[Judgement]:
        """Return the judgements that have their verdicts."""
        return [entry for entry in self.judgements if isinstance(entry, Judgement)]

    def give_up_comparing(self, why: str) -> None:
        """Turn the verdicts that will never be there into errors."""
        verdict = Verdict.errored(f"it was not compared, because {why}")
        for index, entry in enumerate(self.judgements):
            if isinstance(entry, _PendingJudgement):
                self.judgements[index] = Judgement(entry.expectation, verdict, entry.turn)


class TrialRunner:
    """Runs trials one by one; a broken service is an outcome, not an exception."""

    def __init__(
        self,
        renderer: TrialRenderer,
        client: CompletionClient,
        evaluator: Evaluator,
        clock: Clock,
        judges: JudgeFactory | None = None,
        barrier: VariantBarrier | None = None,
    ) -> None:
        self._renderer, self._client, self._evaluator = renderer, client, evaluator
        self._clock, self._judges, self._barrier = clock, judges, barrier

    async def run(self, trial: Trial, slot: Permit) -> Outcome:
        """Send what a trial says and judge what comes back."""
        judge = None if self._judges is None else self._judges.for_trial(trial, slot)
        context = EvaluationContext(trial.vars, judge)
        conversation = _Conversation(trial, slot, context, self._clock())
        if self._barrier is not None and trial.case.compared:
            return await self._run_compared(conversation, self._barrier)
        await self._converse(conversation)
        conversation.give_up_comparing("there are no other variants here")
        return self._outcome(conversation)

    async def _run_compared(self, conversation: _Conversation, barrier: VariantBarrier) -> Outcome:
        trial = conversation.trial
        barrier.begin(trial)
        await self._converse(conversation)
        # Published before this trial waits: two variants may each be compared with the other.
        barrier.publish(trial, _peer_result(conversation))
        if conversation.failure is not None:
            # Its last reply is missing, and there may be none for the turn that is compared.
            conversation.give_up_comparing("the conversation broke off")
        elif conversation.is_pending:
            peers = await self._wait_for_peers(conversation, barrier)
            await self._judge_pending(conversation, peers)
        outcome = self._outcome(conversation)
        # Only now may the group be forgotten: until here the verdicts above read from it.
        barrier.end(trial)
        return outcome

    async def _converse(self, conversation: _Conversation) -> None:
        """Send the turns of a trial and judge each reply; what goes wrong is kept with it."""
        try:
            conversation.prepared = prepared = self._renderer.prepare(conversation.trial)
            messages: list[Mapping[str, Any]] = []
            for number, turn in enumerate(prepared.turns, start=1):
                replies = conversation.replies
                messages += answering(turn.messages, replies[-1].said) if replies else turn.messages
                conversation.request = prepared.body(messages)
                reply = await self._take_turn(conversation, prepared, number)
                messages.append({"role": "assistant", "content": reply.said})
        except BrokenSuitesError as errors:
            conversation.failure = Failure("SuiteError", str(errors), "not_rendered")
        except UnansweredCallError as error:
            reason = NO_CALL if error.is_of_reply else "unanswered_call"
            conversation.failure = Failure("SuiteError", error.problem, reason)
        except ApiError as error:
            kind = type(error).__name__
            conversation.failure = Failure(
                kind, error.message, error.reason, error.status, error.request_id
            )
        except (HarnessError, MemoryError):
            raise  # a full disk is not the fault of a trial: no other would do better
        except Exception as error:  # noqa: BLE001  # whatever a server sent, the others go on
            conversation.failure = _unexpected(error)

    async def _take_turn(
        self, conversation: _Conversation, prepared: PreparedTrial, number: int
    ) -> Reply:
        """Send the request of a turn, counted from 1, and judge its reply."""
        trial, is_last = conversation.trial, number == len(prepared.turns)
        expectations = prepared.turns[number - 1].expectations
        if is_last:
            expectations += prepared.expectations
        awaits_more = not is_last or not all(map(self._is_immediate, expectations))
        request = Request(
            conversation.request or {},
            trial.repeat,
            trial.id,
            number,
            awaits_more=awaits_more,
            trial_specific=bool(trial.case.compared),
            given=prepared.given,
        )
        reply = await self._client.complete(
            request, conversation.slot, conversation.attempts.append
        )
        conversation.replies.append(reply)
        for expectation in expectations:
            judgement = await self._judge(expectation, reply, number, conversation.context)
            conversation.judgements.append(judgement)
        return reply

    def _is_immediate(self, expectation: Expectation) -> bool:
        return self._evaluator.registry.is_immediate(expectation)

    async def _judge(
        self, expectation: Expectation, reply: Reply, turn: int, context: EvaluationContext
    ) -> Judgement | _PendingJudgement:
        """Judge a reply without keeping other trials from reading theirs."""
        evaluator, assertions = self._evaluator, self._evaluator.registry
        is_short = len(reply.text) < _LONG
        if is_short and assertions.is_immediate(expectation):
            verdict = evaluator.judge(expectation, reply, context)
        elif context.peers is None and assertions.compares(expectation):
            return _PendingJudgement(expectation, turn)
        elif assertions.is_async(expectation):
            verdict = await evaluator.judge_async(expectation, reply, context)
        elif is_short and not assertions.is_slow(expectation):
            verdict = evaluator.judge(expectation, reply, context)
        else:
            # What takes long keeps the event loop busy, and the replies of other trials would
            # look late: their latency is measured when the loop reads them.
            verdict = await asyncio.to_thread(evaluator.judge, expectation, reply, context)
        return Judgement(expectation, verdict, turn)

    async def _wait_for_peers(
        self, conversation: _Conversation, barrier: VariantBarrier
    ) -> Mapping[str, PeerResult]:
        trial, slot = conversation.trial, conversation.slot
        if not trial.compared:
            return await barrier.wait_for_peers(trial)
        began, queued = self._clock(), slot.queued
        # Those it waits for may not have started: it gives its permit up and is not counted among
        # the started trials, so that one permit is enough for any number of variants.
        async with slot.set_aside():
            peers = await barrier.wait_for_peers(trial)
        # What the others took does not count as this trial's time; waiting for a permit does.
        conversation.away = self._clock() - began - (slot.queued - queued)
        return peers

    async def _judge_pending(
        self, conversation: _Conversation, peers: Mapping[str, PeerResult]
    ) -> None:
        variant = conversation.trial.variant.name
        for index, entry in enumerate(conversation.judgements):
            if isinstance(entry, _PendingJudgement):
                reply = conversation.replies[entry.turn - 1]
                results = PeerResults(variant, entry.turn, peers)
                context = replace(conversation.context, peers=results)
                conversation.judgements[index] = await self._judge(
                    entry.expectation, reply, entry.turn, context
                )

    def _outcome(self, conversation: _Conversation) -> Outcome:
        trial, prepared = conversation.trial, conversation.prepared
        judgements = conversation.finished_judgements()
        if conversation.failure is None:
            label, score = judge_trial(trial.case, judgements)
        else:
            label, score = _label_without_rest(conversation), None
        return Outcome(
            trial,
            label,
            score,
            conversation.request,
            tuple(conversation.replies),
            tuple(conversation.attempts),
            tuple(judgements),
            conversation.failure,
            conversation.slot.queued,
            self._clock() - conversation.began - conversation.away,
            None if prepared is None else prepared.request_fingerprint(trial.repeat),
            None if prepared is None else prepared.expectations_fingerprint(),
            conversation.began,
        )


def _unexpected(error: Exception) -> Failure:
    """Return the failure of a trial in which something broke that should not."""
    kind = type(error).__name__
    message = f"harness failed at this trial ({kind}: {error}); please report it with its record"
    return Failure(kind, message, "unexpected", traceback="".join(format_exception(error)))


def _label_without_rest(conversation: _Conversation) -> OutcomeLabel:
    """Return the label of a conversation that broke off: what its earlier turns got wrong stays."""
    if conversation.failure is not None and conversation.failure.reason == NO_CALL:
        return OutcomeLabel.FAILED
    prepared, judgements = conversation.prepared, conversation.finished_judgements()
    if prepared is None:
        return OutcomeLabel.ERRORED
    missing = prepared.turns[len(conversation.replies) :]
    rest = [*(each for turn in missing for each in turn.expectations), *prepared.expectations]
    unknown = Verdict.errored("the conversation broke off")
    judgements += [Judgement(expectation, unknown) for expectation in rest]
    label, _ = judge_trial(conversation.trial.case, judgements)
    return label if label is OutcomeLabel.FAILED else OutcomeLabel.ERRORED


def _peer_result(conversation: _Conversation) -> PeerResult:
    """Return what other variants may compare themselves with."""
    trial = conversation.trial
    if conversation.failure is not None:
        return PeerResult(problem=f"has no reply: {conversation.failure.message}")
    # The score leaves comparisons out: two variants that compare scores would wait for each other.
    judgements = conversation.finished_judgements()
    label, score = judge_trial(trial.case, judgements)
    unscored = ""
    if label is OutcomeLabel.UNJUDGED:
        unscored = "has no score, because it has no other expectations"
    elif not has_certain_score(judgements):
        unscored = "could not be judged"
    return PeerResult(tuple(conversation.replies), trial.vars, score or 0.0, unscored)
