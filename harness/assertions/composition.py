"""Assertions that combine nested expectations.

A nested expectation that could not be judged makes the combination an error, unless the others
decide it anyway. So nothing passes unjudged, and what fails for certain fails. A reply that lacks
what a nested expectation reads makes no combination pass, `none_of` included. What is left out,
such as a limit on the time of a cached reply, turns no verdict over: a combination that it could
have decided is left out as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.assertions.nested import Expectations, NestedExpectations
from harness.assertions.parameters import Share
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import ROUNDING, Verdict, possible_mean
from harness.model.reply import Reply
from harness.model.suite import Expectation

composition_assertions = AssertionRegistry()

_MOST_SHOWN = 5
_Judged = Sequence[tuple[Expectation, Verdict]]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The verdicts on the nested expectations that count.

    Attributes:
        left_out: Those that had nothing to judge, such as a limit on the time of a cached reply.
    """

    deciding: _Judged
    left_out: _Judged

    @classmethod
    def of(cls, expectations: NestedExpectations, reply: Reply) -> _Parts:
        counting = [(e, verdict) for e, verdict in expectations.judge(reply) if e.decides]
        return cls(
            [(e, verdict) for e, verdict in counting if not verdict.is_not_applicable],
            [(e, verdict) for e, verdict in counting if verdict.is_not_applicable],
        )

    @property
    def passed(self) -> _Judged:
        return [(e, verdict) for e, verdict in self.deciding if verdict.passed]

    @property
    def failed(self) -> _Judged:
        return [(e, verdict) for e, verdict in self.deciding if verdict.fails]

    @property
    def unreadable(self) -> _Judged:
        return [(e, verdict) for e, verdict in self.deciding if verdict.is_unreadable]

    @property
    def open(self) -> _Judged:
        """What could not be judged, or only in part."""
        return [
            (e, verdict)
            for e, verdict in self.deciding
            if verdict.is_error or verdict.score_range is not None
        ]

    @property
    def if_read(self) -> _Judged:
        """The deciding verdicts, with any score of which the reply lacks what is read."""
        return [
            (e, replace(verdict, score_range=verdict.scores_if_read))
            for e, verdict in self.deciding
        ]

    @property
    def at_best(self) -> _Judged:
        """The deciding verdicts, with the greatest score of which the reply lacks what is read."""
        return [
            (e, replace(verdict, score_range=(verdict.scores_if_read[1],) * 2))
            if _rests_on_unreadable(verdict)
            else (e, verdict)
            for e, verdict in self.deciding
        ]

    @property
    def undecided(self) -> Verdict | None:
        """The verdict if no nested expectation decides; else None."""
        words = "none of the nested expectations decides"
        return None if self.deciding else Verdict.not_applicable(words)

    def unless_left_out(self, verdict: Verdict, *, decided: bool) -> Verdict:
        """Return a verdict, or that nothing decides where what was left out could turn it over.

        Args:
            verdict: On the rest.
            decided: What it is if the rest does not decide.
        """
        if not self.left_out or verdict.is_error or verdict.passed is not decided:
            return verdict
        expectation, first = self.left_out[0]
        return Verdict.not_applicable(f"{expectation.key}: {first.reason}")

    def may_reach(self, read: tuple[float, float], threshold: float) -> bool:
        """Return whether a threshold might be reached only if the reply had what is read."""
        rests = any(_rests_on_unreadable(verdict) for _, verdict in self.deciding)
        return rests and _reaches(read, threshold) is not False

    def unless_errored(self, passed: bool) -> bool | None:  # noqa: FBT001  # a result, no option
        """Return a result that holds if all could be judged; else None."""
        return None if any(verdict.is_error for _, verdict in self.deciding) else passed

    def verdict(
        self,
        scores: tuple[float, float],
        read: tuple[float, float],
        words: str,
        *,
        passed: bool | None,
        is_unreadable: bool,
    ) -> Verdict:
        """Return the verdict on the whole.

        Args:
            scores: The least and the greatest score that are possible.
            read: The same if the reply had what is read.
            words: The reason of a verdict that is no error.
            passed: None if that depends on what could not be judged.
            is_unreadable: Whether it might have passed, had the reply what is read.
        """
        # the score of an error may be certain all the same
        score_range = scores if scores[0] < scores[1] or passed is None else None
        if passed is None:
            expectation, verdict = self.open[0]
            reason = f"{expectation.key}: {verdict.reason}"
            verdict = Verdict.errored(reason, verdict.traceback or "")
        else:
            open_ = "" if score_range is None else f"; {_listed(self.open, 'could not be judged')}"
            verdict = Verdict(passed, scores[0], f"{words}{open_}")
        return replace(
            verdict,
            score=scores[0],
            is_unreadable=is_unreadable and not passed,
            score_range=score_range,
            read_range=None if read == scores else read,
        )


