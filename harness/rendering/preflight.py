"""Finds mistakes in templates before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.assertions.expressions_api import SCOPE
from harness.assertions.questions import PROMPT_NAMES
from harness.errors import BrokenSuitesError, SuiteError
from harness.model.blocks import MOST_MARKED, marked_blocks
from harness.model.request import PreparedTrial
from harness.model.suite import Case, Expectation, Suite, Trial
from harness.rendering.attachments import check_inline
from harness.rendering.requests import RENDERED_FIELDS, RequestRenderer
from harness.rendering.same_requests import SameRequests
from harness.rendering.template import texts_in
from harness.rendering.templates import Templates
from harness.rendering.variable_uses import expressions_of, with_nested
from harness.source import Span, Text
from harness.suggestions import closest

_MAX_PROBLEMS_PER_DATASET = 5


class Preflight:
    """Renders every case in every variant once, and checks branches that are not taken."""

    def __init__(self, templates: Templates, renderer: RequestRenderer) -> None:
        self._templates, self._renderer = templates, renderer
        self._latest: tuple[object, object, list[tuple[Span, str]]] = ((), (), [])

    def problems(
        self, suite: Suite, *, is_whole: bool = True, same_requests: SameRequests | None = None
    ) -> Iterator[SuiteError]:
        """Yield what is wrong, at most five problems for each dataset.

        Args:
            suite: The suite to check.
            is_whole: Whether loading left no broken part out of it.
            same_requests: Is given each case that has no problem.
        """
        yield from self._judge_problems(suite)
        if is_whole:
            yield from self._metric_problems(suite)
        yield from self._case_problems(suite, same_requests)

    def _judge_problems(self, suite: Suite) -> Iterator[SuiteError]:
        if suite.judge.prompt is not None:
            yield from self._templates.problems(suite.judge.prompt, PROMPT_NAMES)
            if "word" not in suite.judge.prompt:
                yield SuiteError(
                    suite.judge.prompt.span,
                    "the judge prompt does not contain `word`, which the answer must repeat",
                    "add `{{ word }}` to the prompt",
                )

    def _case_problems(
        self, suite: Suite, same_requests: SameRequests | None
    ) -> Iterator[SuiteError]:
        checked: set[tuple[int, int, str]] = set()
        reported: dict[Span, int] = {}
        static: set[Span] = set()
        for case in suite.cases:
            prepared: list[PreparedTrial] = []
            for variant in suite.variants:
                if reported.get(case.span, 0) >= _MAX_PROBLEMS_PER_DATASET:
                    continue
                trial = Trial(suite, case, variant, 1, case.repeat)
                # the rows of a dataset share their turns and what they expect
                key = (id(trial.turns), id(case.expectations), variant.name)
                if key not in checked:
                    checked.add(key)
                    problems = list(self._static_problems(trial))
                    yield from problems
                    static = {problem.span for problem in problems}
                    if problems and case.row:
                        reported[case.span] = _MAX_PROBLEMS_PER_DATASET
                        continue
                for problem in self._problems_with_values(trial, prepared):
                    if problem.span in static:
                        continue
                    reported[case.span] = reported.get(case.span, 0) + 1
                    yield problem
            if same_requests is not None and len(prepared) == len(suite.variants):
                same_requests.add(case, prepared)

    def _metric_problems(self, suite: Suite) -> Iterator[SuiteError]:
        """Yield names in computed metrics that are neither collected nor computed before."""
        if not suite.metrics:
            return
        expectations = [part for case in suite.cases for part in _expectations(case)]
        if any(expectation.assertion == "python" for expectation in expectations):
            return  # a function may collect metrics under any name
        names = {part.metric: None for part in expectations if part.metric is not None}
        for metric in suite.metrics:
            expression = metric.expression
            yield from self._unknown_in_expression(expression, suite.span, names, 0, scope=())
            names[metric.name] = None

    def _problems_with_values(
        self, trial: Trial, prepared: list[PreparedTrial]
    ) -> Iterator[SuiteError]:
        """Yield what is wrong with a trial, which is added to `prepared` if it can be rendered."""
        reported: set[str] = set()  # each expectation of a case has the case's transform
        expressions = self._expressions_of(trial.case)
        variables = trial.vars if expressions else {}
        for span, expression in expressions:
            for problem in self._unknown_in_expression(expression, span, variables, trial.case.row):
                if str(problem) not in reported:
                    reported.add(str(problem))
                    yield problem
        try:
            prepared.append(self._renderer.prepare(trial))
        except BrokenSuitesError as errors:
            where = f" (row {trial.case.row} of the dataset)" if trial.case.row else ""
            if not trial.case.turns and not where:
                where = f" in the case `{trial.case.id}`"  # the cases share the prompt
            for error in errors.errors:
                yield SuiteError(error.span, error.problem + where, error.fix)

    def _expressions_of(self, case: Case) -> list[tuple[Span, str]]:
        """Return the expressions in a case, each with the position of its expectation."""
        turns, expectations, expressions = self._latest
        if turns is not case.turns or expectations is not case.expectations:
            # the rows of a dataset share both, and come one after the other
            expressions = [
                (expectation.span, expression)
                for expectation in _expectations(case)
                for expression in expressions_of(expectation)
            ]
            self._latest = (case.turns, case.expectations, expressions)
        return expressions

    def _static_problems(self, trial: Trial) -> Iterator[SuiteError]:
        names = trial.vars
        request = trial.request
        shared: list[object] = [request.get(name) for name in RENDERED_FIELDS]
        messages = [turn.messages for turn in trial.turns]
        own: list[object] = [trial.case.output]
        (own if trial.case.turns else shared).append(messages)
        for text in texts_in(own):
            yield from self._templates.problems(text, names)
        for text in texts_in(shared):
            for problem in self._templates.problems(text, names):
                where = f" in the case `{trial.case.id}`"  # the cases share the text
                yield SuiteError(problem.span, problem.problem + where, problem.fix)
        yield from _too_many_marked(trial)
        for source in _inline_sources(trial):
            data = source["data"]
            if not self._templates.has_template(data):
                try:
                    check_inline(data, source["media_type"], data.span)
                except SuiteError as error:
                    yield error
        for expectation in _expectations(trial.case):
            if expectation.assertion != "that":
                yield from self._expectation_problems(expectation, names)

    def _expectation_problems(
        self, expectation: Expectation, names: dict[str, Any]
    ) -> Iterator[SuiteError]:
        for text in texts_in([expectation.argument, expectation.options]):
            yield from self._templates.problems(text, names)

    def _unknown_in_expression(
        self,
        expression: str,
        span: Span,
        variables: Mapping[str, Any],
        row: int,
        scope: Sequence[str] = SCOPE,
    ) -> Iterator[SuiteError]:
        missing = self._templates.names_in_expression(expression).difference(scope, variables)
        names = [*scope, *variables]
        where = f" (row {row} of the dataset)" if row > 1 else ""
        for name in sorted(missing):
            close = closest(name, names)
            fix = f"write `{close}`" if close else _use_one_of(names)
            match = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", expression)
            offset = match.start() if match else 0
            if isinstance(expression, Text):
                span = expression.span_at(offset, len(name))
            yield SuiteError(span, f"undefined variable `{name}`{where}", fix)


def _use_one_of(names: Sequence[str]) -> str:
    return f"use one of {', '.join(names[:20])}" if names else "remove it: no name is defined here"


def _expectations(case: Case) -> Iterator[Expectation]:
    yield from with_nested(case.all_expectations)


def _too_many_marked(trial: Trial) -> Iterator[SuiteError]:
    request = trial.request
    messages = [message for turn in trial.turns for message in turn.messages]
    tools = request.get("tools") or request.get("extra", {}).get("tools")
    marked = marked_blocks(request.get("system"), tools, messages)
    if len(marked) > MOST_MARKED:
        kind = marked[MOST_MARKED].get("type")
        yield SuiteError(
            kind.span if isinstance(kind, Text) else trial.case.span,
            f"{len(marked)} blocks of a request have `cache_control`",
            f"mark {MOST_MARKED} at most: the API refuses more",
        )


def _inline_sources(trial: Trial) -> Iterator[Mapping[str, Any]]:
    for turn in trial.turns:
        for message in turn.messages:
            yield from _sources_in(message["content"])


def _sources_in(content: Any) -> Iterator[Mapping[str, Any]]:
    """Yield what holds base64 among blocks, and among the blocks inside them."""
    for block in content if isinstance(content, list) else ():
        source = block.get("source", block)
        if "data" in source and "media_type" in source and source.get("type") != "text":
            yield source
        yield from _sources_in(block.get("content"))
        yield from _sources_in(source.get("content"))
