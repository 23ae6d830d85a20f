"""How a judge is asked: again if need be, under its own limit, and on record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from harness.assertions.questions import JudgeError, Question, check_score
from harness.errors import ApiConnectionError
from harness.model.reply import Attempt, Reply
from harness.model.request import JUDGE_SUFFIX, Request
from harness.model.settings import JudgeSettings
from harness.model.suite import SuiteJudge, Trial
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.templates import Templates
from harness.running.capacity import CapacityLimiter
from harness.running.judging import Judges, TrialJudge
from harness.source import SourceFile, Text, TextOrigin
from tests.support.clients import free_permit
from tests.support.replies import reply
from tests.support.trials import trial

SETTINGS = JudgeSettings({"model": "judge-1", "max_tokens": 64, "temperature": 0.0})


def question() -> Question:
    return Question(
        "Grade it.", "Hello.", {"score": "0 to 1"}, lambda values: check_score(values["score"]), {}
    )


@dataclass
class Service:
    """A model that says these texts, one after the other; an error is raised."""

    says: list[str | Exception]
    requests: list[Request] = field(default_factory=list)

    async def complete(self, request: Request, _slot: Any, _record: Callable[..., None]) -> Reply:
        self.requests.append(request)
        said = self.says[len(self.requests) - 1]
        if isinstance(said, Exception):
            raise said
        return reply(said, latency=0.25, cost=0.002)


def right() -> str:
    return json.dumps({"id": question().word, "reason": "so", "score": 0.5})


def ask(service: Service, vote: int = 1) -> Any:
    return asyncio.run(judge_of(service, trial()).answer(question(), vote))


def judge_of(service: Service, of: Trial) -> TrialJudge:
    def render(text: Text, names: Mapping[str, Any]) -> str:
        return Templates(TemplateEnvironment).render(text, names)

    limiter = CapacityLimiter(lambda: 2, lambda: 0.0)
    return Judges(service, SETTINGS, limiter, render).for_trial(of, free_permit())


def text(written: str) -> Text:
    return Text(written, TextOrigin(SourceFile(Path("judge.md"), written), 0, len(written), "raw"))


def test_a_question_is_a_request_of_the_judges_own() -> None:
    service = Service([right()])

    answer = ask(service, vote=2)

    (request,) = service.requests
    assert request.body["model"] == "judge-1"
    assert request.body["temperature"] == 0.0
    assert request.body["system"] == question().system
    assert request.trial == trial().id + JUDGE_SUFFIX
    assert request.repeat == 2
    assert answer.values["score"] == 0.5
    (asked,) = answer.calls
    assert (asked["answer"], asked["latency"], asked["cost"]) == (right(), 0.25, 0.002)


def test_an_answer_that_is_not_a_grade_is_asked_for_once_more() -> None:
    service = Service(["I would say 0.5.", right()])

    answer = ask(service)

    assert answer.values["score"] == 0.5
    assert len(answer.calls) == 2
    second = service.requests[1].body["messages"]
    assert [message["role"] for message in second] == ["user", "assistant", "user"]
    assert "not one JSON object" in second[2]["content"]


def test_a_second_one_is_the_last() -> None:
    with pytest.raises(
        JudgeError, match="its answer is not a grade: it is not one JSON object"
    ) as no:
        ask(Service(["no", "", right()]))

    assert [call["answer"] for call in no.value.calls] == ["no", ""]  # they were paid for


def test_a_service_that_does_not_answer_is_not_a_grade() -> None:
    error = ApiConnectionError("the connection broke", "connection_lost")

    with pytest.raises(JudgeError, match="it did not answer: the connection broke"):
        ask(Service([error]))


def test_a_suite_may_have_a_judge_and_a_prompt_of_its_own() -> None:
    service, plain = Service([right()]), trial()
    prompt = text("Be strict. {{ task }} Say {{ word }}. Keys:\n{{ keys }}")
    suite = replace(plain.suite, judge=SuiteJudge({"model": "own", "max_tokens": 5}, prompt))

    answer = asyncio.run(judge_of(service, replace(plain, suite=suite)).answer(question(), 1))

    body = service.requests[0].body
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("own", 5, 0.0)
    assert body["system"].startswith(f'Be strict. Grade it. Say {question().word}. Keys:\n- "id"')
    assert answer.calls[0]["system"] == body["system"]


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Be strict. {{ task }}", "its prompt lacks `{{ word }}`"),
        ("{{ wrod }}", "undefined variable"),
    ],
)
def test_a_prompt_that_cannot_work_asks_nobody(prompt: str, words: str) -> None:
    service, plain = Service([right()]), trial()
    suite = replace(plain.suite, judge=SuiteJudge({}, text(prompt)))

    with pytest.raises(JudgeError, match=words):
        asyncio.run(judge_of(service, replace(plain, suite=suite)).answer(question(), 1))

    assert service.requests == []


def test_each_attempt_to_ask_is_on_record_with_the_answer_or_without() -> None:
    class Retrying(Service):
        async def complete(self, request: Request, slot: Any, record: Any) -> Reply:
            record(Attempt("create", 529, 0.1, wait=0.5, reason="overloaded_error"))
            record(Attempt("create", 200, 0.2))
            return await super().complete(request, slot, record)

    (asked,) = ask(Retrying([right()])).calls
    assert [attempt["status"] for attempt in asked["attempts"]] == [529, 200]
    assert asked["attempts"][0]["wait"] == 0.5

    error = ApiConnectionError("the connection broke", "connection_lost")
    with pytest.raises(JudgeError) as no:
        ask(Retrying(["not JSON", error]))
    first, second = no.value.calls
    assert (first["answer"], second["answer"]) == ("not JSON", "")
    assert "the connection broke" in second["error"]
    assert len(second["attempts"]) == 2
