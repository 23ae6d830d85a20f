"""JSON Schemas as arguments: read strictly, and held against values within bounds of time."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from fractions import Fraction
from functools import cache
from typing import Any
from urllib.parse import unquote

from harness.assertions.parameters import ArgumentError, from_rendered
from harness.assertions.patterns import PatternError, as_python_reads, compiled
from harness.suggestions import write_instead

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SECONDS = 2.0  # for all patterns of a schema on one value
_SECONDS_FOR_A_PATTERN = 0.25
# parts of a value are looked at by validators of their own, which nothing can be handed to
_UNTIL: ContextVar[float] = ContextVar("until", default=math.inf)
_Path = tuple[str | int, ...]

_OF_A_SCHEMA = frozenset({
    "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
    "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
})  # fmt: skip
_OF_SCHEMAS_BY_NAME = frozenset(
    ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"]
)
_OF_SCHEMAS = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
_OF_DATA = frozenset({
    "$anchor", "$comment", "$dynamicAnchor", "$dynamicRef", "$id", "$ref", "$schema", "$vocabulary",
    "const", "contentEncoding", "contentMediaType", "default", "dependentRequired", "deprecated",
    "description", "enum", "examples", "exclusiveMaximum", "exclusiveMinimum", "format",
    "maxContains", "maxItems", "maxLength", "maxProperties", "maximum", "minContains", "minItems",
    "minLength", "minProperties", "minimum", "multipleOf", "pattern", "readOnly", "required",
    "title", "type", "uniqueItems", "writeOnly",
})  # fmt: skip
_KEYWORDS = _OF_A_SCHEMA | _OF_SCHEMAS_BY_NAME | _OF_SCHEMAS | _OF_DATA
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
_DATE_TIME = re.compile(rf"(\d{{4}}-\d\d-\d\d)[Tt ]{_TIME}")


class TooSlowError(Exception):
    """The patterns of a schema take too long on a value."""


def read_schema(value: Any) -> Any:
    """Return a JSON Schema, or `true`.

    Raises:
        ArgumentError: It is none, or it has what would judge nothing: an unknown keyword, a format
            that is not known here, a reference that leads nowhere.
    """
    import jsonschema

    value = from_rendered(value)
    if value is not True and not isinstance(value, Mapping):
        raise ArgumentError(f"expected `true` or a JSON Schema, found {value!r}", "write `true`")
    if value is True:
        return value
    try:
        jsonschema.Draft202012Validator.check_schema(value)
    except jsonschema.SchemaError as error:
        problem = f"not a JSON Schema: {error.message}"
        fix = "write it as JSON Schema, draft 2020-12"
        raise ArgumentError(problem, fix, tuple(error.absolute_path)) from error
    anchors = {
        schema[key]
        for _, schema in _schemas_in(value)
        for key in ("$anchor", "$dynamicAnchor")
        if key in schema
    }
    for path, schema in _schemas_in(value):
        _check_keywords(schema, path)
        _check_references(schema, path, value, anchors)
    return value


def problems_with(value: Any, schema: Any) -> list[str]:
    """Return what a schema has against a value, by places.

    Raises:
        TooSlowError: Its patterns take too long.
        RecursionError: It refers to itself without end.
    """
    import referencing

    validator = _validator()(schema, registry=referencing.Registry(), format_checker=_formats())
    token = _UNTIL.set(time.monotonic() + _SECONDS)
    try:
        errors = sorted(validator.iter_errors(value), key=lambda error: error.json_path)
    finally:
        _UNTIL.reset(token)
    return [f"{error.json_path}: {error.message}" for error in errors]


def _schemas_in(schema: Any, path: _Path = ()) -> Iterator[tuple[_Path, Mapping[str, Any]]]:
    """Yield a schema and those inside it, with the paths to them; data in them is left out."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema
    for key, item in schema.items():
        if key in _OF_A_SCHEMA:
            yield from _schemas_in(item, (*path, key))
        elif key in _OF_SCHEMAS_BY_NAME and isinstance(item, Mapping):
            for name, each in item.items():
                yield from _schemas_in(each, (*path, key, name))
        elif key in _OF_SCHEMAS and isinstance(item, list):
            for index, each in enumerate(item):
                yield from _schemas_in(each, (*path, key, index))


