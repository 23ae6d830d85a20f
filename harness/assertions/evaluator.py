"""Judges replies by expectations, and turns whatever goes wrong into an errored verdict."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from harness.assertions.definition import JUDGE, PEERS, VARIABLES, Judging
from harness.assertions.difference import excerpt
from harness.assertions.expressions_api import TIMES, ContentError, ExpressionError
from harness.assertions.limits import untimed
from harness.assertions.nested import NestedExpectations
from harness.assertions.peers import NO_PEERS, NotComparableError, PeerResults
from harness.assertions.questions import Judge
from harness.assertions.registry import AssertionRegistry
from harness.assertions.transforms import transformed
from harness.errors import StoreError
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation

_NO_JUDGE = (
    "this assertion needs a judge model, but none is configured: set `judge` in the settings"
)
_SKIPPED = Verdict.errored("skipped, because the other expectations decide")
_NEEDS_WAITING = "this assertion has to be awaited, which is not possible here"
_MOST_AWAITED_SINGLY = 20
_MOST_TRACEBACK_FRAMES = 12
_ASSUMED_PASS = Verdict.passing("")
_Key = tuple[int, str]  # an expectation, by its identity, and the text it judges


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    """What an assertion may use beside the reply.

    Attributes:
        variables: The trial's variables.
        judge: The judge model; None if none is configured.
        peers: The results of the case's other variants; None if they are not known.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    judge: Judge | None = None
    peers: PeerResults | None = None


@dataclass(frozen=True, slots=True)
class _NestedVerdicts:
    """Verdicts on those nested expectations that have to be awaited.

    Attributes:
        available: Those that have been awaited.
        missing: What has to be awaited for the others.
        assumed: The verdict that stands in for a missing one.
    """

    available: dict[_Key, Verdict] = field(default_factory=dict)
    missing: dict[_Key, tuple[Expectation, Reply, EvaluationContext]] = field(default_factory=dict)
    assumed: Verdict = _ASSUMED_PASS

    def verdict(
        self, expectation: Expectation, reply: Reply, context: EvaluationContext
    ) -> Verdict:
        """Return the verdict or, if it is missing, note that and return the assumed one."""
        key = (id(expectation), reply.text)
        if key not in self.available:
            self.missing[key] = (expectation, reply, context)
        return self.available.get(key) or self.assumed


