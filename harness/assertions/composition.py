"""Assertions that are made of others.

An inner expectation that could not be judged makes the whole an error, unless the others decide it
already; so nothing passes that was not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.assertions.nested import Expectations, Inner
from harness.assertions.parameters import Share
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation

composition_assertions = AssertionRegistry()

_NEARLY = 1e-9  # a mean of tenths must reach a threshold of tenths
_MOST_TOLD = 5
_Judged = Sequence[tuple[Expectation, Verdict]]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The verdicts that decide, parted by what they say."""

    passed: _Judged
    failed: _Judged
    errored: _Judged

    @classmethod
    def of(cls, expectations: Inner, reply: Reply) -> _Parts:
        deciding = [
            (expectation, verdict)
            for expectation, verdict in expectations.judge(reply)
            if expectation.decides and not verdict.is_left_out
        ]
        return cls(
            [each for each in deciding if each[1].passed],
            [each for each in deciding if not each[1].passed and not each[1].is_error],
            [each for each in deciding if each[1].is_error],
        )

    @property
    def deciding(self) -> _Judged:
        return [*self.passed, *self.failed, *self.errored]

    @property
    def nothing(self) -> Verdict | None:
        """The verdict if there is nothing to judge by."""
        return None if self.deciding else Verdict.left_out("none of its expectations decides")

    def error(self) -> Verdict:
        expectation, verdict = self.errored[0]
        return Verdict.errored(f"{expectation.key}: {verdict.reason}", verdict.traceback or "")


@composition_assertions.register("all_of", is_negatable=False)
def all_of(reply: Reply, expectations: Expectations, *, threshold: Share | None = None) -> Verdict:
    """Pass when every one of the expectations passes or, with `threshold`, the score reaches it.

    The score is the weighted mean of theirs.
    """
    parts = _Parts.of(expectations, reply)
    if (nothing := parts.nothing) is not None:
        return nothing
    if parts.errored and (threshold is not None or not parts.failed):
        return parts.error()
    weight = sum(each.weight for each, _ in parts.deciding)
    score = sum(each.weight * verdict.score for each, verdict in parts.deciding) / weight
    told = _told(parts.failed, f"of {len(parts.deciding)} did not pass")
    if threshold is None:
        return Verdict(not parts.failed, score, told)
    reached = score >= threshold - _NEARLY
    return Verdict(reached, score, f"the score is {score:.3f}, the threshold {threshold:g}; {told}")


@composition_assertions.register("any_of", is_negatable=False)
def any_of(reply: Reply, expectations: Expectations, *, threshold: Share | None = None) -> Verdict:
    """Pass when at least one of the expectations passes or, with `threshold`, one score reaches it.

    The score is the highest of theirs.
    """
    parts = _Parts.of(expectations, reply)
    if (nothing := parts.nothing) is not None:
        return nothing
    score = max(verdict.score for _, verdict in parts.deciding)
    passed = bool(parts.passed) if threshold is None else score >= threshold - _NEARLY
    if passed:
        return Verdict(passed=True, score=score, reason=_told(parts.passed, "passed"))
    if parts.errored:
        return parts.error()
    told = _told(parts.failed, f"of {len(parts.deciding)} did not pass")
    return Verdict(passed=False, score=score, reason=told)


@composition_assertions.register("none_of", is_negatable=False)
def none_of(reply: Reply, expectations: Expectations, *, threshold: Share | None = None) -> Verdict:
    """Pass when not one of the expectations passes or, with `threshold`, the score reaches it.

    The score is 1 less the highest of theirs.
    """
    parts = _Parts.of(expectations, reply)
    if (nothing := parts.nothing) is not None:
        return nothing
    score = 1 - max(verdict.score for _, verdict in parts.deciding)
    passed = not parts.passed if threshold is None else score >= threshold - _NEARLY
    if parts.errored and passed:
        return parts.error()
    told = _told(parts.passed, f"of {len(parts.deciding)} passed, and none should")
    return Verdict(passed, score, told)


def _told(judged: _Judged, what: str) -> str:
    shown = [f"{each.key}: {verdict.reason}" for each, verdict in judged[:_MOST_TOLD]]
    if len(judged) > _MOST_TOLD:
        shown.append(f"and {len(judged) - _MOST_TOLD} more")
    return f"{len(judged)} {what}" + (f": {'; '.join(shown)}" if shown else "")
