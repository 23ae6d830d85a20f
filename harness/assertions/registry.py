"""Assertions by name: declared once, and asked for from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from harness.assertions.definition import AssertionDefinition, Judging, define
from harness.assertions.expressions_api import Evaluates, ExpressionError
from harness.assertions.parameters import ArgumentError, ParameterType
from harness.assertions.peers import VariantComparison
from harness.errors import DefinitionError
from harness.model.suite import Expectation

AssertionFunction = TypeVar("AssertionFunction", bound=Callable[..., Judging])


class AssertionRegistry:
    """Assertions by name.

    Args:
        expressions: What evaluates transforms; without it there are none.
    """

    def __init__(self, expressions: Evaluates | None = None) -> None:
        self.expressions = expressions
        self._definitions: dict[str, AssertionDefinition] = {}

    def register(
        self,
        name: str,
        *,
        is_negatable: bool = True,
        argument: ParameterType | None = None,
        is_slow: bool = False,
        compares: VariantComparison | None = None,
    ) -> Callable[[AssertionFunction], AssertionFunction]:
        """Declare a function as an assertion; its signature says what YAML may hold.

        The function takes the reply, then the argument, then keyword-only options. Three
        keyword-only parameters are no options: `variables` receives the trial's variables, `judge`
        one that answers questions, and `peers` what the other variants came to. A coroutine
        function is waited for.

        Raises:
            DefinitionError: The signature cannot be read as that, or the name is taken.
        """

        def declare(function: AssertionFunction) -> AssertionFunction:
            definition = define(
                name,
                function,
                argument=argument,
                is_negatable=is_negatable,
                is_slow=is_slow,
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
                f" {taken.place} and {definition.place}"
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
        """Every way to name an assertion in YAML, with `not_` where it is allowed."""
        keys = dict(self._definitions)
        for name, definition in self._definitions.items():
            if definition.is_negatable:
                keys[f"not_{name}"] = definition
        return keys

    def read(self, expectation: Expectation) -> Expectation:
        """Return the expectation with rendered arguments turned into what its assertion takes.

        Raises:
            ArgumentError: An argument cannot be used.
        """
        definition = self._definitions[expectation.assertion]
        argument = expectation.argument
        if definition.inner != definition.name:
            argument = _read(definition.argument, argument, expectation.key)
        options = {
            key: _read(definition.options[key], value, key)
            for key, value in expectation.options.items()
        }
        return replace(expectation, argument=argument, options=options)

    def check_transform(self, expression: str) -> None:
        """Make sure that a transform can be evaluated.

        Raises:
            ArgumentError: It is no expression.
        """
        if self.expressions is None:
            raise ArgumentError("transforms are not known here", "remove it")
        try:
            self.expressions.check(expression)
        except ExpressionError as error:
            path = ("transform",)
            raise ArgumentError(error.problem, error.fix, path, error.offset) from error

    def leaves(self, expectation: Expectation) -> Iterator[Expectation]:
        """Yield the expectations that an expectation is made of in the end, or itself."""
        if not expectation.inner:
            yield expectation
        for each in expectation.inner:
            yield from self.leaves(each)

    def waits(self, expectation: Expectation) -> bool:
        """Return whether the verdict on an expectation, or on one inside it, is waited for."""
        return any(self[leaf.assertion].waits for leaf in self.leaves(expectation))

    def wants_judge(self, expectation: Expectation) -> bool:
        """Return whether a judge decides an expectation, or one inside it."""
        return any(self[leaf.assertion].wants_judge for leaf in self.leaves(expectation))

    def compares(self, expectation: Expectation) -> bool:
        """Return whether an expectation, or one inside it, compares the variants of a case."""
        return any(self[leaf.assertion].compares for leaf in self.leaves(expectation))

    def is_slow(self, expectation: Expectation) -> bool:
        """Return whether an expectation, or one inside it, may take long to judge."""
        is_slow = self._definitions[expectation.assertion].is_slow
        return is_slow or any(map(self.is_slow, expectation.inner))

    def is_immediate(self, expectation: Expectation) -> bool:
        """Return whether the verdict is there at once, with nothing to wait for."""
        is_immediate = self._definitions[expectation.assertion].is_immediate
        if expectation.inner:
            return is_immediate and all(map(self.is_immediate, expectation.inner))
        return is_immediate


def _read(kind: ParameterType, value: Any, key: str) -> Any:
    try:
        return kind.read(value)
    except ArgumentError as error:
        problem = f"`{key}`: {error.problem}"
        raise ArgumentError(problem, error.fix, (key, *error.path), error.offset) from error
