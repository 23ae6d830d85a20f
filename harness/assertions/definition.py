"""An assertion's definition: everything the harness knows of it, read from its signature."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from harness.assertions.nested import EXPECTATIONS
from harness.assertions.parameters import VARIANT, ParameterType, parameter_type
from harness.assertions.peers import VariantComparison
from harness.errors import DefinitionError
from harness.model.outcome import Verdict
from harness.model.suite import Expectation

Judging = Verdict | Awaitable[Verdict]
VARIABLES = "variables"
JUDGE = "judge"
PEERS = "peers"
_INJECTED = frozenset({VARIABLES, JUDGE, PEERS})


@dataclass(frozen=True, slots=True)
class AssertionDefinition:
    """An assertion's function, with what its signature says.

    Attributes:
        argument: The type of the value behind its name in YAML.
        options: The types of its options, by their keys in YAML.
        injected: The special parameters it takes, which are not options: some of `variables`,
            `judge` and `peers`.
        is_negatable: Whether `not_` may precede its name.
        is_slow: Whether judging may take so long that it must not block other trials.
        runs_code: Whether it runs code of the project, which a run has to allow.
        is_async: Whether its function is a coroutine function.
        compares: Which variants it compares; None if it judges one reply.
        nested_key: The key that holds nested expectations: its own name or that of an option.
        variant_key: The key that names a variant: its own name or that of an option.
        parameters: The function's parameter for each option: the option's key, with `_` appended
            where Python reserves or shadows the name.
    """

    name: str
    function: Callable[..., Judging]
    argument: ParameterType
    options: Mapping[str, ParameterType]
    injected: frozenset[str]
    is_negatable: bool = True
    is_slow: bool = False
    runs_code: bool = False
    is_async: bool = False
    compares: VariantComparison | None = None
    nested_key: str | None = None
    variant_key: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def wants_judge(self) -> bool:
        """Whether it needs a judge model."""
        return JUDGE in self.injected

    @property
    def is_immediate(self) -> bool:
        """Whether it can be judged at once: no waiting, no thread, no other variants."""
        return not (self.is_async or self.is_slow or self.compares)

    @property
    def required_options(self) -> tuple[str, ...]:
        """The options without a default."""
        parameters = inspect.signature(self.function).parameters
        empty = inspect.Parameter.empty
        return tuple(k for k, name in self.parameters.items() if parameters[name].default is empty)

    def templated_arguments(self, expectation: Expectation) -> list[Any]:
        """Return those arguments of an expectation in which templates are rendered."""
        options = [
            value for key, value in expectation.options.items() if self.options[key].is_templated
        ]
        return [expectation.argument, *options] if self.argument.is_templated else options

    def compared_variant(self, expectation: Expectation) -> str:
        """Return the name of the variant that an expectation compares with."""
        if self.variant_key == self.name:
            return str(expectation.argument)
        return str(expectation.options[str(self.variant_key)])

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def location(self) -> str:
        """The module and name of its function."""
        return f"{self.function.__module__}.{self.function.__qualname__}"


def define(
    name: str,
    function: Callable[..., Judging],
    *,
    argument: ParameterType | None = None,
    is_negatable: bool = True,
    is_slow: bool = False,
    runs_code: bool = False,
    compares: VariantComparison | None = None,
) -> AssertionDefinition:
    """Read a definition from the signature of an assertion's function.

    Raises:
        DefinitionError: The signature is not that of an assertion.
    """
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())
    if len(parameters) < 2 or any(p.kind is not p.KEYWORD_ONLY for p in parameters[2:]):
        raise DefinitionError(
            f"the assertion `{name}` must take a reply, an argument and keyword-only options"
        )
    injected = _INJECTED.intersection(p.name for p in parameters[2:])
    # `min_` and `assert_` are `min` and `assert` in YAML
    names = {p.name.removesuffix("_"): p.name for p in parameters[2:] if p.name not in injected}
    options = {key: parameter_type(hints[parameter]) for key, parameter in names.items()}
    argument_type = argument or parameter_type(hints[parameters[1].name])
    definition = AssertionDefinition(
        name,
        function,
        argument_type,
        options,
        injected,
        is_negatable=is_negatable,
        is_slow=is_slow,
        runs_code=runs_code,
        is_async=inspect.iscoroutinefunction(function),
        compares=compares,
        nested_key=_key_of(EXPECTATIONS, name, argument_type, options),
        variant_key=_key_of(VARIANT, name, argument_type, options),
        parameters=names,
    )
    _check_comparison(definition)
    return definition


def _check_comparison(definition: AssertionDefinition) -> None:
    name, key = definition.name, definition.variant_key
    if (definition.compares is None) != (PEERS not in definition.injected):
        raise DefinitionError(
            f"the assertion `{name}` must say what it `compares` and take `{PEERS}`, or neither"
        )
    # loading must know which trials wait for each other, so the name cannot be optional
    is_required = key == name or key in definition.required_options
    if definition.compares is not None and not is_required:
        raise DefinitionError(
            f"the assertion `{name}` compares variants, so it must take a `VariantName`: as its"
            " argument, or as an option without a default"
        )


def _key_of(
    wanted: ParameterType, name: str, argument: ParameterType, options: Mapping[str, ParameterType]
) -> str | None:
    """Return the key that has a type: the assertion's own name or an option's; else None."""
    types = {name: argument, **options}
    return next((key for key, type_ in types.items() if type_ is wanted), None)
