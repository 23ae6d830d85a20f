from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.builtin import builtin_assertions
from harness.errors import SuiteError
from harness.loading.metrics import metric_name_problems, read_metrics
from harness.loading.nodes import MappingNode, data_of
from harness.model.suite import MetricDefinition
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions
from tests.support.sources import node_of
from tests.support.trials import expectation

ASSERTIONS = builtin_assertions(Expressions(TemplateEnvironment))


def root(metrics: str) -> MappingNode:
    node = node_of(f"metrics: {metrics}\n")
    assert isinstance(node, MappingNode)
    return node


def read(metrics: str) -> tuple[list[MetricDefinition], list[SuiteError]]:
    node, problems = root(metrics), list[SuiteError]()
    data: dict[str, Any] = data_of(node)
    return list(read_metrics(node, data, ASSERTIONS, problems)), problems


def test_a_metric_is_an_expression_or_has_limits() -> None:
    metrics, problems = read("{f1: a.sum / b.sum, recall: {value: a.mean, min: 0.5}}")

    assert problems == []
    assert metrics == [
        MetricDefinition("f1", "a.sum / b.sum"),
        MetricDefinition("recall", "a.mean", min=0.5),
    ]


@pytest.mark.parametrize(
    ("metrics", "position", "words"),
    [
        ("{f1: 'a.sum /'}", "1:15", "not an expression"),
        ("{f1: {value: 'a | frist'}}", "1:28", "No filter named 'frist'"),
        ("{f1: {value: a.sum, min: 2, max: 1}}", "1:35", "`min` is larger than `max`"),
    ],
)
def test_a_wrong_metric_is_reported_where_it_is_wrong(
    metrics: str, position: str, words: str
) -> None:
    _, (problem,) = read(metrics)

    assert str(problem.span).removeprefix("t.yaml:") == position
    assert words in problem.problem


def test_a_computed_metric_may_not_have_the_name_of_a_collected_one() -> None:
    metrics, _ = read("{f1: a.sum, tp: a.n}")
    expectations = [expectation(metric="tp"), expectation(metric="fp"), expectation()]

    (problem,) = metric_name_problems(root("{f1: a.sum, tp: a.n}"), metrics, expectations)

    assert str(problem.span) == "t.yaml:1:22"
    assert problem.problem == "the metric `tp` is also collected by an expectation"
