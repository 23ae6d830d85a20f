"""One trial: render it, send its turns, judge the replies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.assertions.questions import Judge
from harness.assertions.registry import AssertionRegistry
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


class Slot(Protocol):
    """A place among the trials that may send.

    Attributes:
        queued: Seconds spent waiting to get the place back.
    """

    queued: float

    def paused(self) -> AbstractAsyncContextManager[None]:
        """Let others have the place until the block ends."""


class Prepares(Protocol):
    """Renders trials."""

    def prepare(self, trial: Trial) -> PreparedTrial:
        """Return a trial with everything rendered; raise BrokenSuitesError if that fails."""


class MakesJudges(Protocol):
    """Makes the judges of trials."""

    def of(self, trial: Trial, slot: Any) -> Judge:
        """Return the judge of a trial, which holds a place."""


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
        assertions: AssertionRegistry,
        clock: Clock,
        judges: MakesJudges | None = None,
    ) -> None:
        self._prepares, self._client = prepares, client
        self._assertions, self._clock, self._judges = assertions, clock, judges

    async def run(self, trial: Trial, slot: Slot) -> Outcome:
        """Send what a trial says and judge what comes back."""
        began = self._clock()
        progress = _Progress()
        label, score = OutcomeLabel.ERRORED, None
        failure: Failure | None = None
        prepared: PreparedTrial | None = None
        try:
            prepared = self._prepares.prepare(trial)
            await self._converse(trial, prepared, slot, progress)
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
        self, trial: Trial, prepared: PreparedTrial, slot: Slot, progress: _Progress
    ) -> None:
        messages: list[Mapping[str, Any]] = []
        variables = trial.vars
        judge = None if self._judges is None else self._judges.of(trial, slot)
        for number, turn in enumerate(prepared.turns, start=1):
            messages += turn.messages
            progress.request = {**prepared.settings, "messages": tuple(messages)}
            is_last = number == len(prepared.turns)
            request = Request(progress.request, trial.repeat, trial.id, number, is_last)
            reply = await self._client.complete(request, slot, progress.attempts.append)
            progress.replies.append(reply)
            expectations = turn.expectations
            if is_last:
                expectations += prepared.expectations
            for each in expectations:
                verdict = await self._verdict(each, reply, variables, judge)
                progress.judgements.append(Judgement(each, verdict, number))
            messages.append({"role": "assistant", "content": reply.content})

    async def _verdict(
        self,
        expectation: Expectation,
        reply: Reply,
        variables: Mapping[str, Any],
        judge: Judge | None,
    ) -> Verdict:
        """Judge a reply without keeping other trials from reading theirs."""
        if self._assertions.waits(expectation):
            return await self._assertions.judge_with(expectation, reply, variables, judge)
        if self._assertions.is_slow(expectation):
            return await asyncio.to_thread(self._assertions.judge, expectation, reply, variables)
        return self._assertions.judge(expectation, reply, variables)
