"""Assertions that combine nested expectations.

A nested expectation that could not be judged makes the combination an error, unless the others
decide it anyway. So nothing passes unjudged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.assertions.nested import Expectations, NestedExpectations
from harness.assertions.parameters import Share
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation

composition_assertions = AssertionRegistry()

_NEARLY = 1e-9  # a mean of tenths must reach a threshold of tenths
_MOST_SHOWN = 5
_Judged = Sequence[tuple[Expectation, Verdict]]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The deciding verdicts on the nested expectations, by their result."""

    passed: _Judged
    failed: _Judged
    errored: _Judged

    @classmethod
    def of(cls, expectations: NestedExpectations, reply: Reply) -> _Parts:
        deciding = [
            (expectation, verdict)
            for expectation, verdict in expectations.judge(reply)
            if expectation.decides and not verdict.is_not_applicable
        ]
        return cls(
            [(e, verdict) for e, verdict in deciding if verdict.passed],
            [
                (e, verdict)
                for e, verdict in deciding
                if not verdict.passed and not verdict.is_error
            ],
            [(e, verdict) for e, verdict in deciding if verdict.is_error],
        )

    @property
    def deciding(self) -> _Judged:
        return [*self.passed, *self.failed, *self.errored]

    @property
    def undecided(self) -> Verdict | None:
        """The verdict if no nested expectation decides; else None."""
        words = "none of the nested expectations decides"
        return None if self.deciding else Verdict.not_applicable(words)

    def error(self) -> Verdict:
        expectation, verdict = self.errored[0]
        return Verdict.errored(f"{expectation.key}: {verdict.reason}", verdict.traceback or "")


@composition_assertions.register("all_of", is_negatable=False)
def all_of(reply: Reply, expectations: Expectations, *, threshold: Share | None = None) -> Verdict:
    """Pass when all nested expectations pass or, with `threshold`, the score reaches it.

    The score is the weighted mean of their scores.
    """
    parts = _Parts.of(expectations, reply)
    if (verdict := parts.undecided) is not None:
        return verdict
    if parts.errored and (threshold is not None or not parts.failed):
        return parts.error()
    weight = sum(expectation.weight for expectation, _ in parts.deciding)
    weighted = (expectation.weight * verdict.score for expectation, verdict in parts.deciding)
    score = sum(weighted) / weight
    words = _listed(parts.failed, f"of {len(parts.deciding)} did not pass")
    if threshold is None:
        return Verdict(not parts.failed, score, words)
    passed = score >= threshold - _NEARLY
    return Verdict(passed, score, f"the score is {score:.3f}, the threshold {threshold:g}; {words}")


@composition_assertions.register("any_of", is_negatable=False)
def any_of(reply: Reply, expectations: Expectations, *, threshold: Share | None = None) -> Verdict:
    """Pass when any nested expectation passes or, with `threshold`, the score reaches it.

    The score is the highest of their scores.
    """
    parts = _Parts.of(expectations, reply)
    if (verdict := parts.undecided) is not None:
        return verdict
    score = max(verdict.score for _, verdict in parts.deciding)
    passed = bool(parts.passed) if threshold is None else score >= threshold - _NEARLY
    if passed:
        return Verdict(passed=True, score=score, reason=_listed(parts.passed, "passed"))
    if parts.errored:
        return parts.error()
    words = _listed(parts.failed, f"of {len(parts.deciding)} did not pass")
    return Verdict(passed=False, score=score, reason=words)


@composition_assertions.register("none_of", is_negatable=False)
def none_of(reply: Reply, expectations: Expectations, *, threshold: Share | None = None) -> Verdict:
    """Pass when none of the nested expectations passes or, with `threshold`, the score reaches it.

    The score is 1 minus the highest of their scores.
    """
    parts = _Parts.of(expectations, reply)
    if (verdict := parts.undecided) is not None:
        return verdict
    score = 1 - max(verdict.score for _, verdict in parts.deciding)
    passed = not parts.passed if threshold is None else score >= threshold - _NEARLY
    if parts.errored and passed:
        return parts.error()
    words = _listed(parts.passed, f"of {len(parts.deciding)} passed, but none should")
    return Verdict(passed, score, words)


def _listed(judged: _Judged, what: str) -> str:
    pairs = judged[:_MOST_SHOWN]
    shown = [f"{expectation.key}: {verdict.reason}" for expectation, verdict in pairs]
    if len(judged) > _MOST_SHOWN:
        shown.append(f"and {len(judged) - _MOST_SHOWN} more")
    return f"{len(judged)} {what}" + (f": {'; '.join(shown)}" if shown else "")
