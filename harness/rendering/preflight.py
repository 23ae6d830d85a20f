"""Finds what is wrong with templates before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.assertions.expressions_api import SCOPE
from harness.assertions.questions import PROMPT_NAMES
from harness.errors import BrokenSuitesError, SuiteError
from harness.model.suite import Case, Expectation, Suite, Trial
from harness.rendering.attachments import check_inline
from harness.rendering.requests import RequestRenderer
from harness.rendering.template import texts_in
from harness.rendering.templates import Templates
from harness.source import Span, Text
from harness.suggestions import closest

_MOST_PROBLEMS_OF_A_DATASET = 5


class Preflight:
    """Renders every case in every variant once, and looks into the branches not taken."""

    def __init__(self, templates: Templates, renderer: RequestRenderer) -> None:
        self._templates, self._renderer = templates, renderer
        self._latest: tuple[object, object, list[tuple[Span, str]]] = ((), (), [])

    def problems(self, suite: Suite, *, is_whole: bool = True) -> Iterator[SuiteError]:
        """Yield what is wrong; for a dataset's rows only as much as a person reads.

        Args:
            suite: What is looked through.
            is_whole: Whether nothing was left out of it because it was wrong already.
        """
        yield from self._judge_problems(suite)
        if is_whole:
            yield from self._metric_problems(suite)
        yield from self._case_problems(suite)

    def _judge_problems(self, suite: Suite) -> Iterator[SuiteError]:
        if suite.judge.prompt is not None:
            yield from self._templates.problems(suite.judge.prompt, PROMPT_NAMES)
            if "word" not in suite.judge.prompt:
                written = suite.judge.prompt
                yield SuiteError(
                    written.span,
                    "the judge's prompt does not tell it the `word` that its answer must hold",
                    "write `{{ word }}` into it",
                )

    def _case_problems(self, suite: Suite) -> Iterator[SuiteError]:
        looked_at: set[tuple[int, str]] = set()
        told: dict[object, int] = {}
        static: set[Span] = set()
        for case in suite.cases:
            for variant in suite.variants:
                if told.get(case.span, 0) >= _MOST_PROBLEMS_OF_A_DATASET:
                    continue
                trial = Trial(suite, case, variant, 1, case.repeat)
                key = (id(case.turns), variant.name)  # rows of a dataset share their turns
                if key not in looked_at:
                    looked_at.add(key)
                    found = list(self._static_problems(trial))
                    yield from found
                    static = {each.span for each in found}
                    if found and case.row:
                        told[case.span] = _MOST_PROBLEMS_OF_A_DATASET
                        continue
                for problem in self._problems_with_values(trial):
                    if problem.span in static:
                        continue
                    told[case.span] = told.get(case.span, 0) + 1
                    yield problem

    def _metric_problems(self, suite: Suite) -> Iterator[SuiteError]:
        """Yield what computed metrics name that is neither collected nor computed before them."""
        if not suite.metrics:
            return
        found = [expectation for case in suite.cases for expectation in _expectations(case)]
        if any(each.assertion == "python" for each in found):
            return  # a function may collect under any name
        names = {each.metric: None for each in found if each.metric is not None}
        for metric in suite.metrics:
            expression = metric.expression
            yield from self._unknown_in_expression(expression, suite.span, names, 0, scope=())
            names[metric.name] = None

    def _problems_with_values(self, trial: Trial) -> Iterator[SuiteError]:
        told: set[str] = set()  # a case's transform stands in each of its expectations
        expressions = self._expressions_of(trial.case)
        variables = trial.vars if expressions else {}
        for span, expression in expressions:
            for problem in self._unknown_in_expression(expression, span, variables, trial.case.row):
                if str(problem) not in told:
                    told.add(str(problem))
                    yield problem
        try:
            self._renderer.prepare(trial)
        except BrokenSuitesError as errors:
            where = f" (row {trial.case.row} of the dataset)" if trial.case.row else ""
            for error in errors.errors:
                yield SuiteError(error.span, error.problem + where, error.fix)

    def _expressions_of(self, case: Case) -> list[tuple[Span, str]]:
        """Return the expressions in a case, and where the expectations stand that hold them."""
        turns, expectations, expressions = self._latest
        if turns is not case.turns or expectations is not case.expectations:
            # rows of a dataset share both, and come one after the other
            expressions = [
                (expectation.span, expression)
                for expectation in _expectations(case)
                for expression in _expressions(expectation)
            ]
            self._latest = (case.turns, case.expectations, expressions)
        return expressions

    def _static_problems(self, trial: Trial) -> Iterator[SuiteError]:
        known = trial.vars
        for text in texts_in([turn.messages for turn in trial.case.turns]):
            yield from self._templates.problems(text, known)
        for text in texts_in(trial.request.get("system")):
            for problem in self._templates.problems(text, known):
                where = f" in the case `{trial.case.id}`"  # the text is shared, the place is not
                yield SuiteError(problem.span, problem.problem + where, problem.fix)
        for source in _inline_sources(trial.case):
            data = source["data"]
            if not self._templates.has_template(data):
                try:
                    check_inline(data, source["media_type"], data.span)
                except SuiteError as error:
                    yield error
        for expectation in _expectations(trial.case):
            if expectation.assertion != "that":
                yield from self._expectation_problems(expectation, known)

    def _expectation_problems(
        self, expectation: Expectation, known: dict[str, Any]
    ) -> Iterator[SuiteError]:
        for text in texts_in([expectation.argument, expectation.options]):
            yield from self._templates.problems(text, known)

    def _unknown_in_expression(
        self,
        expression: str,
        span: Span,
        known: Mapping[str, Any],
        row: int,
        scope: Sequence[str] = SCOPE,
    ) -> Iterator[SuiteError]:
        missing = self._templates.names_in_expression(expression).difference(scope, known)
        names = [*scope, *known]
        where = f" (row {row} of the dataset)" if row > 1 else ""
        for name in sorted(missing):
            meant = closest(name, names)
            fix = f"write `{meant}`" if meant else f"known are {', '.join(names[:20]) or 'none'}"
            found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", expression)
            offset = found.start() if found else 0
            if isinstance(expression, Text):
                span = expression.span_at(offset, len(name))
            yield SuiteError(span, f"undefined variable `{name}`{where}", fix)


def _expectations(case: Case) -> Iterator[Expectation]:
    yield from _with_nested(case.all_expectations)


def _with_nested(expectations: Iterable[Expectation]) -> Iterator[Expectation]:
    for expectation in expectations:
        yield expectation
        yield from _with_nested(expectation.nested)


def _expressions(expectation: Expectation) -> Iterator[str]:
    yield from expectation.transforms
    if expectation.assertion == "that":
        yield expectation.argument


def _inline_sources(case: Case) -> Iterator[dict[str, Any]]:
    for turn in case.turns:
        for message in turn.messages:
            content = message["content"]
            for block in content if isinstance(content, list) else ():
                source = block.get("source", block)
                if "data" in source:
                    yield source
