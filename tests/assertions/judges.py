"""Judges that answer from a script."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.peers import PeerResults
from harness.assertions.questions import Judge, JudgeAnswer, Question
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from tests.assertions.vectors import REGISTRY, VARIABLES, read
from tests.support.replies import reply


@dataclass
class Scripted:
    """A judge that gives these values, one vote after the other; an error is raised."""

    values: Sequence[Any]
    questions: list[Question] = field(default_factory=list)

    async def answer(self, question: Question, vote: int) -> JudgeAnswer:
        self.questions.append(question)
        value = self.values[min(vote, len(self.values)) - 1]
        if isinstance(value, Exception):
            raise value
        values = {"id": question.word, "reason": f"reason {vote}", **value}
        return JudgeAnswer(question.read(json.dumps(values)), [{"answer": vote, "cost": 0.1}])


def judged_by(
    judge: Judge | None,
    item: Mapping[str, Any],
    output: str | Reply = "Hi",
    peers: PeerResults | None = None,
) -> Verdict:
    """Return the verdict of an expectation, as it stands in a suite, with a judge at hand."""
    on = reply(output) if isinstance(output, str) else output
    context = EvaluationContext(VARIABLES, judge, peers)
    return asyncio.run(Evaluator(REGISTRY).judge_async(read(item), on, context))
