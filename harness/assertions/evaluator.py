"""Judges replies by expectations: calls the assertion, and keeps what goes wrong to itself."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from harness.assertions.definition import JUDGE, PEERS, VARIABLES, Judging
from harness.assertions.difference import excerpt
from harness.assertions.expressions_api import ExpressionError, scope_of
from harness.assertions.nested import Inner
from harness.assertions.peers import NotComparableError, PeerResults
from harness.assertions.questions import Judge
from harness.assertions.registry import AssertionRegistry
from harness.errors import StoreError
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation

_NO_JUDGE = "a judge decides this, and there is none: set `judge` in the settings"
_NOT_ASKED = Verdict.errored("it was not asked, because the others decide")
_NOT_COMPARED = "there are no other variants here to compare with"
_NOT_WAITED_FOR = "it has to be waited for, which is not possible here"
_MOST_ASKED_SINGLY = 20
_MOST_PARENT_FRAMES = 12
_ASSUMED = Verdict.passing("")


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    """What else is known where a reply is judged.

    Attributes:
        variables: Those of its trial.
        judge: Answers questions about it; None if nobody does.
        peers: What other variants came to; None if that is not known.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    judge: Judge | None = None
    peers: PeerResults | None = None


@dataclass(frozen=True, slots=True)
class _Waited:
    """Verdicts inside an expectation that had to be waited for, by expectation and text.

    Attributes:
        assumed: What stands in for one that is not there yet.
    """

    known: dict[tuple[int, str], Verdict] = field(default_factory=dict)
    missing: dict[tuple[int, str], tuple[Expectation, Reply, EvaluationContext]] = field(
        default_factory=dict
    )
    assumed: Verdict = _ASSUMED

    def verdict(self, expectation: Expectation, reply: Reply, known: EvaluationContext) -> Verdict:
        """Return a verdict; one that is not there yet is noted, and stood in for."""
        key = (id(expectation), reply.text)
        if key not in self.known:
            self.missing[key] = (expectation, reply, known)
        return self.known.get(key) or self.assumed


