"""Validates values against JSON Schemas, in bounded time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any

from harness.assertions.json_schema_formats import format_checker
from harness.assertions.patterns import as_python_reads, compiled

_SECONDS = 2.0  # for all patterns of a schema on one value
_SECONDS_FOR_A_PATTERN = 0.25
# a context variable, because jsonschema makes new validators for the parts of a value, and offers
# no way to pass them anything
_DEADLINE: ContextVar[float] = ContextVar("deadline", default=math.inf)


class TooSlowError(Exception):
    """The patterns of a schema take too long on a value."""


def schema_errors(value: Any, schema: Any) -> list[str]:
    """Return how a value violates a schema: path and message of each error, sorted by path.

    Raises:
        TooSlowError: The schema's patterns take too long.
        RecursionError: The schema refers to itself endlessly.
    """
    import referencing

    # an empty registry, which resolves no remote reference
    registry: Any = referencing.Registry()
    validator = _validator()(schema, registry=registry, format_checker=format_checker())
    token = _DEADLINE.set(time.monotonic() + _SECONDS)
    try:
        errors = sorted(validator.iter_errors(value), key=lambda error: error.json_path)
    finally:
        _DEADLINE.reset(token)
    return [f"{error.json_path}: {error.message}" for error in errors]


@cache
def _validator() -> Any:
    """Return a validator class that bounds patterns, and copes with long lists and decimals."""
    import jsonschema

    return jsonschema.validators.extend(  # type: ignore[no-untyped-call]  # jsonschema has no types
        jsonschema.Draft202012Validator,
        {
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "additionalProperties": _additional_properties,
            "uniqueItems": _unique_items,
            "multipleOf": _multiple_of,
        },
    )


def _occurs(pattern: str, text: str) -> bool:
    remaining = _DEADLINE.get() - time.monotonic()
    try:
        # to `regex`, a negative timeout means no limit
        seconds = max(min(remaining, _SECONDS_FOR_A_PATTERN), 0.001)
        return compiled(as_python_reads(pattern)).search(text, timeout=seconds) is not None
    except TimeoutError as error:
        raise TooSlowError(f"the pattern {pattern!r} takes too long") from error


def _pattern(validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if validator.is_type(value, "string") and not _occurs(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, value: Any, _schema: Any) -> Iterator[Any]:
    if not validator.is_type(value, "object"):
        return
    for pattern, schema in patterns.items():
        for name, item in value.items():
            if _occurs(pattern, name):
                yield from validator.descend(item, schema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, rest: Any, value: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if not validator.is_type(value, "object"):
        return
    patterns = schema.get("patternProperties", {})
    extras = [
        name
        for name in value
        if name not in schema.get("properties", {})
        and not any(_occurs(pattern, name) for pattern in patterns)
    ]
    if rest is False and extras:
        named = ", ".join(repr(name) for name in extras)
        yield ValidationError(f"additional properties are not allowed: {named}")
    elif isinstance(rest, Mapping):
        for name in extras:
            yield from validator.descend(value[name], rest, path=name)


def _unique_items(validator: Any, is_wanted: bool, value: Any, _schema: Any) -> Iterator[Any]:  # noqa: FBT001  # jsonschema passes it by position
    from jsonschema import ValidationError

    if is_wanted and validator.is_type(value, "array"):
        # a set, because jsonschema compares all pairs
        distinct = {_canonical(item) for item in value}
        if len(distinct) < len(value):
            yield ValidationError("the list has non-unique elements")


def _canonical(value: Any) -> Any:
    """Return a hashable value; those of two JSON values are equal if the JSON values are."""
    if isinstance(value, dict):
        return "object", frozenset((name, _canonical(item)) for name, item in value.items())
    if isinstance(value, list):
        return "array", tuple(map(_canonical, value))
    return type(value).__name__ if isinstance(value, bool) else "", value


def _multiple_of(validator: Any, divisor: Any, value: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if not validator.is_type(value, "number"):
        return
    from fractions import Fraction  # most suites do without

    # exact fractions: as floats, 19.99 is not a multiple of 0.01
    if Fraction(str(value)) % Fraction(str(divisor)):
        yield ValidationError(f"{value!r} is not a multiple of {divisor}")
