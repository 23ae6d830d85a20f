"""The result of a trial: verdicts, score, label, failure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.model.reply import Attempt, Reply
from harness.model.suite import Case, Expectation, Trial
from harness.model.usage import Usage

ROUNDING = 1e-9  # in binary, the mean of 0.7, 0.8 and 0.9 is a little below 0.8


class OutcomeLabel(StrEnum):
    """*Failed* means that the reply was judged wrong, *errored* that it could not be judged."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of an assertion.

    Attributes:
        score: From 0 to 1.
        reason: One line that a person can act on.
        expected: What the assertion looked for, if it can be shown next to `actual`.
        actual: What the reply has instead.
        traceback: Set if the assertion could not judge; then the trial is errored.
        is_not_applicable: Whether there was nothing to judge, as with the time of a replayed
            reply; the verdict is then shown and decides nothing.
        is_unreadable: Whether the reply lacks what the expectation reads, such as JSON or a key;
            this fails in any case, also under `not_` and `none_of`.
        score_range: The least and the greatest score that are possible, if a part could not be
            judged; `score` is the least.
        read_range: The same if the reply had all that its parts read; None where that makes no
            difference.
        judge_calls: The calls of a judge, each with question and answer, as plain data.
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
    is_unreadable: bool = False
    score_range: tuple[float, float] | None = None
    read_range: tuple[float, float] | None = None

    @classmethod
    def passing(cls, reason: str = "") -> Verdict:
        """Return a pass with the full score."""
        return cls(passed=True, score=1.0, reason=reason)

    @classmethod
    def failing(
        cls, reason: str, *, expected: str | None = None, actual: str | None = None
    ) -> Verdict:
        """Return a fail with score 0; reports show `expected` above `actual`."""
        return cls(passed=False, score=0.0, reason=reason, expected=expected, actual=actual)

    @classmethod
    def unreadable(cls, reason: str, *, actual: str | None = None) -> Verdict:
        """Return a fail of a reply that lacks what the expectation reads."""
        return cls(passed=False, score=0.0, reason=reason, actual=actual, is_unreadable=True)

    @classmethod
    def errored(cls, reason: str, traceback: str = "") -> Verdict:
        """Return the verdict of an assertion that could not judge; it makes the trial errored."""
        return cls(passed=False, score=0.0, reason=reason, traceback=traceback)

    @classmethod
    def not_applicable(cls, reason: str) -> Verdict:
        """Return the answer of an assertion that has nothing to judge."""
        return cls(passed=True, score=1.0, reason=reason, is_not_applicable=True)

    @property
    def is_error(self) -> bool:
        """Whether the assertion could not judge."""
        return self.traceback is not None

    @property
    def fails(self) -> bool:
        """Whether the reply is wrong for certain."""
        return not self.passed and not self.is_error

    @property
    def possible_scores(self) -> tuple[float, float]:
        """The least and the greatest score that are possible; equal if the score is certain."""
        if self.score_range is not None:
            return self.score_range
        return (0.0, 1.0) if self.is_error else (self.score, self.score)

    @property
    def scores_if_read(self) -> tuple[float, float]:
        """The least and the greatest score that are possible if the reply had what is read."""
        if self.read_range is not None:
            return self.read_range
        return (0.0, 1.0) if self.is_unreadable else self.possible_scores


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, its expectation, and the turn that it judges, counted from 1."""

    expectation: Expectation
    verdict: Verdict
    turn: int = 1


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial has no complete reply.

    Attributes:
        kind: The class of the error.
        reason: The API's error type, or our own.
        traceback: Where an error came from that nobody expected; empty for others.
    """

    kind: str
    message: str
    reason: str
    status: int | None = None
    request_id: str | None = None
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything about a trial that has ended.

    Attributes:
        request: The last body that was sent; in a conversation it contains all turns.
        replies: One per turn; the expectations of the case judge the last one.
        queued: Seconds the trial waited for a free slot after it had given up its own.
        seconds: Seconds from the start of the trial to its last verdict.
        began: When it started, in seconds from the start of the run.
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
        known_costs = [cost for cost in costs if cost is not None]
        return sum(known_costs) if costs and len(known_costs) == len(costs) else None


def judge_trial(case: Case, judgements: Iterable[Judgement]) -> tuple[OutcomeLabel, float | None]:
    """Return the label and the score of a trial.

    The score is the weighted mean of the scores of the deciding verdicts; an error counts as 0. A
    trial passes if all deciding verdicts pass or, with a threshold, if the score reaches it. A
    deciding verdict that is an error makes the trial errored, unless the trial fails whatever that
    verdict would have been.
    """
    deciding = deciding_judgements(judgements)
    if not deciding:
        return OutcomeLabel.UNJUDGED, None
    least, greatest = possible_mean((each.expectation, each.verdict) for each in deciding)
    verdicts = [judgement.verdict for judgement in deciding]
    if case.threshold is None:
        fails = any(verdict.fails for verdict in verdicts)
        is_open = any(verdict.is_error for verdict in verdicts)
    else:
        needed = case.threshold - ROUNDING
        fails = greatest < needed
        # with an error beside them, the others do not pass a trial, however high their scores are
        is_open = least < needed or any(verdict.is_error for verdict in verdicts)
    if fails:
        return OutcomeLabel.FAILED, least
    return (OutcomeLabel.ERRORED if is_open else OutcomeLabel.PASSED), least


def deciding_judgements(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Return the judgements that can make a trial fail."""
    return [
        judgement
        for judgement in judgements
        if judgement.expectation.decides and not judgement.verdict.is_not_applicable
    ]


def has_certain_score(judgements: Iterable[Judgement]) -> bool:
    """Return whether everything that counts in the score of a trial could be judged."""
    scores = (judgement.verdict.possible_scores for judgement in deciding_judgements(judgements))
    return all(least == greatest for least, greatest in scores)


def possible_mean(judged: Iterable[tuple[Expectation, Verdict]]) -> tuple[float, float]:
    """Return the least and the greatest weighted mean of scores that are possible.

    Args:
        judged: Expectations that decide, one at least, with their verdicts.
    """
    weighted = [(expectation.weight, verdict.possible_scores) for expectation, verdict in judged]
    weight = sum(weight for weight, _ in weighted)
    least = sum(weight * low for weight, (low, _) in weighted) / weight
    greatest = sum(weight * high for weight, (_, high) in weighted) / weight
    return least, greatest