class Evaluator:
    """Gives verdicts; an assertion that raises is an error, never a pass or a fail."""

    def __init__(self, registry: AssertionRegistry) -> None:
        self.registry = registry

    def judge(self, expectation: Expectation, reply: Reply, known: EvaluationContext) -> Verdict:
        """Return the verdict of an assertion that need not be waited for."""
        waited = _Waited()
        verdict = self._judged_with(expectation, reply, known, waited)
        return Verdict.errored(_NOT_WAITED_FOR) if waited.missing else verdict

    async def judge_with(
        self, expectation: Expectation, reply: Reply, known: EvaluationContext
    ) -> Verdict:
        """Return the verdict of an assertion that may have to be waited for."""
        if expectation.inner:
            return await self._judged_around(expectation, reply, known)
        definition = self.registry[expectation.assertion]
        if not definition.waits:
            return self.judge(expectation, reply, known)
        if known.judge is None and definition.wants_judge:
            return Verdict.errored(_NO_JUDGE)
        try:
            on, known = self._transformed(expectation, reply, known)
            called = self._called(expectation, on, known, _Waited())
            verdict = called if isinstance(called, Verdict) else await called
        except StoreError:
            raise  # the record of what a judge answered cannot be kept
        except Exception as error:  # noqa: BLE001  # others write assertions, and may write bugs
            return _unjudged(error)
        return _negated(verdict) if expectation.is_negated else verdict

    async def _judged_around(
        self, expectation: Expectation, reply: Reply, known: EvaluationContext
    ) -> Verdict:
        """Judge what holds other expectations, on the reply or on the parts of it that it finds.

        Which parts there are is known only when it has been judged, so it is judged until all
        verdicts are there that it asks for, or it comes to the same without them, as `any_of` does
        once something in it has passed.
        """
        waited = _Waited()
        while True:
            verdict = self._judged_with(expectation, reply, known, waited)
            if not waited.missing:
                return verdict
            at_worst = self._judged_with(
                expectation, reply, known, _Waited(waited.known, assumed=_NOT_ASKED)
            )
            if not at_worst.is_error and (at_worst.passed, at_worst.score) == (
                verdict.passed, verdict.score,
            ):  # fmt: skip
                return at_worst
            # one after the other, so that the first may settle it; of many parts all at once
            few = len(waited.missing) <= _MOST_ASKED_SINGLY
            for key, question in list(waited.missing.items())[: 1 if few else None]:
                waited.known[key] = await self.judge_with(*question)
            waited.missing.clear()

    def _judged_with(
        self, expectation: Expectation, reply: Reply, known: EvaluationContext, waited: _Waited
    ) -> Verdict:
        if self.registry[expectation.assertion].waits:
            return waited.verdict(expectation, reply, known)
        try:
            on, known = self._transformed(expectation, reply, known)
            verdict = self._called(expectation, on, known, waited)
        except Exception as error:  # noqa: BLE001  # as for those that are waited for
            return _unjudged(error)
        assert isinstance(verdict, Verdict)  # noqa: S101  # those that wait have been sorted out
        if waited.known:
            found = waited.known.values()
            asked = tuple(each for one in found for each in one.asked)
            metrics = {name: each for one in found for name, each in one.metrics.items()}
            verdict = replace(verdict, asked=asked, metrics={**metrics, **verdict.metrics})
        return _negated(verdict) if expectation.is_negated else verdict

    def _called(
        self, expectation: Expectation, reply: Reply, known: EvaluationContext, waited: _Waited
    ) -> Judging:
        definition = self.registry[expectation.assertion]
        argument, names = expectation.argument, definition.parameters
        options = {names[key]: value for key, value in expectation.options.items()}
        if VARIABLES in definition.given:
            options[VARIABLES] = known.variables
        if JUDGE in definition.given:
            options[JUDGE] = known.judge
        if PEERS in definition.given:
            if known.peers is None:
                raise NotComparableError(_NOT_COMPARED)
            options[PEERS] = known.peers
        if expectation.inner:
            inner = Inner(expectation.inner, partial(self._judged_inside, known, waited))
            if definition.inner == definition.name:
                argument = inner
            else:
                options[names[str(definition.inner)]] = inner
        return definition.function(reply, argument, **options)

    def _judged_inside(
        self, known: EvaluationContext, waited: _Waited, expectation: Expectation, reply: Reply
    ) -> Verdict:
        return self._judged_with(expectation, reply, known, waited)

    def _transformed(
        self, expectation: Expectation, reply: Reply, known: EvaluationContext
    ) -> tuple[Reply, EvaluationContext]:
        """Return the reply as it is judged, and what it may be compared with likewise."""
        if not expectation.transforms:
            return reply, known
        transform = partial(self._transform, expectation.transforms)
        if known.peers is not None:
            known = replace(known, peers=known.peers.through(transform))
        return transform(reply, known.variables), known

    def _transform(
        self, transforms: tuple[str, ...], reply: Reply, variables: Mapping[str, Any]
    ) -> Reply:
        for expression in transforms:
            if self.registry.expressions is None:
                raise ExpressionError("there is nothing to evaluate it", "")
            value = self.registry.expressions.evaluate(expression, scope_of(reply, variables))
            if value is None:
                raise ExpressionError(f"`{excerpt(expression)}` is none", "")
            reply = replace(reply, text=_text_of(value, expression))
        return reply


def _text_of(value: Any, expression: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"`{excerpt(expression)}` is neither a text nor anything JSON can hold: {error}"
        raise ExpressionError(problem, "") from error


def _negated(verdict: Verdict) -> Verdict:
    if verdict.is_error or verdict.is_left_out:
        return verdict
    score = 0.0 if verdict.passed else 1.0
    return replace(verdict, passed=not verdict.passed, score=score, expected=None)


def _unjudged(error: Exception) -> Verdict:
    match error:
        case ExpressionError():
            return Verdict.errored(f"the output cannot be transformed: {error.problem}")
        case NotComparableError():
            return Verdict.errored(str(error))
    words = "".join(traceback.format_exception(error, limit=-_MOST_PARENT_FRAMES))
    return Verdict.errored(f"the assertion raised {type(error).__name__}: {error}", words)
