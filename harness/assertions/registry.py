"""Assertions by name: declared once, described as a schema, read and judged from here."""

from __future__ import annotations

import inspect
import json
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar, get_type_hints

from harness.assertions.difference import excerpt
from harness.assertions.evaluating import Evaluates, ExpressionError, scope_of
from harness.assertions.inner import EXPECTATIONS, Inner
from harness.assertions.parameters import ArgumentError, JsonSchema, ParameterType, parameter_type
from harness.assertions.questions import Judge
from harness.errors import DefinitionError
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation

AssertionFunction = TypeVar("AssertionFunction", bound=Callable[..., Verdict | Awaitable[Verdict]])

_VARIABLES = "variables"
_JUDGE = "judge"
_NO_JUDGE = "a judge decides this, and there is none: set `judge` in the settings, or --judge MODEL"
_NOT_WAITED_FOR = "it has to be waited for, which is not possible here"
_MOST_PARENT_FRAMES = 12


@dataclass(frozen=True, slots=True)
class AssertionDefinition:
    """What is known of an assertion.

    Attributes:
        argument: The type of what stands behind its name in YAML.
        options: The types of the keys it allows beside itself.
        is_negatable: Whether `not_` may stand before its name.
        wants_variables: Whether it is also given the trial's variables.
        inner: Its own name or that of an option, where other expectations stand in it.
        waits: Whether it has to be waited for.
        is_slow: Whether it may take so long that others should not wait for it.
        wants_judge: Whether a judge decides.
        parameters: What the function calls its options: as YAML does, or with a `_` behind a name
            that Python has for something else.
    """

    name: str
    function: Callable[..., Verdict | Awaitable[Verdict]]
    argument: ParameterType
    options: Mapping[str, ParameterType]
    is_negatable: bool
    wants_variables: bool
    inner: str | None = None
    waits: bool = False
    wants_judge: bool = False
    is_slow: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)

    def may_be_templated(self, expectation: Expectation) -> list[Any]:
        """Return what templates in an expectation may stand in."""
        options = list(expectation.options.values())
        return [expectation.argument, *options] if self.argument.is_templated else options

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def place(self) -> str:
        """Where it is declared."""
        return f"{self.function.__module__}.{self.function.__qualname__}"


@dataclass(frozen=True, slots=True)
class _Waited:
    """Verdicts inside an expectation that had to be waited for, by expectation and text."""

    known: dict[tuple[int, str], Verdict] = field(default_factory=dict)
    missing: dict[tuple[int, str], tuple[Expectation, Reply]] = field(default_factory=dict)

    def verdict(self, expectation: Expectation, reply: Reply) -> Verdict:
        """Return a verdict; one that is not there yet is noted, and stood in for by a pass."""
        key = (id(expectation), reply.text)
        if key not in self.known:
            self.missing[key] = (expectation, reply)
        return self.known.get(key) or Verdict.passing("")