def _check_keywords(schema: Mapping[str, Any], path: _Path) -> None:
    for key, item in schema.items():
        if key not in _KEYWORDS and not key.startswith("x-"):
            problem = f"`{key}` is no keyword of JSON Schema, draft 2020-12"
            raise ArgumentError(problem, write_instead(key, sorted(_KEYWORDS)), (*path, key))
        if key == "format" and item not in _formats().checkers:
            known = ", ".join(sorted(_formats().checkers))
            problem = f"the format `{item}` is not known here, and would judge nothing"
            raise ArgumentError(problem, f"leave it out; known are {known}", (*path, key))
        if key == "$schema" and str(item).removesuffix("#") != _DIALECT:
            problem = f"`{item}` is another dialect than is read here"
            raise ArgumentError(problem, f"write `{_DIALECT}`, or leave it out", (*path, key))
        if key == "$id" and path:
            problem = "`$id` inside a schema starts another document"
            raise ArgumentError(problem, "put what it names below `$defs`", (*path, key))
        for pattern in [item] if key == "pattern" else item if key == "patternProperties" else []:
            try:
                as_python_reads(pattern)
            except PatternError as error:
                raise ArgumentError(str(error), "mend the pattern", (*path, key)) from error


def _check_references(schema: Mapping[str, Any], path: _Path, root: Any, anchors: set[str]) -> None:
    for key in ("$ref", "$dynamicRef"):
        reference = schema.get(key)
        if not isinstance(reference, str):
            continue
        if not reference.startswith("#"):
            problem = f"the schema refers to `{reference}`, and nothing is fetched"
            fix = "refer to a place inside the schema: `#/$defs/…`"
            raise ArgumentError(problem, fix, (*path, key))
        is_there = (
            _leads_somewhere(reference, root)
            if reference.startswith("#/") or reference == "#"
            else reference[1:] in anchors
        )
        if not is_there:
            problem = f"the schema refers to `{reference}`, which is not in it"
            raise ArgumentError(problem, "add it below `$defs`", (*path, key))


def _leads_somewhere(reference: str, schema: Any) -> bool:
    place = schema
    for step in unquote(reference).removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping) and name in place:
            place = place[name]
        elif isinstance(place, list) and name.isdecimal() and int(name) < len(place):
            place = place[int(name)]
        else:
            return False
    return True


@cache
def _formats() -> Any:
    """Return what checks formats: the library's own, and three that it needs others for."""
    import jsonschema

    checker = jsonschema.FormatChecker(())
    checker.checkers = dict(jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers)
    checker.checks("date-time")(_of_texts(_is_date_time))
    checker.checks("time")(_of_texts(lambda text: re.fullmatch(_TIME, text) is not None))
    checker.checks("uri")(_of_texts(lambda text: _URI.fullmatch(text) is not None))
    return checker


def _of_texts(check: Callable[[str], bool]) -> Callable[[object], bool]:
    """Return a check that lets anything pass but texts, as formats do."""
    return lambda value: check(value) if isinstance(value, str) else True


def _is_date_time(text: str) -> bool:
    """Return whether a text is a date and time.

    Source:
        RFC 3339, 5.6.
    """
    found = _DATE_TIME.fullmatch(text)
    try:
        return found is not None and bool(datetime.fromisoformat(found[1]))
    except ValueError:
        return False


@cache
def _validator() -> Any:
    """Return the validator class: patterns have a bound, and large lists and decimals work."""
    import jsonschema

    return jsonschema.validators.extend(  # type: ignore[no-untyped-call]  # so it is
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
    left = _UNTIL.get() - time.monotonic()
    try:
        seconds = max(min(left, _SECONDS_FOR_A_PATTERN), 0.001)
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


def _unique_items(validator: Any, is_wanted: bool, value: Any, _schema: Any) -> Iterator[Any]:  # noqa: FBT001  # as the library calls it
    from jsonschema import ValidationError

    if is_wanted and validator.is_type(value, "array"):
        seen = {_canonical(item) for item in value}
        if len(seen) < len(value):
            yield ValidationError("the list has non-unique elements")


def _canonical(value: Any) -> Any:
    """Return something that can be hashed and is equal where JSON values are."""
    if isinstance(value, dict):
        return "object", frozenset((name, _canonical(item)) for name, item in value.items())
    if isinstance(value, list):
        return "array", tuple(map(_canonical, value))
    return type(value).__name__ if isinstance(value, bool) else "", value


def _multiple_of(validator: Any, divisor: Any, value: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if not validator.is_type(value, "number"):
        return
    if Fraction(str(value)) % Fraction(str(divisor)):  # 19.99 is a multiple of 0.01
        yield ValidationError(f"{value!r} is not a multiple of {divisor}")
