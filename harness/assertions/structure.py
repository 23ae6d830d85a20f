"""Assertions on JSON in a reply, and on why the reply ended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import unquote

from harness.assertions.difference import excerpt
from harness.assertions.inner import Expectations, Inner
from harness.assertions.parameters import ArgumentError, ParameterType, from_rendered
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

structure_assertions = AssertionRegistry()

_MOST_CHARACTERS = 5_000_000
_MOST_PROBLEMS_SHOWN = 5
_MOST_TRIED = 10_000
_OPENING = re.compile(r"[\[{]")
_PLAIN_JSON = Verdict.passing("the reply is JSON")


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
        return _PLAIN_JSON
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


@structure_assertions.register("contains_json", is_slow=True)
def contains_json(reply: Reply, schema: SchemaArgument) -> Verdict:
    """Pass when a JSON object or list stands anywhere in the reply (`true`) and satisfies a schema.

    Looked at are those that stand in no other one, from the first to the last.

    Source:
        JSON Schema draft 2020-12, as for `is_json`.
    """
    text = reply.text
    if len(text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    reason = "no JSON object or list stands in the reply"
    for tried, (start, end, value) in enumerate(_json_in(text)):
        if tried >= _MOST_TRIED:
            return Verdict.errored(f"more than {_MOST_TRIED:,} brackets may begin JSON")
        if end == start:
            continue
        verdict = _PLAIN_JSON if schema is True else _satisfies(value, schema, text[start:end])
        if verdict.passed:
            return Verdict.passing(f"JSON that fits stands at character {start + 1}")
        if verdict.is_error:
            return verdict
        reason = f"the JSON at character {start + 1} does not fit: {verdict.reason}"
    return Verdict.failing(reason, actual=excerpt(text))


def _json_in(text: str) -> Iterator[tuple[int, int, Any]]:
    """Yield where JSON begins and ends, and its value; nothing ends where only a bracket stands."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    start = 0
    while (found := _OPENING.search(text, start)) is not None:
        start = found.start()
        try:
            value, end = decoder.raw_decode(text, start)
        except (RecursionError, ValueError):
            yield start, start, None
            start += 1
        else:
            yield start, end, value
            start = end


def _read_path(value: Any) -> str:
    import jsonpath_rfc9535

    if not isinstance(value, str):
        raise ArgumentError(f"expected a JSONPath, found {value!r}", "write `$.name`")
    try:
        jsonpath_rfc9535.compile(value)
    except jsonpath_rfc9535.JSONPathError as error:
        token = getattr(error, "token", None)
        problem = f"not a JSONPath: {str(error).partition(', line')[0]}"
        fix = "write a path such as `$.items[0].name`"
        raise ArgumentError(problem, fix, offset=token.index if token else 0) from error
    return str(value)


JsonPath = Annotated[str, ParameterType({"type": "string", "minLength": 1}, _read_path)]


@structure_assertions.register("json_path")
def json_path(reply: Reply, path: JsonPath, *, assert_: Expectations | None = None) -> Verdict:
    """Pass when a JSONPath finds something in a reply that is JSON.

    With `assert` every value it finds must meet every expectation; a text is judged as it is, any
    other value as JSON. The score is the share of values that do.

    Source:
        RFC 9535, computed by jsonpath-rfc9535.
    """
    import jsonpath_rfc9535

    if len(reply.text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    try:
        value = json.loads(reply.text, parse_constant=_refuse_constant)
        nodes = jsonpath_rfc9535.find(path, value)
    except (RecursionError, ValueError) as error:
        why = f"the reply is not JSON: {error}{_hint(reply.text)}"
        return Verdict.failing(why, actual=excerpt(reply.text))
    except jsonpath_rfc9535.JSONPathError as error:
        return Verdict.errored(f"`{path}`: {error}")
    if not nodes:
        return Verdict.failing(f"`{path}` finds nothing", expected=path, actual=excerpt(reply.text))
    if assert_ is None:
        return Verdict.passing(f"`{path}` finds {len(nodes)} value{'s' * (len(nodes) != 1)}")
    return _all_meet(reply, [(node.path(), node.value) for node in nodes], assert_)


def _all_meet(reply: Reply, found: Sequence[tuple[str, Any]], inner: Inner) -> Verdict:
    wrong = []
    for place, value in found:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for expectation, verdict in inner.judge(replace(reply, text=text)):
            if verdict.is_error and expectation.decides:
                why = f"{place}: {expectation.key}: {verdict.reason}"
                return Verdict.errored(why, verdict.traceback or "")
            if not verdict.passed and expectation.decides:
                wrong.append((place, expectation, verdict))
                break
    if not wrong:
        return Verdict.passing(f"all {len(found)} values meet what is expected")
    place, expectation, verdict = wrong[0]
    return Verdict(
        passed=False,
        score=1 - len(wrong) / len(found),
        reason=f"{len(wrong)} of {len(found)} values do not fit: {place}: {verdict.reason}",
        expected=verdict.expected,
        actual=verdict.actual,
    )


@structure_assertions.register("stop_reason")
def stop_reason(reply: Reply, reason: str) -> Verdict:
    """Pass when the model stopped for this reason, such as `end_turn` or `max_tokens`."""
    found = reply.stop_reason
    if found == reason:
        return Verdict.passing(f"the model stopped for {found!r}")
    words = f"the model stopped for {found!r}, wanted is {reason!r}"
    return Verdict.failing(words, expected=reason, actual=str(found))
