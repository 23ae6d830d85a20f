"""JSON Schemas as arguments, read strictly: whatever would check nothing is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from harness.assertions.json_schema_formats import format_checker
from harness.assertions.parameters import ArgumentError, from_rendered
from harness.assertions.patterns import PatternError, as_python_reads
from harness.suggestions import write_instead

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_Path = tuple[str | int, ...]

# keywords by what they hold: one schema, schemas by name, a list of schemas, or plain data
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


def read_schema(value: Any) -> Any:
    """Return a JSON Schema, or `true`.

    Raises:
        ArgumentError: It is neither, or a part of it would check nothing: an unknown keyword, an
            unknown format, a reference that leads nowhere.
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


def _schemas_in(schema: Any, path: _Path = ()) -> Iterator[tuple[_Path, Mapping[str, Any]]]:
    """Yield a schema and all schemas inside it, with their paths; not what is plain data."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema
    for key, value in schema.items():
        if key in _OF_A_SCHEMA:
            yield from _schemas_in(value, (*path, key))
        elif key in _OF_SCHEMAS_BY_NAME and isinstance(value, Mapping):
            for name, subschema in value.items():
                yield from _schemas_in(subschema, (*path, key, name))
        elif key in _OF_SCHEMAS and isinstance(value, list):
            for index, subschema in enumerate(value):
                yield from _schemas_in(subschema, (*path, key, index))


def _check_keywords(schema: Mapping[str, Any], path: _Path) -> None:
    for key, value in schema.items():
        # a validator ignores unknown keywords, so a misspelt one would pass on anything
        if key not in _KEYWORDS and not key.startswith("x-"):
            problem = f"`{key}` is not a keyword of JSON Schema, draft 2020-12"
            raise ArgumentError(problem, write_instead(key, sorted(_KEYWORDS)), (*path, key))
        if key == "format" and value not in format_checker().checkers:
            names = ", ".join(sorted(format_checker().checkers))
            problem = f"the format `{value}` is unknown, so it would check nothing"
            raise ArgumentError(problem, f"remove it, or use one of {names}", (*path, key))
        if key == "$schema" and str(value).removesuffix("#") != _DIALECT:
            problem = f"the dialect `{value}` is not supported"
            raise ArgumentError(problem, f"write `{_DIALECT}`, or remove it", (*path, key))
        if key == "$id" and path:
            problem = "`$id` inside a schema is not supported, because it starts another document"
            raise ArgumentError(problem, "move what it names to `$defs`", (*path, key))
        _check_patterns(key, value, path)


def _check_patterns(key: str, value: Any, path: _Path) -> None:
    patterns = [value] if key == "pattern" else value if key == "patternProperties" else []
    for pattern in patterns:
        try:
            as_python_reads(pattern)
        except PatternError as error:
            raise ArgumentError(str(error), "fix the pattern", (*path, key)) from error


def _check_references(schema: Mapping[str, Any], path: _Path, root: Any, anchors: set[str]) -> None:
    for key in ("$ref", "$dynamicRef"):
        reference = schema.get(key)
        if not isinstance(reference, str):
            continue
        if not reference.startswith("#"):
            problem = f"the schema refers to `{reference}`, but references are not fetched"
            fix = "copy the schema to `$defs`, and refer to `#/$defs/…`"
            raise ArgumentError(problem, fix, (*path, key))
        if not _is_resolvable(reference, root, anchors):
            problem = f"the schema refers to `{reference}`, which is not in it"
            raise ArgumentError(problem, "add it to `$defs`", (*path, key))


def _is_resolvable(reference: str, root: Any, anchors: set[str]) -> bool:
    if reference != "#" and not reference.startswith("#/"):
        return reference[1:] in anchors
    value = root
    for step in unquote(reference).removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False
    return True
