"""Reads the metrics that a suite computes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.assertions.parameters import ArgumentError
from harness.assertions.registry import AssertionRegistry
from harness.errors import SuiteError
from harness.loading.arguments import argument_error
from harness.loading.nodes import MappingNode, node_at
from harness.model.suite import Expectation, MetricDefinition


def read_metrics(
    root: MappingNode,
    data: Mapping[str, Any],
    assertions: AssertionRegistry,
    problems: list[SuiteError],
) -> Iterator[MetricDefinition]:
    """Yield the computed metrics of a suite.

    Args:
        root: The suite.
        data: Its plain data.
        assertions: Checks the expressions.
        problems: Receives what is wrong.
    """
    for name, written in data.get("metrics", {}).items():
        is_short = isinstance(written, str)
        definition = {"value": written} if is_short else written
        path = ["metrics", name] if is_short else ["metrics", name, "value"]
        try:
            assertions.check_transform(definition["value"])
        except ArgumentError as error:
            # The path in the error belongs to a transform; in a metric only the offset is right.
            here = ArgumentError(error.problem, error.fix, (), error.offset)
            problems.append(argument_error(node_at(root, path), here))
            continue
        minimum, maximum = definition.get("min"), definition.get("max")
        if minimum is not None and maximum is not None and minimum > maximum:
            span = node_at(root, ["metrics", name, "min"]).span
            problems.append(SuiteError(span, "`min` is larger than `max`", "swap the two"))
        yield MetricDefinition(str(name), definition["value"], minimum, maximum)


def metric_name_problems(
    root: MappingNode, metrics: Iterable[MetricDefinition], expectations: Iterable[Expectation]
) -> Iterator[SuiteError]:
    """Yield an error for each computed metric with the name of a collected one."""
    collected = {expectation.metric for expectation in expectations}
    for metric in metrics:
        if metric.name in collected:
            metrics_node = node_at(root, ["metrics"])
            assert isinstance(metrics_node, MappingNode)  # noqa: S101  # it has been read
            yield SuiteError(
                metrics_node.keys[metric.name].span,
                f"the metric `{metric.name}` is also collected by an expectation",
                "give the computed metric another name",
            )
