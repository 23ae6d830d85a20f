"""Asks a model to judge: the requests, the second try, and what is kept of both."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from harness.assertions.questions import (
    MOST_VOTES,
    JudgeAnswer,
    JudgeError,
    MalformedAnswerError,
    Question,
)
from harness.errors import ApiError, SuiteError
from harness.model.record import attempt_record
from harness.model.reply import Attempt, Reply
from harness.model.request import JUDGE_SUFFIX, Request
from harness.model.settings import JudgeSettings
from harness.model.suite import Trial
from harness.running.trial import Completes
from harness.source import Text

_TRIES = 2


class Turnstile:
    """Lets so many through at once; how many is asked anew each time."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._most, self._inside = most, 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        await self.enter()

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def enter(self) -> None:
        """Wait to be let in."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._let_in()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # let in, and cancelled before it went
                await self.leave()
            raise

    async def leave(self) -> None:
        """Make room for the next."""
        self._inside -= 1
        self._let_in()

    def _let_in(self) -> None:
        """Let those in who have waited longest, as far as there is room."""
        while self._waiting and self._inside < self._most():
            waiter = self._waiting.popleft()
            if not waiter.done():
                self._inside += 1
                waiter.set_result(None)


class Pausable(Protocol):
    """A trial's place among those that may send."""

    def paused(self) -> AbstractAsyncContextManager[None]:
        """Let others have the place until the block ends."""


@dataclass(slots=True)
class Admission:
    """The slot of a question that was let in: what it gives up while it waits, and takes again."""

    turnstile: Turnstile
    queued: float = 0.0

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Let others in until the block ends."""
        await self.turnstile.leave()
        try:
            yield
        finally:
            await self.turnstile.enter()


@dataclass(frozen=True, slots=True)
class Judges:
    """Makes the judge of each trial.

    Attributes:
        client: Who is asked; its limits are the judge's own.
        settings: The judge's model and sampling.
        turnstile: How many questions may be under way at once.
        render: Renders the prompt of a suite with the names of a question.
    """

    client: Completes
    settings: JudgeSettings
    turnstile: Turnstile
    render: Callable[[Text, Mapping[str, Any]], str]

    def of(self, trial: Trial, slot: Pausable) -> TrialJudge:
        """Return the judge of a trial, which holds a place."""
        return TrialJudge(self, trial, slot)


@dataclass(slots=True)
class TrialJudge:
    """Answers questions about the replies of one trial."""

    _judges: Judges
    _trial: Trial
    _slot: Pausable
    _numbers: count[int] = field(default_factory=lambda: count(1))

    async def answer(self, question: Question, vote: int) -> JudgeAnswer:
        """Return an answer that the question could read; one that is none is asked for again.

        Raises:
            JudgeError: The second one is none either, or none came.
        """
        messages: list[dict[str, Any]] = [{"role": "user", "content": question.content}]
        asked: list[Mapping[str, Any]] = []
        problem, system = "", self._system(question)
        for _ in range(_TRIES):
            body = {
                **self._judges.settings.request,
                **self._trial.suite.judge.request,
                "system": system,
                "messages": tuple(messages),
            }
            reply = await self._ask(body, vote, asked)
            try:
                return JudgeAnswer(question.read(reply.text), asked)
            except MalformedAnswerError as error:
                problem = str(error)
                messages = [*messages, *_again(reply, problem)]
        raise JudgeError(f"its answer is no grade: {problem}", asked)

    def _system(self, question: Question) -> str:
        prompt = self._trial.suite.judge.prompt
        if prompt is None:
            return question.system
        try:
            system = self._judges.render(prompt, question.names)
        except SuiteError as error:
            raise JudgeError(f"its prompt cannot be rendered: {error.problem}") from error
        if question.word not in system:
            raise JudgeError("its prompt does not tell it the `word` that its answer has to hold")
        return system

    async def _ask(
        self, body: Mapping[str, Any], vote: int, asked: list[Mapping[str, Any]]
    ) -> Reply:
        """Return a reply of the judge, and add to `asked` what came of the call either way."""
        name = f"{self._trial.id}{JUDGE_SUFFIX}"
        which = MOST_VOTES * (self._trial.repeat - 1) + vote  # repeats share no answer
        request = Request(body, which, name, next(self._numbers), awaits_more=True)
        attempts: list[Attempt] = []
        turnstile = self._judges.turnstile
        try:
            # Who is let in must not wait for a place, nor who has a place to be let in: each could
            # have what the other waits for.
            async with self._slot.paused(), turnstile:
                client = self._judges.client
                reply = await client.complete(request, Admission(turnstile), attempts.append)
        except ApiError as error:
            asked.append({**_record(body, Reply({}, ""), attempts), "error": error.message})
            raise JudgeError(f"it did not answer: {error.message}", asked) from error
        asked.append(_record(body, reply, attempts))
        return reply


def _record(
    body: Mapping[str, Any], reply: Reply, attempts: Sequence[Attempt]
) -> Mapping[str, Any]:
    return {
        "model": reply.model or body["model"],
        "system": body["system"],
        "messages": list(body["messages"]),
        "answer": reply.text,
        "latency": reply.latency,
        "input_tokens": reply.usage.all_input_tokens,
        "output_tokens": reply.usage.output_tokens,
        "cost": reply.cost,
        "origin": reply.origin.value,
        "attempts": [attempt_record(attempt) for attempt in attempts],
    }


def _again(reply: Reply, problem: str) -> list[dict[str, Any]]:
    said = reply.text or "(nothing)"
    return [
        {"role": "assistant", "content": said},
        {"role": "user", "content": f"That is not the answer asked for: {problem}. Give it again."},
    ]
