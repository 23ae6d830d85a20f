"""Types of arguments: what YAML may hold for each, and what an assertion receives."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from harness.errors import DefinitionError, HarnessError
from harness.wording import Words

JsonSchema = dict[str, Any]

_DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(ms|s|m|h)?\s*")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


class ArgumentError(HarnessError):
    """An argument is invalid; `path` leads to the offending part, `offset` to its character."""

    def __init__(
        self, problem: str, fix: Words, path: tuple[str | int, ...] = (), offset: int = 0
    ) -> None:
        super().__init__(problem, fix, path, offset)
        self.problem, self.fix, self.path, self.offset = problem, fix, path, offset

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True, slots=True, eq=False)
class ParameterType:
    """A type of argument, compared by identity.

    Attributes:
        schema: What YAML may hold, apart from templates.
        read: Turns a rendered value into what the assertion receives, which must be JSON; raises
            ArgumentError.
        is_templated: Whether templates in the argument are rendered.
    """

    schema: JsonSchema
    read: Callable[[Any], Any]
    is_templated: bool = True

    @property
    def yaml_schema(self) -> JsonSchema:
        """What YAML may hold: a value of the type or, if a text would be invalid, a template."""
        if not self.is_templated or "string" in _types_of(self.schema):
            return self.schema
        template = {"title": "a template", "type": "string", "pattern": r"\{\{"}
        return {"anyOf": [self.schema, template]}


def _types_of(schema: JsonSchema) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ArgumentError(f"expected text, found {value!r}", "write text, in quotes if need be")
    return str(value)


def _read_integer(value: Any) -> int:
    # rendered values are texts, so `"20"` counts as 20
    try:
        number = int(str(value).strip()) if not isinstance(value, float) else int(value)
    except (OverflowError, ValueError):
        number = -1
    if isinstance(value, bool) or number < 0 or (isinstance(value, float) and number != value):
        problem = f"expected a whole number, found {value!r}"
        raise ArgumentError(problem, "write a number such as `20`")
    return number


def _read_number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if isinstance(value, bool) or not 0 <= number < math.inf:
        problem = f"expected a number, found {value!r}"
        raise ArgumentError(problem, "write a number such as `0.5`")
    return number


def _read_share(value: Any) -> float:
    number = _read_number(value)
    if number > 1:
        raise ArgumentError(f"expected a number from 0 to 1, found {value!r}", "write `0.8`")
    return number


def _read_flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in {"true", "True"}:
        return True
    if value in {"false", "False"}:
        return False
    raise ArgumentError(f"expected true or false, found {value!r}", "write `true` or `false`")


def _read_true(value: Any) -> bool:
    if _read_flag(value):
        return True
    raise ArgumentError("`false` judges nothing", "write `true`, or negate it with `not_`")


def _read_non_empty(value: Any) -> str:
    if not _read_text(value):
        problem = "expected text, found an empty text, which every reply contains"
        raise ArgumentError(problem, "write the text to look for")
    return str(value)


def from_rendered(value: Any) -> Any:
    """Return the value of JSON that a template rendered, or else the value unchanged."""
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return value


def _read_name(value: Any) -> Any:
    _read_non_empty(value)
    return value  # not `str(value)`: a `Text` knows its position, which errors point to


def _read_texts(value: Any) -> list[str]:
    value = from_rendered(value)
    if not isinstance(value, list) or not value:
        raise ArgumentError(f"expected a list of texts, found {value!r}", 'write `["a", "b"]`')
    return [_read_non_empty(item) for item in value]


def read_duration(value: Any) -> float:
    """Return seconds, given a number of seconds or a text such as `250ms`, `5s`, `2m`.

    Raises:
        ArgumentError: It is neither, or not above zero.
    """
    match = _DURATION.fullmatch(str(value))
    if isinstance(value, bool) or match is None or not float(match[1]):
        problem = f"expected a duration, found {value!r}"
        raise ArgumentError(problem, "write `250ms`, `5s` or `2m`")
    return float(match[1]) * _SECONDS[match[2]]


def _read_range(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping):
        exact = _read_integer(value)
        return {"min": exact, "max": exact}
    bounds = {key: _read_integer(bound) for key, bound in value.items()}
    if bounds.get("min", 0) > bounds.get("max", bounds.get("min", 0)):
        raise ArgumentError("`min` is larger than `max`", "swap the two")
    return bounds


_BOUND = {
    "anyOf": [
        {"title": "a whole number", "type": "integer", "minimum": 0},
        {"title": "a template", "type": "string", "pattern": r"\{\{"},
    ]
}

TEXT = ParameterType({"type": "string"}, _read_text)
NON_EMPTY_TEXT = ParameterType({"type": "string", "minLength": 1}, _read_non_empty)
INTEGER = ParameterType({"title": "a whole number", "type": "integer", "minimum": 0}, _read_integer)
NUMBER = ParameterType({"title": "a number", "type": "number", "minimum": 0}, _read_number)
FLAG = ParameterType({"title": "true or false", "type": "boolean"}, _read_flag)
TEXTS = ParameterType(
    {"title": "a list of texts", "type": "array", "items": {"type": "string"}, "minItems": 1},
    _read_texts,
)
DURATION = ParameterType(
    {
        "title": "a duration such as 5s",
        "type": ["string", "number"],
        "pattern": r"\{\{|^\s*([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*(ms|s|m|h)?\s*$",
        "exclusiveMinimum": 0,
    },
    read_duration,
)
RANGE = ParameterType(
    {
        "anyOf": [
            *_BOUND["anyOf"],
            {
                "title": "a mapping with min and max",
                "type": "object",
                "properties": {"min": _BOUND, "max": _BOUND},
                "additionalProperties": False,
                "minProperties": 1,
            },
        ],
        "type": ["integer", "string", "object"],
    },
    _read_range,
)

# not templated: loading must know which variants a case compares before anything is rendered
VARIANT = ParameterType(
    {"title": "the name of a variant", "type": "string", "minLength": 1},
    _read_name,
    is_templated=False,
)
# for assertions without an argument: `false` would pass on anything, so it is refused
TRUE = ParameterType({"title": "true", "enum": [True], "type": "boolean"}, _read_true)
SHARE = ParameterType(
    {"title": "a number from 0 to 1", "type": "number", "minimum": 0, "maximum": 1}, _read_share
)

NonEmptyText = Annotated[str, NON_EMPTY_TEXT]
Duration = Annotated[float, DURATION]
Range = Annotated[dict[str, int], RANGE]
Share = Annotated[float, SHARE]
VariantName = Annotated[str, VARIANT]
TrueOnly = Annotated[bool, TRUE]

_BY_ANNOTATION: dict[Any, ParameterType] = {
    str: TEXT,
    int: INTEGER,
    float: NUMBER,
    bool: FLAG,
    list[str]: TEXTS,
}


def parameter_type(annotation: Any) -> ParameterType:
    """Return the type of argument for an annotation; `| None` is for options without a default.

    Raises:
        DefinitionError: No type of argument has this annotation.
    """
    if get_origin(annotation) in {Union, UnionType}:
        kinds = [arg for arg in get_args(annotation) if arg is not NoneType]
        annotation = kinds[0] if len(kinds) == 1 else annotation
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            if isinstance(extra, ParameterType):
                return extra
    if get_origin(annotation) is Literal:
        choices = list(get_args(annotation))
        return ParameterType({"enum": choices, "type": "string"}, _read_text)
    kind = _BY_ANNOTATION.get(annotation)
    if kind is None:
        raise DefinitionError(f"an assertion's argument cannot be annotated {annotation!r}")
    return kind