class AssertionRegistry:
    """Assertions by name.

    Args:
        expressions: What evaluates transforms; without it there are none.
    """

    def __init__(self, expressions: Evaluates | None = None) -> None:
        self._expressions = expressions
        self._definitions: dict[str, AssertionDefinition] = {}

    def register(
        self,
        name: str,
        *,
        is_negatable: bool = True,
        argument: ParameterType | None = None,
        is_slow: bool = False,
    ) -> Callable[[AssertionFunction], AssertionFunction]:
        """Declare a function as an assertion; its signature says what YAML may hold.

        The function takes the reply, then the argument, then keyword-only options. A keyword-only
        parameter called `variables` is not an option: it receives the trial's variables. A
        coroutine function is waited for; one called `judge` answers its questions.

        Raises:
            DefinitionError: The signature cannot be read as that, or the name is taken.
        """

        def declare(function: AssertionFunction) -> AssertionFunction:
            definition = _definition(name, function, argument, is_negatable=is_negatable)
            self._add(replace(definition, is_slow=is_slow))
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
        if self._expressions is None:
            raise ArgumentError("transforms are not known here", "remove it")
        try:
            self._expressions.check(expression)
        except ExpressionError as error:
            path = ("transform",)
            raise ArgumentError(error.problem, error.fix, path, error.offset) from error

    def waits(self, expectation: Expectation) -> bool:
        """Return whether the verdict on an expectation, or on one inside it, is waited for."""
        if expectation.inner:
            return any(map(self.waits, expectation.inner))
        return self._definitions[expectation.assertion].waits

    def is_slow(self, expectation: Expectation) -> bool:
        """Return whether an expectation, or one inside it, may take long to judge."""
        is_slow = self._definitions[expectation.assertion].is_slow
        return is_slow or any(map(self.is_slow, expectation.inner))

    def wants_judge(self, expectation: Expectation) -> bool:
        """Return whether a judge decides an expectation, or one inside it."""
        if expectation.inner:
            return any(map(self.wants_judge, expectation.inner))
        return self._definitions[expectation.assertion].wants_judge

    def judge(
        self, expectation: Expectation, reply: Reply, variables: Mapping[str, Any]
    ) -> Verdict:
        """Return an assertion's verdict; one that raises is an error, never a pass or a fail."""
        waited = _Waited()
        verdict = self._judged_with(expectation, reply, variables, waited)
        return Verdict.errored(_NOT_WAITED_FOR) if waited.missing else verdict

    async def judge_with(
        self,
        expectation: Expectation,
        reply: Reply,
        variables: Mapping[str, Any],
        judge: Judge | None,
    ) -> Verdict:
        """Return the verdict of an assertion that may have to be waited for."""
        if expectation.inner:
            return await self._judged_around(expectation, reply, variables, judge)
        try:
            on = self._transformed(expectation, reply, variables)
        except ExpressionError as error:
            return _untransformed(error)
        definition = self._definitions[expectation.assertion]
        if not definition.waits:
            return self.judge(expectation, reply, variables)
        if judge is None and definition.wants_judge:
            return Verdict.errored(_NO_JUDGE)
        try:
            called = self._called(definition, expectation, on, variables, _Waited(), judge)
            verdict = called if isinstance(called, Verdict) else await called
        except Exception as error:  # noqa: BLE001  # as for those that do not wait
            return _raised(error)
        return _negated(verdict) if expectation.is_negated else verdict

    async def _judged_around(
        self,
        expectation: Expectation,
        reply: Reply,
        variables: Mapping[str, Any],
        judge: Judge | None,
    ) -> Verdict:
        """Judge what holds other expectations, on the reply or on the parts of it that it finds.

        Which parts there are is known only when it has been judged, so it is judged until all
        verdicts are there that it asks for.
        """
        waited = _Waited()
        while True:
            verdict = self._judged_with(expectation, reply, variables, waited)
            if not waited.missing:
                return verdict
            for key, (each, part) in waited.missing.items():
                waited.known[key] = await self.judge_with(each, part, variables, judge)
            waited.missing.clear()

    def _judged_with(
        self,
        expectation: Expectation,
        reply: Reply,
        variables: Mapping[str, Any],
        waited: _Waited,
    ) -> Verdict:
        definition = self._definitions[expectation.assertion]
        if definition.waits:
            return waited.verdict(expectation, reply)
        try:
            on = self._transformed(expectation, reply, variables)
        except ExpressionError as error:
            return _untransformed(error)
        try:
            verdict = self._called(definition, expectation, on, variables, waited)
        except Exception as error:  # noqa: BLE001  # others write assertions, and may write bugs
            return _raised(error)
        assert isinstance(verdict, Verdict)  # noqa: S101  # those that wait have been sorted out
        if waited.known:
            found = waited.known.values()
            asked = tuple(each for one in found for each in one.asked)
            metrics = {name: each for one in found for name, each in one.metrics.items()}
            verdict = replace(verdict, asked=asked, metrics={**metrics, **verdict.metrics})
        return _negated(verdict) if expectation.is_negated else verdict

    def _called(
        self,
        definition: AssertionDefinition,
        expectation: Expectation,
        reply: Reply,
        variables: Mapping[str, Any],
        waited: _Waited,
        judge: Judge | None = None,
    ) -> Verdict | Awaitable[Verdict]:
        argument = expectation.argument
        names = definition.parameters
        options = {names[key]: value for key, value in expectation.options.items()}
        if definition.wants_variables:
            options[_VARIABLES] = variables
        if expectation.inner:
            inner = Inner(expectation.inner, partial(self._judged_inside, variables, waited))
            if definition.inner == definition.name:
                argument = inner
            else:
                options[names[str(definition.inner)]] = inner
        if definition.wants_judge:
            options[_JUDGE] = judge
        return definition.function(reply, argument, **options)

    def _judged_inside(
        self,
        variables: Mapping[str, Any],
        waited: _Waited,
        expectation: Expectation,
        reply: Reply,
    ) -> Verdict:
        return self._judged_with(expectation, reply, variables, waited)

    def _transformed(
        self, expectation: Expectation, reply: Reply, variables: Mapping[str, Any]
    ) -> Reply:
        for expression in expectation.transforms:
            if self._expressions is None:
                raise ExpressionError("there is nothing to evaluate it", "")
            value = self._expressions.evaluate(expression, scope_of(reply, variables))
            if value is None:
                raise ExpressionError(f"`{excerpt(expression)}` is none", "")
            reply = replace(reply, text=_text_of(value, expression))
        return reply