@composition_assertions.register("all_of", is_negatable=False)
def all_of(reply: Reply, expectations: Expectations, *, threshold: Share | None = None) -> Verdict:
    """Pass when all nested expectations pass or, with `threshold`, the score reaches it.

    The score is the weighted mean of their scores. If some could not be judged, the verdict is an
    error, unless the others decide: one that fails is enough to fail.
    """
    parts = _Parts.of(expectations, reply)
    if (verdict := parts.undecided) is not None:
        return verdict
    scores, read = possible_mean(parts.deciding), possible_mean(parts.if_read)
    words = _listed(parts.failed, f"of {len(parts.deciding)} did not pass")
    if threshold is not None:
        passed, is_unreadable = _reaches(scores, threshold), parts.may_reach(read, threshold)
        words = f"{_against(scores, threshold)}; {words}"
    else:
        passed = False if parts.failed else parts.unless_errored(True)  # noqa: FBT003
        # one that fails although it can be read decides on its own
        could_be_read = any(not verdict.is_unreadable for _, verdict in parts.failed)
        is_unreadable = bool(parts.unreadable) and not could_be_read
    return parts.verdict(scores, read, words, passed=passed, is_unreadable=is_unreadable)


@composition_assertions.register("any_of", is_negatable=False)
def any_of(reply: Reply, expectations: Expectations, *, threshold: Share | None = None) -> Verdict:
    """Pass when any nested expectation passes or, with `threshold`, the score reaches it.

    The score is the highest of their scores. If some could not be judged, the verdict is an error,
    unless the others decide: one that passes is enough to pass.
    """
    parts = _Parts.of(expectations, reply)
    if (verdict := parts.undecided) is not None:
        return verdict
    scores, read = _highest(parts.deciding), _highest(parts.if_read)
    if threshold is not None:
        passed, is_unreadable = _reaches(scores, threshold), parts.may_reach(read, threshold)
    else:
        passed = True if parts.passed else parts.unless_errored(False)  # noqa: FBT003
        is_unreadable = bool(parts.unreadable)
    words = _listed(parts.failed, f"of {len(parts.deciding)} did not pass")
    if passed and parts.passed:
        words = _listed(parts.passed, "passed")
    if threshold is not None:
        words = f"{_against(scores, threshold)}; {words}"
    verdict = parts.verdict(scores, read, words, passed=passed, is_unreadable=is_unreadable)
    return parts.unless_left_out(verdict, decided=False)


@composition_assertions.register("none_of", is_negatable=False)
def none_of(reply: Reply, expectations: Expectations, *, threshold: Share | None = None) -> Verdict:
    """Pass when none of the nested expectations passes or, with `threshold`, the score reaches it.

    The score is 1 minus the highest of their scores. If some could not be judged, the verdict is an
    error, unless the others decide: one that passes is enough to fail, and so is a reply that lacks
    what one of them reads.
    """
    parts = _Parts.of(expectations, reply)
    if (verdict := parts.undecided) is not None:
        return verdict
    # what cannot be read counts as if it passed
    scores, read = (_one_less(*_highest(judged)) for judged in (parts.at_best, parts.if_read))
    is_unreadable = bool(parts.unreadable)
    if threshold is not None:
        passed, is_unreadable = _reaches(scores, threshold), parts.may_reach(read, threshold)
    elif parts.passed:
        passed, is_unreadable = False, False
    else:
        passed = False if is_unreadable else parts.unless_errored(True)  # noqa: FBT003
    words = _listed(parts.passed, f"of {len(parts.deciding)} passed, but none should")
    if is_unreadable and parts.unreadable:
        words = _listed(parts.unreadable, f"of {len(parts.deciding)} could not read the reply")
    if threshold is not None:
        words = f"{_against(scores, threshold)}; {words}"
    verdict = parts.verdict(scores, read, words, passed=passed, is_unreadable=is_unreadable)
    return parts.unless_left_out(verdict, decided=True)


def _highest(judged: _Judged) -> tuple[float, float]:
    """Return the highest of the scores, at least and at most."""
    ranges = [verdict.possible_scores for _, verdict in judged]
    return max(low for low, _ in ranges), max(high for _, high in ranges)


def _rests_on_unreadable(verdict: Verdict) -> bool:
    return verdict.is_unreadable or verdict.read_range is not None


def _one_less(low: float, high: float) -> tuple[float, float]:
    return 1 - high, 1 - low


def _against(scores: tuple[float, float], threshold: float) -> str:
    return f"the score is {scores[0]:.3f}, the threshold {threshold:g}"


def _reaches(scores: tuple[float, float], threshold: float) -> bool | None:
    """Return whether a score reaches a threshold; None if not all possible scores agree."""
    least, greatest = (score >= threshold - ROUNDING for score in scores)
    return least if least == greatest else None


def _listed(judged: _Judged, what: str) -> str:
    pairs = judged[:_MOST_SHOWN]
    shown = [f"{expectation.key}: {verdict.reason}" for expectation, verdict in pairs]
    if len(judged) > _MOST_SHOWN:
        shown.append(f"and {len(judged) - _MOST_SHOWN} more")
    return f"{len(judged)} {what}" + (f": {'; '.join(shown)}" if shown else "")
