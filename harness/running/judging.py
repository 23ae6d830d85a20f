"""Asks a model to judge: the requests, the second try, and what is kept of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

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
from harness.running.capacity import CapacityLimiter, Permit
from harness.running.trial import CompletionClient
from harness.source import Text

_TRIES = 2


@dataclass(frozen=True, slots=True)
class Judges:
    """Makes the judge of each trial.

    Attributes:
        client: Sends the questions; its limits are the judge's own.
        settings: The judge's model and sampling.
        limiter: Bounds how many questions are under way at once.
        render: Renders the prompt of a suite with the names of a question.
    """

    client: CompletionClient
    settings: JudgeSettings
    limiter: CapacityLimiter
    render: Callable[[Text, Mapping[str, Any]], str]

    def for_trial(self, trial: Trial, slot: Permit) -> TrialJudge:
        """Return the judge of a trial, whose permit is paused while the judge is asked."""
        return TrialJudge(self, trial, slot)


@dataclass(slots=True)
class TrialJudge:
    """Answers questions about the replies of one trial."""

    _judges: Judges
    _trial: Trial
    _slot: Permit
    _numbers: count[int] = field(default_factory=lambda: count(1))

    async def answer(self, question: Question, vote: int) -> JudgeAnswer:
        """Return the judge's answer; a malformed one is asked for once more.

        Raises:
            JudgeError: The second answer is malformed too, or no answer came.
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
                # In a further turn: the same request again would find the same answer in the cache.
                messages = [*messages, *_again(reply, problem)]
        raise JudgeError(f"its answer is not a grade: {problem}", asked)

    def _system(self, question: Question) -> str:
        prompt = self._trial.suite.judge.prompt
        if prompt is None:
            return question.system
        try:
            system = self._judges.render(prompt, question.names)
        except SuiteError as error:
            raise JudgeError(f"its prompt cannot be rendered: {error.problem}") from error
        # A judge that was not told the word cannot repeat it, and each answer would be malformed
        # after it was paid for.
        if question.word not in system:
            raise JudgeError("its prompt lacks `{{ word }}`, which the answer has to repeat")
        return system

    async def _ask(
        self, body: Mapping[str, Any], vote: int, asked: list[Mapping[str, Any]]
    ) -> Reply:
        """Return a reply of the judge; the call is added to `asked` even if it fails."""
        name = f"{self._trial.id}{JUDGE_SUFFIX}"
        # Numbered across repeats and votes, so that no stored answer serves two of them.
        number = MOST_VOTES * (self._trial.repeat - 1) + vote
        request = Request(body, number, name, next(self._numbers), awaits_more=True)
        attempts: list[Attempt] = []
        try:
            # The trial's permit is given up before the judge's is asked for, and taken again after
            # the judge's is released. Whoever held one and waited for the other could wait for
            # ever: each kind might be held by those who wait for the other kind.
            async with self._slot.paused(), self._judges.limiter.permit() as permit:
                reply = await self._judges.client.complete(request, permit, attempts.append)
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
    text = reply.text or "(nothing)"  # the API refuses an empty text block
    return [
        {"role": "assistant", "content": text},
        {"role": "user", "content": f"That is not the answer asked for: {problem}. Give it again."},
    ]