def _text_of(value: Any, expression: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"`{excerpt(expression)}` is neither a text nor anything JSON can hold: {error}"
        raise ExpressionError(problem, "") from error


def _negated(verdict: Verdict) -> Verdict:
    if verdict.is_error or verdict.is_left_out:
        return verdict
    score = 0.0 if verdict.passed else 1.0
    return replace(verdict, passed=not verdict.passed, score=score, expected=None)


def _untransformed(error: ExpressionError) -> Verdict:
    return Verdict.errored(f"the output cannot be transformed: {error.problem}")


def _raised(error: Exception) -> Verdict:
    words = "".join(traceback.format_exception(error, limit=-_MOST_PARENT_FRAMES))
    return Verdict.errored(f"the assertion raised {type(error).__name__}: {error}", words)


def _read(kind: ParameterType, value: Any, key: str) -> Any:
    try:
        return kind.read(value)
    except ArgumentError as error:
        problem = f"`{key}`: {error.problem}"
        raise ArgumentError(problem, error.fix, (key, *error.path), error.offset) from error


def _definition(
    name: str,
    function: Callable[..., Verdict | Awaitable[Verdict]],
    argument: ParameterType | None,
    *,
    is_negatable: bool,
) -> AssertionDefinition:
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())
    if len(parameters) < 2 or any(p.kind is not p.KEYWORD_ONLY for p in parameters[2:]):
        raise DefinitionError(
            f"the assertion `{name}` must take a reply, an argument and keyword-only options"
        )
    given = {_VARIABLES, _JUDGE}
    names = {p.name.removesuffix("_"): p.name for p in parameters[2:] if p.name not in given}
    options = {key: parameter_type(hints[parameter]) for key, parameter in names.items()}
    kind = argument or parameter_type(hints[parameters[1].name])
    inner = [key for key, each in options.items() if each is EXPECTATIONS]
    return AssertionDefinition(
        name,
        function,
        kind,
        options,
        is_negatable,
        wants_variables=any(p.name == _VARIABLES for p in parameters),
        inner=name if kind is EXPECTATIONS else next(iter(inner), None),
        waits=inspect.iscoroutinefunction(function),
        wants_judge=any(p.name == _JUDGE for p in parameters),
        parameters=names,
    )


MODIFIERS: Mapping[str, JsonSchema] = {
    "transform": {
        "description": "A Jinja expression over `output`, such as `output | fenced('json')`:"
        " what comes of it is judged.",
        "type": "string",
        "minLength": 1,
    },
    "weight": {
        "description": "How much the verdict counts; 0 only shows it.",
        "type": "number",
        "minimum": 0,
    },
    "name": {
        "description": "What reports call it.",
        "title": "a text; templates are not rendered here",
        "type": "string",
        "pattern": r"^([^{]|\{[^{%#])+$",
    },
    "metric": {"description": "The metric its score adds to.", "type": "string", "minLength": 1},
    "severity": {
        "description": "`warn` shows the verdict and never decides.",
        "type": "string",
        "enum": ["error", "warn"],
    },
}


def expectation_schema(registry: AssertionRegistry) -> JsonSchema:
    """Describe an expectation: one assertion, its argument, its own options, the modifiers."""
    properties: JsonSchema = {}
    dependent: JsonSchema = {}
    option_schemas: JsonSchema = {}
    for key, definition in registry.keys.items():
        properties[key] = {"description": definition.summary, **definition.argument.yaml_schema}
        own = {name: kind.yaml_schema for name, kind in definition.options.items()}
        option_schemas.update(own)
        dependent[key] = {
            "propertyNames": {"enum": [key, *own, *MODIFIERS]},
            **({"properties": own} if own else {}),
        }
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {**properties, **{key: {} for key in option_schemas}, **MODIFIERS},
        "additionalProperties": False,
        "dependentSchemas": dependent,
        "not": {
            "title": "the expectation names no assertion",
            "description": f"add one, such as `{next(iter(registry.keys), 'contains')}: …`",
            "propertyNames": {"enum": [*option_schemas, *MODIFIERS]},
        },
    }
