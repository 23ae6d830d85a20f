"""One trial: render it, send its turns, judge the replies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.peers import PeerResult, PeerResults
from harness.assertions.questions import Judge
from harness.errors import ApiError, BrokenSuitesError
from harness.model.outcome import (
    Failure,
    Judgement,
    Outcome,
    OutcomeLabel,
    Verdict,
    judge_trial,
)
from harness.model.reply import Attempt, Reply
from harness.model.request import PreparedTrial, Request
from harness.model.suite import Expectation, Trial

Clock = Callable[[], float]
_LONG = 100_000  # characters that most assertions are done with in milliseconds
_NOT_YET = Verdict.errored("it was not compared: the run ended before the other variants did")


class Slot(Protocol):
    """A place among the trials that may send.

    Attributes:
        queued: Seconds spent waiting to get the place back.
    """

    queued: float

    def paused(self) -> AbstractAsyncContextManager[None]:
        """Let others have the place until the block ends."""

    def set_aside(self) -> AbstractAsyncContextManager[None]:
        """Let others have the place, also those that could not start before the block ends."""


class Prepares(Protocol):
    """Renders trials."""

    def prepare(self, trial: Trial) -> PreparedTrial:
        """Return a trial with everything rendered; raise BrokenSuitesError if that fails."""


class MakesJudges(Protocol):
    """Makes the judges of trials."""

    def of(self, trial: Trial, slot: Any) -> Judge:
        """Return the judge of a trial, which holds a place."""


class KnowsOthers(Protocol):
    """Knows what the trials came to that are compared with each other."""

    def begin(self, trial: Trial) -> None:
        """Take note of a trial that starts."""

    def tell(self, trial: Trial, peer: PeerResult) -> None:
        """Say what a trial came to, as far as others are compared with it."""

    async def others(self, trial: Trial) -> Mapping[str, PeerResult]:
        """Wait for all that a trial is compared with; return them and itself in suite order."""

    def end(self, trial: Trial) -> None:
        """Take note of a trial that ended."""


class Completes(Protocol):
    """Makes calls."""

    async def complete(
        self, request: Request, slot: Any, record: Callable[[Attempt], None]
    ) -> Reply:
        """Return the reply to a request; raise ApiError if none comes."""


@dataclass(slots=True)
class _Progress:
    """What a trial has brought so far, so that nothing of it is lost if it ends early."""

    request: Mapping[str, Any] | None = None
    replies: list[Reply] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)


class TrialRunner:
    """Runs trials one by one; a broken service is an outcome, not an exception."""

    def __init__(
        self,
        prepares: Prepares,
        client: Completes,
        evaluator: Evaluator,
        clock: Clock,
        judges: MakesJudges | None = None,
        barrier: KnowsOthers | None = None,
    ) -> None:
        self._prepares, self._client, self._evaluator = prepares, client, evaluator
        self._clock, self._judges, self._barrier = clock, judges, barrier

    async def run(self, trial: Trial, slot: Slot) -> Outcome:
        """Send what a trial says and judge what comes back."""
        judge = None if self._judges is None else self._judges.of(trial, slot)
        known = EvaluationContext(trial.vars, judge)
        if self._barrier is None or not trial.case.compared:
            return await self._run(trial, slot, known)
        self._barrier.begin(trial)
        outcome = await self._run(trial, slot, known)
        self._barrier.tell(trial, _peer_result(outcome))
        if outcome.failure is not None:
            outcome = _broken_off(outcome)
        elif any(judgement.verdict is _NOT_YET for judgement in outcome.judgements):
            outcome = await self._compared(outcome, self._barrier, slot, known)
        self._barrier.end(trial)
        return outcome

    async def _run(self, trial: Trial, slot: Slot, known: EvaluationContext) -> Outcome:
        began = self._clock()
        progress = _Progress()
        label, score = OutcomeLabel.ERRORED, None
        failure: Failure | None = None
        prepared: PreparedTrial | None = None
        try:
            prepared = self._prepares.prepare(trial)
            await self._converse(trial, prepared, slot, progress, known)
            label, score = judge_trial(trial.case, progress.judgements)
        except BrokenSuitesError as errors:
            failure = Failure("SuiteError", str(errors), "not_rendered")
        except ApiError as error:
            kind = type(error).__name__
            failure = Failure(kind, error.message, error.reason, error.status, error.request_id)
        return Outcome(
            trial,
            label,
            score,
            progress.request,
            tuple(progress.replies),
            tuple(progress.attempts),
            tuple(progress.judgements),
            failure,
            slot.queued,
            self._clock() - began,
            None if prepared is None else prepared.request_fingerprint(trial.repeat),
            None if prepared is None else prepared.expectations_fingerprint(),
            began,
        )

    async def _converse(
        self,
        trial: Trial,
        prepared: PreparedTrial,
        slot: Slot,
        progress: _Progress,
        known: EvaluationContext,
    ) -> None:
        messages: list[Mapping[str, Any]] = []
        for number, turn in enumerate(prepared.turns, start=1):
            messages += turn.messages
            progress.request = prepared.body(messages)
            is_last = number == len(prepared.turns)
            expectations = turn.expectations
            if is_last:
                expectations += prepared.expectations
            awaits_more = not is_last or not all(map(self._is_immediate, expectations))
            request = Request(
                progress.request,
                trial.repeat,
                trial.id,
                number,
                awaits_more=awaits_more,
                trial_specific=bool(trial.case.compared),
            )
            reply = await self._client.complete(request, slot, progress.attempts.append)
            progress.replies.append(reply)
            for expectation in expectations:
                verdict = await self._verdict(expectation, reply, known)
                progress.judgements.append(Judgement(expectation, verdict, number))
            messages.append({"role": "assistant", "content": reply.content})

    def _is_immediate(self, expectation: Expectation) -> bool:
        return self._evaluator.registry.is_immediate(expectation)

    async def _verdict(
        self, expectation: Expectation, reply: Reply, known: EvaluationContext
    ) -> Verdict:
        """Judge a reply without keeping other trials from reading theirs."""
        assertions = self._evaluator.registry
        if assertions.is_immediate(expectation) and len(reply.text) < _LONG:
            return self._evaluator.judge(expectation, reply, known)
        if known.peers is None and assertions.compares(expectation):
            return _NOT_YET
        if assertions.waits(expectation):
            return await self._evaluator.judge_with(expectation, reply, known)
        if not assertions.is_slow(expectation) and len(reply.text) < _LONG:
            return self._evaluator.judge(expectation, reply, known)
        return await asyncio.to_thread(self._evaluator.judge, expectation, reply, known)

    async def _compared(
        self, outcome: Outcome, barrier: KnowsOthers, slot: Slot, known: EvaluationContext
    ) -> Outcome:
        """Return an outcome with the verdicts that need those of the other variants."""
        trial, queued = outcome.trial, slot.queued
        if trial.compared:
            async with slot.set_aside():
                others = await barrier.others(trial)
        else:
            others = await barrier.others(trial)
        waited, began = slot.queued - queued, self._clock()
        judgements = []
        for judgement in outcome.judgements:
            if judgement.verdict is _NOT_YET:
                peers = PeerResults(trial.variant.name, judgement.turn, others)
                verdict = await self._verdict(
                    judgement.expectation,
                    outcome.replies[judgement.turn - 1],
                    replace(known, peers=peers),
                )
                judgements.append(replace(judgement, verdict=verdict))
            else:
                judgements.append(judgement)
        label, score = judge_trial(trial.case, judgements)
        return replace(
            outcome,
            label=label,
            score=score,
            judgements=tuple(judgements),
            queued=slot.queued,
            # what others took to come is no time of this trial
            seconds=outcome.seconds + waited + self._clock() - began,
        )


def _broken_off(outcome: Outcome) -> Outcome:
    """Return an outcome that stays without comparisons, because it has no last reply."""
    why = Verdict.errored("it was not compared, because the conversation broke off")
    judgements = (
        replace(judgement, verdict=why) if judgement.verdict is _NOT_YET else judgement
        for judgement in outcome.judgements
    )
    return replace(outcome, judgements=tuple(judgements))


def _peer_result(outcome: Outcome) -> PeerResult:
    """Return what an outcome is to those that are compared with it."""
    trial, replies = outcome.trial, outcome.replies
    if outcome.failure is not None:
        return PeerResult(problem=f"has no reply: {outcome.failure.message}")
    own = [judgement for judgement in outcome.judgements if judgement.verdict is not _NOT_YET]
    label, score = judge_trial(trial.case, own)
    unscored = {
        OutcomeLabel.ERRORED: "could not be judged",
        OutcomeLabel.UNJUDGED: "has no score: nothing else is expected of it",
    }
    return PeerResult(replies, trial.vars, score or 0.0, unscored.get(label, ""))
