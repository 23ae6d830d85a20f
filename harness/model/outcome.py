"""What became of a trial, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.model.reply import Attempt, Reply, Usage
from harness.model.suite import Case, Expectation, Trial


class OutcomeLabel(StrEnum):
    """*Failed* means the reply was judged wrong, *errored* that it could not be judged."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An assertion's answer.

    Attributes:
        score: From 0 to 1.
        reason: One line that a person can act on.
        expected: What the assertion looked for, if it can be shown beside what it found.
        actual: What it found instead.
        traceback: Set if the assertion could not judge; then the trial is errored.
        is_not_applicable: Whether there was nothing to judge, as with the time of a replayed
            reply; the verdict is then shown and decides nothing.
        judge_calls: The questions to the judge and its answers, call by call, as plain data.
        metrics: Numbers by name, for the metrics of the suite.
    """

    passed: bool
    score: float
    reason: str
    expected: str | None = None
    actual: str | None = None
    traceback: str | None = None
    is_not_applicable: bool = False
    judge_calls: tuple[Mapping[str, Any], ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def passing(cls, reason: str = "") -> Verdict:
        """Return a full pass."""
        return cls(passed=True, score=1.0, reason=reason)

    @classmethod
    def failing(
        cls, reason: str, *, expected: str | None = None, actual: str | None = None
    ) -> Verdict:
        """Return a plain fail; `expected` and `actual` are shown one above the other."""
        return cls(passed=False, score=0.0, reason=reason, expected=expected, actual=actual)

    @classmethod
    def errored(cls, reason: str, traceback: str = "") -> Verdict:
        """Return the answer of an assertion that could not judge."""
        return cls(passed=False, score=0.0, reason=reason, traceback=traceback)

    @classmethod
    def not_applicable(cls, reason: str) -> Verdict:
        """Return the answer of an assertion that has nothing to judge."""
        return cls(passed=True, score=1.0, reason=reason, is_not_applicable=True)

    @property
    def is_error(self) -> bool:
        """Whether nothing was judged."""
        return self.traceback is not None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the expectation it answers and the turn it was about, counted from 1."""

    expectation: Expectation
    verdict: Verdict
    turn: int = 1


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial has no complete reply: the error's kind and words."""

    kind: str
    message: str
    reason: str
    status: int | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything there is to know about a trial that ended.

    Attributes:
        request: The last body that was sent; in a conversation it holds all turns.
        replies: A reply a turn; the last one is what the case's expectations judge.
        queued: Seconds the trial waited for a place to go on in, after it had given its own up.
        seconds: How long the trial took, from its start to its last verdict.
        began: When it started, in seconds from the beginning of the run.
    """

    trial: Trial
    label: OutcomeLabel
    score: float | None = None
    request: Mapping[str, Any] | None = None
    replies: tuple[Reply, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    failure: Failure | None = None
    queued: float = 0.0
    seconds: float = 0.0
    request_fingerprint: str | None = None
    expectations_fingerprint: str | None = None
    began: float = 0.0

    @property
    def usage(self) -> Usage:
        """The tokens of all turns."""
        return sum((reply.usage for reply in self.replies), Usage())

    @property
    def cost(self) -> float | None:
        """USD for all turns; None if one of them has no price."""
        costs = [reply.cost for reply in self.replies]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if costs and len(known) == len(costs) else None


def judge_trial(case: Case, judgements: Iterable[Judgement]) -> tuple[OutcomeLabel, float | None]:
    """Reduce verdicts to an outcome and a score.

    The score is the weighted mean of the deciding verdicts' scores. A trial passes if every
    deciding verdict did or, with a threshold, if the score reaches it. One that could not be
    given makes the trial errored, unless it was only to be shown.
    """
    deciding = [
        judgement
        for judgement in judgements
        if judgement.expectation.decides and not judgement.verdict.is_not_applicable
    ]
    if not deciding:
        return OutcomeLabel.UNJUDGED, None
    weight = sum(each.expectation.weight for each in deciding)
    score = sum(each.expectation.weight * each.verdict.score for each in deciding) / weight
    if any(each.verdict.is_error for each in deciding):
        return OutcomeLabel.ERRORED, score
    if case.threshold is None:
        passed = all(each.verdict.passed for each in deciding)
    else:
        passed = score >= case.threshold - 1e-9  # a mean of tenths must reach a threshold of tenths
    return (OutcomeLabel.PASSED if passed else OutcomeLabel.FAILED), score
