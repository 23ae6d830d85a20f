"""Types of an assertion's arguments: how they are written in YAML, and what they are read as."""

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
    """An argument cannot be used; `path` leads to the place inside it that is wrong."""

    def __init__(
        self, problem: str, fix: Words, path: tuple[str | int, ...] = (), offset: int = 0
    ) -> None:
        super().__init__(problem, fix, path, offset)
        self.problem, self.fix, self.path, self.offset = problem, fix, path, offset

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True, slots=True, eq=False)
class ParameterType:
    """A type of argument; each is equal to itself alone.

    Attributes:
        schema: What YAML may hold, templates apart.
        read: Turns a rendered value into what the assertion gets, which JSON can carry; raises
            ArgumentError.
        is_templated: Whether templates in it are rendered.
    """

    schema: JsonSchema
    read: Callable[[Any], Any]
    is_templated: bool = True

    @property
    def yaml_schema(self) -> JsonSchema:
        """What YAML may hold: a value of the type or, where text would be wrong, a template."""
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
    raise ArgumentError("`false` would judge nothing", "write `true`, or `not_` before its name")


def _read_filled(value: Any) -> str:
    if not _read_text(value):
        problem = "expected text, found an empty one, which every reply contains"
        raise ArgumentError(problem, "write what is looked for")
    return str(value)


def from_rendered(value: Any) -> Any:
    """Return what a template wrote as JSON, or the value as it is."""
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return value


def _read_name(value: Any) -> Any:
    _read_filled(value)
    return value  # as it came, so that it still knows where it is written


def _read_texts(value: Any) -> list[str]:
    value = from_rendered(value)
    if not isinstance(value, list) or not value:
        raise ArgumentError(f"expected a list of texts, found {value!r}", 'write `["a", "b"]`')
    return [_read_filled(item) for item in value]


def read_duration(value: Any) -> float:
    """Return seconds from a number of seconds or a text such as `250ms`, `5s`, `2m`.

    Raises:
        ArgumentError: It is none of these, or not above zero.
    """
    found = _DURATION.fullmatch(str(value))
    if isinstance(value, bool) or found is None or not float(found[1]):
        problem = f"expected a duration, found {value!r}"
        raise ArgumentError(problem, "write `250ms`, `5s` or `2m`")
    return float(found[1]) * _SECONDS[found[2]]


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
FILLED_TEXT = ParameterType({"type": "string", "minLength": 1}, _read_filled)
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

VARIANT = ParameterType(
    {"title": "the name of a variant", "type": "string", "minLength": 1},
    _read_name,
    is_templated=False,
)
TRUE = ParameterType({"title": "true", "enum": [True], "type": "boolean"}, _read_true)
SHARE = ParameterType(
    {"title": "a number from 0 to 1", "type": "number", "minimum": 0, "maximum": 1}, _read_share
)

FilledText = Annotated[str, FILLED_TEXT]
Duration = Annotated[float, DURATION]
Range = Annotated[dict[str, int], RANGE]
Share = Annotated[float, SHARE]
VariantName = Annotated[str, VARIANT]
OnlyTrue = Annotated[bool, TRUE]

_BY_ANNOTATION: dict[Any, ParameterType] = {
    str: TEXT,
    int: INTEGER,
    float: NUMBER,
    bool: FLAG,
    list[str]: TEXTS,
}


def parameter_type(annotation: Any) -> ParameterType:
    """Return the type of argument that an annotation stands for; `| None` is for options left out.

    Raises:
        DefinitionError: The annotation is none that YAML could be read as.
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
    found = _BY_ANNOTATION.get(annotation)
    if found is None:
        raise DefinitionError(f"an assertion's argument cannot be annotated {annotation!r}")
    return found
