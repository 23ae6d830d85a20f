"""What is known of an assertion, all of it from the signature of its function."""

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
_GIVEN = frozenset({VARIABLES, JUDGE, PEERS})


@dataclass(frozen=True, slots=True)
class AssertionDefinition:
    """What is known of an assertion.

    Attributes:
        argument: The type of what stands behind its name in YAML.
        options: The types of the keys it allows beside itself.
        given: What the function is given beside these: some of `variables`, `judge` and
            `peers`.
        is_negatable: Whether `not_` may stand before its name.
        is_slow: Whether it may take so long that others should not wait for it.
        waits: Whether it has to be waited for.
        compares: Which variants it compares, if it does.
        inner: Its own name or that of an option, where other expectations stand in it.
        names_variant: Its own name or that of an option, where the name of a variant stands.
        parameters: What the function calls its options: as YAML does, or with a `_` behind a name
            that Python has for something else.
    """

    name: str
    function: Callable[..., Judging]
    argument: ParameterType
    options: Mapping[str, ParameterType]
    given: frozenset[str]
    is_negatable: bool = True
    is_slow: bool = False
    waits: bool = False
    compares: VariantComparison | None = None
    inner: str | None = None
    names_variant: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def wants_judge(self) -> bool:
        """Whether a judge decides."""
        return JUDGE in self.given

    @property
    def is_immediate(self) -> bool:
        """Whether its verdict is there at once."""
        return not (self.waits or self.is_slow or self.compares)

    @property
    def required(self) -> tuple[str, ...]:
        """The options that must be there, because nothing holds without them."""
        parameters = inspect.signature(self.function).parameters
        empty = inspect.Parameter.empty
        return tuple(k for k, name in self.parameters.items() if parameters[name].default is empty)

    def may_be_templated(self, expectation: Expectation) -> list[Any]:
        """Return what templates in an expectation may stand in."""
        options = [
            value for key, value in expectation.options.items() if self.options[key].is_templated
        ]
        return [expectation.argument, *options] if self.argument.is_templated else options

    def variant_in(self, expectation: Expectation) -> str:
        """Return the name of the variant that an expectation compares with."""
        if self.names_variant == self.name:
            return str(expectation.argument)
        return str(expectation.options[str(self.names_variant)])

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def place(self) -> str:
        """Where it is declared."""
        return f"{self.function.__module__}.{self.function.__qualname__}"


def define(
    name: str,
    function: Callable[..., Judging],
    *,
    argument: ParameterType | None = None,
    is_negatable: bool = True,
    is_slow: bool = False,
    compares: VariantComparison | None = None,
) -> AssertionDefinition:
    """Read what an assertion takes from the signature of its function.

    Raises:
        DefinitionError: The signature cannot be read as an assertion's.
    """
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())
    if len(parameters) < 2 or any(p.kind is not p.KEYWORD_ONLY for p in parameters[2:]):
        raise DefinitionError(
            f"the assertion `{name}` must take a reply, an argument and keyword-only options"
        )
    given = _GIVEN.intersection(p.name for p in parameters[2:])
    names = {p.name.removesuffix("_"): p.name for p in parameters[2:] if p.name not in given}
    options = {key: parameter_type(hints[parameter]) for key, parameter in names.items()}
    kind = argument or parameter_type(hints[parameters[1].name])
    if (compares is None) != (PEERS not in given):
        raise DefinitionError(
            f"the assertion `{name}` must say what it `compares` and take `{PEERS}`, or neither"
        )
    names_variant = _place_of(VARIANT, name, kind, options)
    is_required = names_variant == name or (
        names_variant is not None
        and inspect.signature(function).parameters[names[names_variant]].default
        is inspect.Parameter.empty
    )
    if compares is not None and not is_required:
        raise DefinitionError(
            f"the assertion `{name}` compares, and must take a `VariantName`: its argument, or an"
            " option without a default"
        )
    return AssertionDefinition(
        name,
        function,
        kind,
        options,
        given,
        is_negatable=is_negatable,
        is_slow=is_slow,
        waits=inspect.iscoroutinefunction(function),
        compares=compares,
        inner=_place_of(EXPECTATIONS, name, kind, options),
        names_variant=names_variant,
        parameters=names,
    )


def _place_of(
    wanted: ParameterType, name: str, argument: ParameterType, options: Mapping[str, ParameterType]
) -> str | None:
    """Return where a type stands: the assertion's own name, an option's, or nowhere."""
    places = {name: argument, **options}
    return next((place for place, kind in places.items() if kind is wanted), None)
