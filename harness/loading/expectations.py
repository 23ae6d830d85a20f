"""What is expected of replies, read from nodes that have the right shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from harness.assertions.expectation_schema import MODIFIERS
from harness.assertions.parameters import ArgumentError
from harness.assertions.registry import AssertionRegistry
from harness.errors import SuiteError
from harness.loading.nodes import MappingNode, Node, SequenceNode
from harness.loading.shape import node_at
from harness.model.suite import Expectation, MetricDefinition
from harness.source import Span, Text


class RendersTemplates(Protocol):
    """What loading needs of templates: to know them, and to render the ids of a dataset's cases."""

    def has_template(self, value: Any) -> bool:
        """Return whether a text, or a text anywhere in a value, has to be rendered."""

    def render(self, text: Text, variables: Mapping[str, Any]) -> str:
        """Return the rendered text.

        Raises:
            SuiteError: It cannot be rendered with these variables.
        """


class ExpectationReader:
    """Reads expectations; those that are templates are read again when they are rendered."""

    def __init__(self, assertions: AssertionRegistry, templates: RendersTemplates) -> None:
        self.assertions, self._templates = assertions, templates

    def read(
        self,
        node: Node,
        items: Iterable[Mapping[str, Any]],
        problems: list[SuiteError],
        transforms: tuple[str, ...] = (),
    ) -> tuple[Expectation, ...]:
        """Return the expectations of a list; what is wrong with one is added to `problems`.

        Args:
            node: The list.
            items: What it holds.
            problems: What is wrong.
            transforms: What is done to the output first.
        """
        if not isinstance(node, SequenceNode):
            return ()
        found = []
        for each, item in zip(node.items, items, strict=True):
            assert isinstance(each, MappingNode)  # noqa: S101  # the shape has been checked
            expectation = self._one(each, item, problems, transforms)
            if expectation is not None:
                found.append(expectation)
        return tuple(found)

    def transform(
        self, node: MappingNode, item: Mapping[str, Any], problems: list[SuiteError]
    ) -> tuple[str, ...]:
        """Return the transform that is written in a mapping, if there is one that is right."""
        if "transform" not in item:
            return ()
        try:
            self.assertions.check_transform(item["transform"])
        except ArgumentError as error:
            problems.append(SuiteError(_argument_span(node, error), error.problem, error.fix))
            return ()
        return (item["transform"],)

    def metrics(
        self, root: MappingNode, data: Mapping[str, Any], problems: list[SuiteError]
    ) -> Iterator[MetricDefinition]:
        """Yield the metrics that a suite computes; what is wrong is added to `problems`."""
        for name, written in data.get("metrics", {}).items():
            is_short = isinstance(written, str)
            definition = {"value": written} if is_short else written
            path = ["metrics", name] if is_short else ["metrics", name, "value"]
            try:
                self.assertions.check_transform(definition["value"])
            except ArgumentError as error:
                value = node_at(root, path)
                span = _argument_span(value, ArgumentError("", "", (), error.offset))
                problems.append(SuiteError(span, error.problem, error.fix))
                continue
            least, most = definition.get("min"), definition.get("max")
            if least is not None and most is not None and least > most:
                span = node_at(root, ["metrics", name, "min"]).span
                problems.append(SuiteError(span, "`min` is larger than `max`", "swap the two"))
            yield MetricDefinition(str(name), definition["value"], least, most)

    def check_metric_names(
        self,
        root: MappingNode,
        metrics: Iterable[MetricDefinition],
        expectations: Iterable[Expectation],
        problems: list[SuiteError],
    ) -> None:
        """Refuse computed metrics that are called like collected ones."""
        collected = {expectation.metric for expectation in expectations}
        for metric in metrics:
            if metric.name in collected:
                metrics_node = node_at(root, ["metrics"])
                assert isinstance(metrics_node, MappingNode)  # noqa: S101  # it has been read
                problem = f"the metric `{metric.name}` is collected by an expectation"
                span = metrics_node.keys[metric.name].span
                problems.append(SuiteError(span, problem, "give what is computed its own name"))

    def _incomparable(self, nested: Iterable[Expectation], outer: str) -> Iterator[SuiteError]:
        for each in nested:
            for leaf in self.assertions.leaves(each):
                if self.assertions.compares(leaf):
                    problem = f"`{leaf.key}` compares whole replies, and `{outer}` judges parts"
                    fix = f"write `{leaf.key}` beside `{outer}`, with a `transform` for the part"
                    yield SuiteError(leaf.span, problem, fix)

    def _one(
        self,
        node: MappingNode,
        item: Mapping[str, Any],
        problems: list[SuiteError],
        transforms: tuple[str, ...],
    ) -> Expectation | None:
        keys = self.assertions.keys
        key = next(key for key in item if key in keys)
        definition = keys[key]
        nested_key = key if definition.nested_key == definition.name else definition.nested_key
        nested: tuple[Expectation, ...] = ()
        if nested_key is not None and nested_key in item:
            nested = self.read(node.values[nested_key], item[nested_key], problems)
            problems += _uncollected(nested, key)
            if nested_key != key and (wrong := list(self._incomparable(nested, key))):
                problems += wrong
                return None
        left_out = {*MODIFIERS, key, nested_key}
        expectation = Expectation(
            assertion=definition.name,
            argument=None if nested_key == key else item[key],
            span=node.keys[key].span,
            is_negated=key != definition.name,
            options={name: value for name, value in item.items() if name not in left_out},
            weight=float(item.get("weight", 1.0)),
            name=item.get("name"),
            metric=item.get("metric"),
            is_warning=item.get("severity") == "warn",
            nested=nested,
            transforms=(*transforms, *self.transform(node, item, problems)),
        )
        if self._templates.has_template(definition.templated_arguments(expectation)):
            return expectation
        try:
            return self.assertions.read(expectation)
        except ArgumentError as error:
            span = _argument_span(node, error)
            problems.append(SuiteError(span, error.problem, error.fix))
            return None


def _uncollected(nested: Iterable[Expectation], outer: str) -> Iterator[SuiteError]:
    for each in nested:
        if each.metric is not None:
            yield SuiteError(
                each.span,
                f"a `metric` inside `{outer}` is collected by nobody",
                f"write `metric` on `{outer}`",
            )


def _argument_span(node: Node, error: ArgumentError) -> Span:
    found = node_at(node, error.path)
    value = getattr(found, "value", None)
    if isinstance(value, Text) and error.offset:
        return value.span_at(min(error.offset, len(value) - 1))
    return found.span
