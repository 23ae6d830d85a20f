"""Computes what suites ask of their metrics, from what was collected."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.app.plan.components import make_expressions
from harness.assertions.expressions_api import ExpressionError
from harness.model.suite_head import SuiteHead
from harness.reporting.metrics import ComputedMetric
from harness.reporting.summary import RunSummary


def compute_metrics(suites: Iterable[SuiteHead], summary: RunSummary) -> list[ComputedMetric]:
    """Return the computed metrics of all suites and variants.

    Limits are for whole suites: where some cases did not run, as in a shard, they are not checked.

    Args:
        suites: What the run file says of the suites.
        summary: Has the metrics that were collected.
    """
    with_metrics = {suite.name: suite for suite in suites if suite.metrics}
    computed: list[ComputedMetric] = []
    for group in summary.groups:
        suite = with_metrics.get(group[0])
        if suite is None:
            continue
        computed += _computed(suite, group[1], summary)
    return computed


def _computed(suite: SuiteHead, variant: str, summary: RunSummary) -> Iterator[ComputedMetric]:
    group = (suite.name, variant)
    # What is computed joins the scope, so a metric may use those above it.
    scope: dict[str, Any] = {
        name: {"sum": tally.sum, "mean": tally.mean, "n": tally.n}
        for (*group_of, name), tally in summary.metrics.items()
        if tuple(group_of) == group
    }
    not_applicable = _names(summary.not_applicable, group) - scope.keys()
    incomplete = _names(summary.incomplete, group)
    for metric in suite.metrics:
        words = metric.words
        if not_applicable & words:
            not_applicable.add(metric.name)  # what this variant lacks, nothing can be computed from
            continue
        value, problem = _evaluated(metric.expression, scope, sorted(words & incomplete))
        if value is not None:
            scope[metric.name] = value
        yield ComputedMetric(
            *group,
            metric.name,
            value,
            problem,
            metric.min,
            metric.max,
            summary.ended(group),
            suite.cases,
        )


def _names(metrics: Iterable[tuple[str, str, str]], group: tuple[str, str]) -> set[str]:
    return {name for *group_of, name in metrics if tuple(group_of) == group}


def _evaluated(
    expression: str, scope: Mapping[str, Any], incomplete: Sequence[str]
) -> tuple[float | None, str]:
    """Return the value of an expression, or None and why it has none."""
    # computed from the rest, a metric would look better than what was judged
    if incomplete:
        names = ", ".join(f"`{name}`" for name in incomplete)
        return None, f"some expectations of {names} could not be judged"
    try:
        result = make_expressions().evaluate(expression, scope)
        # True is an int in Python, but a truth value is not a measurement
        if isinstance(result, bool) or not isinstance(result, int | float):
            return None, f"it is {result!r}, not a number"
        value = float(result)
    except ExpressionError as error:
        return None, error.problem
    except OverflowError:
        return None, "it is too large"
    if not math.isfinite(value):
        return None, f"it is {value}, not a finite number"
    return value, ""
