"""Reads expectations from nodes whose shape has been checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.assertions.conditions import is_true
from harness.assertions.expectation_schema import MODIFIERS
from harness.assertions.parameters import ArgumentError
from harness.assertions.registry import AssertionRegistry
from harness.errors import SuiteError
from harness.loading.arguments import argument_error
from harness.loading.nodes import MappingNode, Node, SequenceNode
from harness.loading.template_protocol import RendersTemplates
from harness.model.suite import Expectation
from harness.source import Text


class ExpectationReader:
    """Reads expectations; arguments that are templates are read again once they are rendered."""

    def __init__(self, assertions: AssertionRegistry, templates: RendersTemplates) -> None:
        self._assertions, self._templates = assertions, templates
        self._keys = assertions.keys  # the registry builds them anew each time

    def read(
        self,
        node: Node,
        items: Iterable[Mapping[str, Any]],
        problems: list[SuiteError],
        transforms: tuple[str, ...] = (),
    ) -> tuple[Expectation, ...]:
        """Return the valid expectations of a list.

        Args:
            node: The list.
            items: The plain data of its items.
            problems: Receives what is wrong with the others.
            transforms: Applied to the output before those of an expectation.
        """
        if not isinstance(node, SequenceNode):
            return ()
        expectations = []
        for item_node, item in zip(node.items, items, strict=True):
            assert isinstance(item_node, MappingNode)  # noqa: S101  # the shape has been checked
            expectation = self._expectation(item_node, item, problems, transforms)
            if expectation is not None:
                expectations.append(expectation)
        return tuple(expectations)

    def read_transform(
        self, node: MappingNode, item: Mapping[str, Any], problems: list[SuiteError]
    ) -> tuple[str, ...]:
        """Return the transform of a case or an expectation; none if it has none or a wrong one."""
        if "transform" not in item:
            return ()
        try:
            self._assertions.check_transform(item["transform"])
        except ArgumentError as error:
            problems.append(argument_error(node, error))
            return ()
        return (item["transform"],)

    def is_true(self, expression: Text, variables: Mapping[str, Any]) -> bool:
        """Return whether a condition is true.

        Raises:
            SuiteError: It is no expression, or has no value; in it.
        """
        return is_true(self._assertions.expressions, expression, variables)

    def _expectation(
        self,
        node: MappingNode,
        item: Mapping[str, Any],
        problems: list[SuiteError],
        transforms: tuple[str, ...],
    ) -> Expectation | None:
        key = next(key for key in item if key in self._keys)
        definition = self._keys[key]
        nested_key = key if definition.nested_key == definition.name else definition.nested_key
        nested: tuple[Expectation, ...] = ()
        if nested_key is not None and nested_key in item:
            nested = self.read(node.values[nested_key], item[nested_key], problems)
            problems += _nested_metric_problems(nested, key)
            problems += _nested_condition_problems(nested, key)
            if nested_key != key and (wrong := list(self._comparison_problems(nested, key))):
                problems += wrong
                return None
        not_options = {*MODIFIERS, key, nested_key}
        expectation = Expectation(
            assertion=definition.name,
            argument=None if nested_key == key else item[key],
            span=node.keys[key].span,
            is_negated=key != definition.name,
            options={name: value for name, value in item.items() if name not in not_options},
            weight=float(item.get("weight", 1.0)),
            name=item.get("name"),
            metric=item.get("metric"),
            is_warning=item.get("severity") == "warn",
            when=item.get("when"),
            nested=nested,
            transforms=(*transforms, *self.read_transform(node, item, problems)),
        )
        if self._templates.has_template(definition.templated_arguments(expectation)):
            return expectation
        try:
            return self._assertions.read(expectation)
        except ArgumentError as error:
            problems.append(argument_error(node, error))
            return None

    def _comparison_problems(
        self, nested: Iterable[Expectation], outer: str
    ) -> Iterator[SuiteError]:
        """Yield an error for each nested expectation that compares variants, which parts cannot."""
        for expectation in nested:
            for leaf in self._assertions.leaves(expectation):
                if self._assertions.compares(leaf):
                    problem = f"`{leaf.key}` compares whole replies, but `{outer}` judges parts"
                    fix = f"write `{leaf.key}` next to `{outer}`, with a `transform` for the part"
                    yield SuiteError(leaf.span, problem, fix)


def _nested_condition_problems(nested: Iterable[Expectation], outer: str) -> Iterator[SuiteError]:
    for expectation in nested:
        if expectation.when is not None:
            problem = f"`when` does not go with what is inside `{outer}`"
            yield SuiteError(expectation.when.span, problem, f"write `when` on `{outer}`")


def _nested_metric_problems(nested: Iterable[Expectation], outer: str) -> Iterator[SuiteError]:
    for expectation in nested:
        if expectation.metric is not None:
            yield SuiteError(
                expectation.span,
                f"a `metric` inside `{outer}` is never collected",
                f"write `metric` on `{outer}`",
            )
