"""Computes what suites ask of their metrics, from what was collected."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.app.plan.components import make_expressions
from harness.assertions.expressions_api import ExpressionError
from harness.reporting.metrics import ComputedMetric
from harness.reporting.summary import RunSummary

_WORD = re.compile(r"\w+")


def compute_metrics(
    suites: Iterable[Mapping[str, Any]], summary: RunSummary
) -> list[ComputedMetric]:
    """Return the computed metrics of all suites and variants.

    Limits are for whole suites: where some cases did not run, as in a shard, a metric has none, and
    is left out if it cannot be computed.

    Args:
        suites: What the run file says of the suites.
        summary: Has the metrics that were collected.
    """
    known = {str(suite["name"]): suite for suite in suites if suite.get("metrics")}
    found = []
    for group in summary.groups:
        suite = known.get(group[0])
        if suite is None:
            continue
        computed = _computed(*group, suite["metrics"], summary)
        if summary.ended[group] < suite.get("cases", 0):
            computed = (replace(metric, min=None, max=None) for metric in computed)
            found += [metric for metric in computed if metric.value is not None]
        else:
            found += computed
    return found


def _computed(
    suite: str, variant: str, definitions: Mapping[str, Mapping[str, Any]], summary: RunSummary
) -> Iterator[ComputedMetric]:
    expressions = make_expressions()
    left_out = {name for *group, name in summary.left_out if group == [suite, variant]}
    scope: dict[str, Any] = {
        name: {"sum": tally.sum, "mean": tally.mean, "n": tally.n}
        for (of_suite, of_variant, name), tally in summary.metrics.items()
        if (of_suite, of_variant) == (suite, variant)
    }
    left_out -= scope.keys()
    incomplete = {name for *group, name in summary.incomplete if group == [suite, variant]}
    for name, definition in definitions.items():
        words = set(_WORD.findall(str(definition["value"])))
        if left_out & words:
            left_out.add(name)  # this variant has nothing that it could be computed from
            continue
        value, problem = None, ""
        try:
            if missing := sorted(words & incomplete):
                what = ", ".join(f"`{each}`" for each in missing)
                raise ExpressionError(f"not everything that {what} needs could be judged", "")
            found = expressions.evaluate(str(definition["value"]), scope)
            if isinstance(found, bool) or not isinstance(found, int | float):
                raise ExpressionError(f"it is {found!r}, and no number", "")
            value = float(found)
            if not math.isfinite(value):
                raise ExpressionError(f"it is {value}, and no number", "")
        except ExpressionError as error:
            value, problem = None, error.problem
        except OverflowError:
            problem = "it is too large"
        if value is not None:
            scope[name] = value
        limits = (definition.get("min"), definition.get("max"))
        yield ComputedMetric(suite, variant, name, value, problem, *limits)
