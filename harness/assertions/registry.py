"""The registry: assertions by name, each declared once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from harness.assertions.definition import AssertionDefinition, Judging, define
from harness.assertions.expressions_api import ExpressionError, ExpressionEvaluator
from harness.assertions.parameters import ArgumentError, ParameterType
from harness.assertions.peers import VariantComparison
from harness.errors import DefinitionError
from harness.model.suite import Expectation

AssertionFunction = TypeVar("AssertionFunction", bound=Callable[..., Judging])


class AssertionRegistry:
    """Assertions by name, in the order of their registration.

    Args:
        expressions: Evaluates transforms; without it suites cannot have any.
    """

    def __init__(self, expressions: ExpressionEvaluator | None = None) -> None:
        self.expressions = expressions
        self._definitions: dict[str, AssertionDefinition] = {}

    def register(
        self,
        name: str,
        *,
        is_negatable: bool = True,
        argument: ParameterType | None = None,
        is_slow: bool = False,
        runs_code: bool = False,
        compares: VariantComparison | None = None,
    ) -> Callable[[AssertionFunction], AssertionFunction]:
        """Register a function as an assertion; its signature becomes the schema of its YAML.

        The function takes the reply, then the argument, then keyword-only options. Three
        keyword-only parameters are not options: `variables` receives the trial's variables,
        `judge` the judge model (`Judge`), and `peers` the results of the case's other variants
        (`PeerResults`). A coroutine function is awaited.

        Args:
            name: How suites write it.
            is_negatable: Whether suites may write `not_` before the name.
            argument: The type of the argument, instead of that of the annotation.
            is_slow: Whether it is judged in a thread, because it may take a second.
            runs_code: Whether it runs code of the project, which a run has to allow.
            compares: Which variants it compares, if it takes `peers`.

        Raises:
            DefinitionError: The signature is not that of an assertion, or the name is taken.
        """

        def declare(function: AssertionFunction) -> AssertionFunction:
            definition = define(
                name,
                function,
                argument=argument,
                is_negatable=is_negatable,
                is_slow=is_slow,
                runs_code=runs_code,
                compares=compares,
            )
            self._add(definition)
            return function

        return declare

    def include(self, other: AssertionRegistry) -> None:
        """Add all assertions of another registry.

        Raises:
            DefinitionError: A name is taken.
        """
        for definition in other:
            self._add(definition)

    def _add(self, definition: AssertionDefinition) -> None:
        taken = self._definitions.get(definition.name)
        if taken is not None:
            raise DefinitionError(
                f"the assertion `{definition.name}` is declared twice:"
                f" {taken.location} and {definition.location}"
            )
        self._definitions[definition.name] = definition

    def __iter__(self) -> Iterator[AssertionDefinition]:
        return iter(self._definitions.values())

    def __getitem__(self, name: str) -> AssertionDefinition:
        return self._definitions[name]

    def __contains__(self, name: object) -> bool:
        return name in self._definitions

    @property
    def keys(self) -> dict[str, AssertionDefinition]:
        """The definitions by every key that YAML may have, `not_…` included."""
        keys = dict(self._definitions)
        for name, definition in self._definitions.items():
            if definition.is_negatable:
                keys[f"not_{name}"] = definition
        return keys

    def read(self, expectation: Expectation) -> Expectation:
        """Return the expectation with its rendered arguments turned into what its assertion takes.

        Raises:
            ArgumentError: An argument is invalid.
        """
        definition = self._definitions[expectation.assertion]
        argument = expectation.argument
        if definition.nested_key != definition.name:
            argument = _read(definition.argument, argument, expectation.key)
        options = {
            key: _read(definition.options[key], value, key)
            for key, value in expectation.options.items()
        }
        return replace(expectation, argument=argument, options=options)

    def check_transform(self, expression: str) -> None:
        """Check a transform.

        Raises:
            ArgumentError: It is not an expression.
        """
        if self.expressions is None:
            raise ArgumentError("transforms cannot be evaluated here", "remove it")
        try:
            self.expressions.check(expression)
        except ExpressionError as error:
            path = ("transform",)
            raise ArgumentError(error.problem, error.fix, path, error.offset) from error

    def leaves(self, expectation: Expectation) -> Iterator[Expectation]:
        """Yield the innermost expectations nested in an expectation, or the expectation itself."""
        if not expectation.nested:
            yield expectation
        for nested in expectation.nested:
            yield from self.leaves(nested)

    def is_async(self, expectation: Expectation) -> bool:
        """Return whether an expectation, or one nested in it, has to be awaited."""
        return any(self[leaf.assertion].is_async for leaf in self.leaves(expectation))

    def wants_judge(self, expectation: Expectation) -> bool:
        """Return whether an expectation, or one nested in it, needs a judge model."""
        return any(self[leaf.assertion].wants_judge for leaf in self.leaves(expectation))

    def compares(self, expectation: Expectation) -> bool:
        """Return whether an expectation, or one nested in it, compares the variants of a case."""
        return any(self[leaf.assertion].compares for leaf in self.leaves(expectation))

    def is_slow(self, expectation: Expectation) -> bool:
        """Return whether an expectation, or one nested in it, may take long to judge."""
        is_slow = self._definitions[expectation.assertion].is_slow
        return is_slow or any(map(self.is_slow, expectation.nested))

    def is_immediate(self, expectation: Expectation) -> bool:
        """Return whether an expectation, with all nested in it, can be judged at once."""
        is_immediate = self._definitions[expectation.assertion].is_immediate
        if expectation.nested:
            return is_immediate and all(map(self.is_immediate, expectation.nested))
        return is_immediate


def _read(kind: ParameterType, value: Any, key: str) -> Any:
    try:
        return kind.read(value)
    except ArgumentError as error:
        problem = f"`{key}`: {error.problem}"
        raise ArgumentError(problem, error.fix, (key, *error.path), error.offset) from error
