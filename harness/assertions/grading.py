"""Assertions by which a judge model grades a reply with one score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.assertions.judge_votes import TOLERANCE, Votes, ask, majority, majority_reason
from harness.assertions.parameters import NonEmptyText, Share
from harness.assertions.questions import Judge, Question, check_score
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

grading_assertions = AssertionRegistry()

_SCORE = "a number from 0 (not at all) to 1 (entirely)"


@grading_assertions.register("judge")
async def rubric(
    reply: Reply, rubric: NonEmptyText, *, min_: Share = 0.5, votes: Votes = 1, judge: Judge
) -> Verdict:
    """Pass when a judge model grades the reply by a rubric with a score of at least `min`.

    The rubric describes a good reply. With `votes: 3`, the judge is asked three times; the majority
    decides, and the score is the mean. An answer that is not a valid grade is requested once more;
    then the verdict is an error, never a pass.
    """
    task = "Grade how well it meets this rubric:\n\n" + rubric
    return await _graded(_question(task, reply), judge, votes, min_)


@grading_assertions.register("answers")
async def answers(
    reply: Reply, question: NonEmptyText, *, min_: Share = 0.5, votes: Votes = 1, judge: Judge
) -> Verdict:
    """Pass when a judge model finds that the reply answers a question.

    What counts is whether the reply addresses the question, not whether it is true. `votes` and
    errors are as for `judge`.
    """
    task = (
        "Grade how directly and completely it answers the question, whether true or not. Beside the"
        " point is 0, and so is a refusal."
    )
    asked = _question(task, reply, {"The question": question})
    return await _graded(asked, judge, votes, min_)


@grading_assertions.register("faithful_to")
async def faithful_to(
    reply: Reply, context: NonEmptyText, *, min_: Share = 0.8, votes: Votes = 1, judge: Judge
) -> Verdict:
    """Pass when a judge model finds the statements of the reply supported by a context.

    The score is roughly the share of statements that the context supports. `votes` and errors are
    as for `judge`.
    """
    task = (
        "Take it apart into the statements it makes, and grade which share of them the context"
        " supports. What the context does not say is not supported, however true it may be. A text"
        " that states nothing is 1."
    )
    question = _question(task, reply, {"The context": context})
    return await _graded(question, judge, votes, min_)


def _question(task: str, reply: Reply, material: Mapping[str, str] | None = None) -> Question:
    def check(values: Mapping[str, Any]) -> None:
        check_score(values["score"])

    return Question(task, reply.text, {"score": _SCORE}, check, material or {})


async def _graded(question: Question, judge: Judge, votes: int, minimum: float) -> Verdict:
    answers = await ask(question, judge, votes)
    if isinstance(answers, Verdict):
        return answers
    scores = [float(answer.values["score"]) for answer in answers]
    passes = [score >= minimum - TOLERANCE for score in scores]
    listed = ", ".join(f"{score:g}" for score in scores)
    reason = (
        f"the judge gives {listed}, the minimum is {minimum:g}: {majority_reason(answers, passes)}"
    )
    return majority(passes, sum(scores) / len(scores), reason, answers)
