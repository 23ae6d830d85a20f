"""Assertions on the shape of a reply."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import unquote

from harness.assertions.difference import excerpt
from harness.assertions.parameters import ArgumentError, ParameterType, from_rendered
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

structure_assertions = AssertionRegistry()

_MOST_CHARACTERS = 5_000_000
_MOST_PROBLEMS_SHOWN = 5


def _read_schema(value: Any) -> Any:
    import jsonschema

    value = from_rendered(value)
    if value is not True and not isinstance(value, Mapping):
        raise ArgumentError(f"expected `true` or a JSON Schema, found {value!r}", "write `true`")
    for path, reference in _references(value):
        if not reference.startswith("#"):
            problem = f"the schema refers to `{reference}`, and nothing is fetched"
            raise ArgumentError(problem, "refer to a place inside the schema: `#/$defs/…`", path)
        if reference.startswith("#/") and not _leads_somewhere(reference, value):
            problem = f"the schema refers to `{reference}`, which is not in it"
            raise ArgumentError(problem, "add it below `$defs`", path)
    try:
        jsonschema.Draft202012Validator.check_schema(value)
    except jsonschema.SchemaError as error:
        problem = f"not a JSON Schema: {error.message}"
        fix = "write it as JSON Schema, draft 2020-12"
        raise ArgumentError(problem, fix, tuple(error.absolute_path)) from error
    return value


def _references(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in {"$ref", "$dynamicRef"} and isinstance(item, str):
                yield (*path, key), item
            if key not in {"const", "default", "enum", "examples"}:  # these hold data
                yield from _references(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, (*path, index))


def _leads_somewhere(reference: str, schema: Any) -> bool:
    place = schema
    for step in unquote(reference).removeprefix("#/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping) and name in place:
            place = place[name]
        elif isinstance(place, list) and name.isdecimal() and int(name) < len(place):
            place = place[int(name)]
        else:
            return False
    return True


SchemaArgument = Annotated[
    Any,
    ParameterType({"title": "true or a JSON Schema", "type": ["boolean", "object"]}, _read_schema),
]


@structure_assertions.register("is_json")
def is_json(reply: Reply, schema: SchemaArgument) -> Verdict:
    """Pass when the reply, all of it, is JSON (`true`) that satisfies a JSON Schema.

    Source:
        JSON Schema draft 2020-12. `format` is an annotation there and judges nothing. Nothing is
        fetched: a `$ref` stays inside the schema.
    """
    text = reply.text
    if len(text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        return Verdict.failing("the reply is nested too deeply to be read as JSON")
    except ValueError as error:
        return Verdict.failing(f"the reply is not JSON: {error}{_hint(text)}", actual=excerpt(text))
    if schema is True:
        return Verdict.passing("the reply is JSON")
    return _satisfies(value, schema, text)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"`{name}` is no JSON number")


def _hint(text: str) -> str:
    if text.lstrip().startswith("```"):
        return "; it is wrapped in a Markdown fence"
    return "; it is empty" if not text.strip() else ""


def _satisfies(value: Any, schema: Any, text: str) -> Verdict:
    import jsonschema
    import referencing

    validator = jsonschema.Draft202012Validator(schema, registry=referencing.Registry())
    try:
        errors = sorted(validator.iter_errors(value), key=lambda error: error.json_path)
    except RecursionError:
        return Verdict.errored("the schema refers to itself without end")
    if not errors:
        return Verdict.passing("the reply is JSON and satisfies the schema")
    shown = [f"{error.json_path}: {error.message}" for error in errors[:_MOST_PROBLEMS_SHOWN]]
    if len(errors) > len(shown):
        shown.append(f"and {len(errors) - len(shown)} more")
    reason = f"the reply is JSON but breaks the schema: {'; '.join(shown)}"
    return Verdict.failing(reason, actual=excerpt(text))


@structure_assertions.register("stop_reason")
def stop_reason(reply: Reply, reason: str) -> Verdict:
    """Pass when the model stopped for this reason, such as `end_turn` or `max_tokens`."""
    found = reply.stop_reason
    if found == reason:
        return Verdict.passing(f"the model stopped for {found!r}")
    words = f"the model stopped for {found!r}, wanted is {reason!r}"
    return Verdict.failing(words, expected=reason, actual=str(found))