class Evaluator:
    """Judges replies; an assertion that raises gives an error, never a pass or a fail."""

    def __init__(self, registry: AssertionRegistry) -> None:
        self.registry = registry

    def judge(self, expectation: Expectation, reply: Reply, context: EvaluationContext) -> Verdict:
        """Return the verdict of an assertion that need not be awaited."""
        verdicts = _NestedVerdicts()
        verdict = self._judge_with(expectation, reply, context, verdicts)
        return Verdict.errored(_NEEDS_WAITING) if verdicts.missing else verdict

    async def judge_async(
        self, expectation: Expectation, reply: Reply, context: EvaluationContext
    ) -> Verdict:
        """Return the verdict of any assertion, those that have to be awaited included."""
        if expectation.nested:
            return await self._judge_nesting(expectation, reply, context)
        definition = self.registry[expectation.assertion]
        if not definition.is_async:
            return self.judge(expectation, reply, context)
        if context.judge is None and definition.wants_judge:
            return Verdict.errored(_NO_JUDGE)
        if (unmeasured := self._unmeasured(expectation, reply)) is not None:
            return unmeasured
        try:
            reply, context = self._transformed(expectation, reply, context)
            judging = self._call(expectation, reply, context, _NestedVerdicts())
            verdict = judging if isinstance(judging, Verdict) else await judging
        except StoreError:
            raise  # the judge's answer cannot be recorded: that ends the run, not only this verdict
        except Exception as error:  # noqa: BLE001  # others write assertions, and may write bugs
            return _verdict_of(error, reply)
        return _negated(verdict) if expectation.is_negated else verdict

    async def _judge_nesting(
        self, expectation: Expectation, reply: Reply, context: EvaluationContext
    ) -> Verdict:
        """Judge an expectation that nests others.

        Its function is synchronous, and only calling it shows which nested expectations it judges,
        on which parts of the reply. So it is called again and again, with a pass in the place of
        each missing verdict, until none is missing or none can change the result: once something
        in `any_of` has passed, no judge is asked any more.
        """
        verdicts = _NestedVerdicts()
        while True:
            verdict = self._judge_with(expectation, reply, context, verdicts)
            if not verdicts.missing:
                return verdict
            at_worst = self._judge_with(
                expectation, reply, context, _NestedVerdicts(verdicts.available, assumed=_SKIPPED)
            )
            if _is_settled(verdict, at_worst):
                return at_worst
            # one at a time, because the first may settle the rest; many parts all in one round,
            # because each round judges the whole again
            is_single = len(verdicts.missing) <= _MOST_AWAITED_SINGLY
            for key, arguments in list(verdicts.missing.items())[: 1 if is_single else None]:
                verdicts.available[key] = await self.judge_async(*arguments)
            verdicts.missing.clear()

    def _judge_with(
        self,
        expectation: Expectation,
        reply: Reply,
        context: EvaluationContext,
        verdicts: _NestedVerdicts,
    ) -> Verdict:
        if self.registry[expectation.assertion].is_async:
            return verdicts.verdict(expectation, reply, context)
        if (unmeasured := self._unmeasured(expectation, reply)) is not None:
            return unmeasured
        try:
            reply, context = self._transformed(expectation, reply, context)
            verdict = self._call(expectation, reply, context, verdicts)
        except Exception as error:  # noqa: BLE001  # others write assertions, and may write bugs
            return _verdict_of(error, reply)
        assert isinstance(verdict, Verdict)  # noqa: S101  # async assertions returned above
        if verdicts.available:
            verdict = _with_records(verdict, verdicts.available)
        return _negated(verdict) if expectation.is_negated else verdict

    def _call(
        self,
        expectation: Expectation,
        reply: Reply,
        context: EvaluationContext,
        verdicts: _NestedVerdicts,
    ) -> Judging:
        definition = self.registry[expectation.assertion]
        argument, names = expectation.argument, definition.parameters
        options = {names[key]: value for key, value in expectation.options.items()}
        if VARIABLES in definition.injected:
            options[VARIABLES] = context.variables
        if JUDGE in definition.injected:
            options[JUDGE] = context.judge
        if PEERS in definition.injected:
            if context.peers is None:
                raise NotComparableError(NO_PEERS)
            options[PEERS] = context.peers
        if expectation.nested:
            judge = partial(self._judge_nested, context, verdicts)
            nested = NestedExpectations(expectation.nested, judge)
            if definition.nested_key == definition.name:
                argument = nested
            else:
                options[names[str(definition.nested_key)]] = nested
        return definition.function(reply, argument, **options)

    def _judge_nested(
        self,
        context: EvaluationContext,
        verdicts: _NestedVerdicts,
        expectation: Expectation,
        reply: Reply,
    ) -> Verdict:
        return self._judge_with(expectation, reply, context, verdicts)

    def _unmeasured(self, expectation: Expectation, reply: Reply) -> Verdict | None:
        """Return the verdict if a transform reads a time that was not measured; else None."""
        expressions = self.registry.expressions
        if not expectation.transforms or expressions is None:
            return None
        names = (name for each in expectation.transforms for name in expressions.names(each))
        return None if TIMES.isdisjoint(names) else untimed(reply)

    def _transformed(
        self, expectation: Expectation, reply: Reply, context: EvaluationContext
    ) -> tuple[Reply, EvaluationContext]:
        """Return the reply to judge, and a context in which the peers are transformed as well."""
        if not expectation.transforms:
            return reply, context

        def transform(reply: Reply, variables: Mapping[str, Any]) -> Reply:
            return transformed(reply, expectation.transforms, variables, self.registry.expressions)

        if context.peers is not None:
            context = replace(context, peers=context.peers.through(transform))
        return transform(reply, context.variables), context


def _with_records(verdict: Verdict, nested: Mapping[_Key, Verdict]) -> Verdict:
    """Return a verdict with the judge calls and metrics of the awaited verdicts inside it."""
    calls = tuple(call for inside in nested.values() for call in inside.judge_calls)
    metrics = {name: value for inside in nested.values() for name, value in inside.metrics.items()}
    return replace(verdict, judge_calls=calls, metrics={**metrics, **verdict.metrics})


def _is_settled(at_best: Verdict, at_worst: Verdict) -> bool:
    """Return whether missing verdicts cannot change the whole: neither its result nor its score."""
    least, greatest = at_worst.possible_scores
    results = ((verdict.passed, verdict.score) for verdict in (at_best, at_worst))
    return not at_worst.is_error and least == greatest and len(set(results)) == 1


def _negated(verdict: Verdict) -> Verdict:
    if verdict.is_error or verdict.is_not_applicable or verdict.is_unreadable:
        return verdict
    score = 0.0 if verdict.passed else 1.0
    return replace(verdict, passed=not verdict.passed, score=score, expected=None, score_range=None)


def _verdict_of(error: Exception, reply: Reply) -> Verdict:
    """Return the verdict of an assertion that raised."""
    match error:
        case ContentError():
            reason = f"the output cannot be transformed: {error.problem}"
            return Verdict.unreadable(reason, actual=excerpt(reply.text))
        case ExpressionError():
            return Verdict.errored(f"the output cannot be transformed: {error.problem}")
        case NotComparableError():
            return Verdict.errored(str(error))
    # the innermost frames: those of the assertion, not those of the harness around it
    words = "".join(traceback.format_exception(error, limit=-_MOST_TRACEBACK_FRAMES))
    return Verdict.errored(f"the assertion raised {type(error).__name__}: {error}", words)
