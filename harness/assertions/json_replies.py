"""Assertions on replies that are or contain JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.json_parsing import json_decoder, not_json, parse_json, too_long
from harness.assertions.json_schema_reading import read_schema
from harness.assertions.json_schema_validation import TooSlowError, schema_errors
from harness.assertions.parameters import ParameterType
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

json_assertions = AssertionRegistry()

_MOST_ERRORS_SHOWN = 5
_MOST_BRACKETS = 10_000
_MOST_WASTED_CHARACTERS = 50_000_000  # parsed in vain; that takes about a second
_NOT_JSON = object()
_OPENING = re.compile(r"[\[{]")
_PLAIN_JSON = Verdict.passing("the reply is JSON")


SchemaArgument = Annotated[
    Any,
    ParameterType({"title": "true or a JSON Schema", "type": ["boolean", "object"]}, read_schema),
]


@json_assertions.register("is_json")
def is_json(reply: Reply, schema: SchemaArgument) -> Verdict:
    """Pass when the whole reply is JSON and, unless the argument is `true`, satisfies a schema.

    Formats are asserted. A schema is refused if a part of it would check nothing: an unknown
    keyword or format, a reference that leads nowhere. References are never fetched. Each pattern
    may take 0.25 s, and all together 2 s; then the verdict is an error.

    Source:
        JSON Schema draft 2020-12.
    """
    text = reply.text
    if (verdict := too_long(text)) is not None:
        return verdict
    try:
        value = parse_json(text)
    except (RecursionError, ValueError) as error:
        return not_json(error, text)
    return _PLAIN_JSON if schema is True else _validated(value, schema, text)


@json_assertions.register("contains_json", is_slow=True)
def contains_json(reply: Reply, schema: SchemaArgument) -> Verdict:
    """Pass when the reply contains a JSON object or list that, unless `true`, satisfies a schema.

    Only outermost objects and lists are considered, in their order; one that satisfies the schema
    is enough. Schemas are those of `is_json`.

    Source:
        JSON Schema draft 2020-12.
    """
    text = reply.text
    if (verdict := too_long(text)) is not None:
        return verdict
    reason, wasted = "the reply contains no JSON object or list", 0
    for number, (start, end, value) in enumerate(_json_in(text)):
        if number >= _MOST_BRACKETS:
            return Verdict.errored(f"more than {_MOST_BRACKETS:,} brackets may begin JSON")
        if value is _NOT_JSON:
            wasted += end - start
            if wasted > _MOST_WASTED_CHARACTERS:
                return Verdict.errored("too much of the reply begins like JSON but is not JSON")
            continue
        verdict = _PLAIN_JSON if schema is True else _validated(value, schema, text[start:end])
        if verdict.passed:
            return Verdict.passing(f"the JSON at character {start + 1} fits")
        if verdict.is_error:
            return verdict
        reason = f"the JSON at character {start + 1} does not fit: {verdict.reason}"
    return Verdict.failing(reason, actual=excerpt(text))


def _json_in(text: str) -> Iterator[tuple[int, int, Any]]:
    """Yield start, end and value of each JSON object or list.

    For a bracket that does not begin JSON, the end is how far it was parsed, the value `_NOT_JSON`.
    """
    decoder = json_decoder()
    start = 0
    while (opening := _OPENING.search(text, start)) is not None:
        start = opening.start()
        try:
            value, end = decoder.raw_decode(text, start)
        except (RecursionError, ValueError) as error:
            # a RecursionError does not say how far it came, so the worst is assumed
            yield start, getattr(error, "pos", len(text)), _NOT_JSON
            start += 1
        else:
            yield start, end, value
            start = end


def _validated(value: Any, schema: Any, text: str) -> Verdict:
    try:
        errors = schema_errors(value, schema)
    except RecursionError:
        return Verdict.errored("the schema refers to itself endlessly")
    except TooSlowError as error:
        return Verdict.errored(f"the schema: {error}")
    if not errors:
        return Verdict.passing("the reply is JSON and satisfies the schema")
    shown = errors[:_MOST_ERRORS_SHOWN]
    if len(errors) > len(shown):
        shown.append(f"and {len(errors) - len(shown)} more")
    reason = f"the reply is JSON but violates the schema: {'; '.join(shown)}"
    return Verdict.failing(reason, actual=excerpt(text))
