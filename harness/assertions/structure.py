"""Assertions on JSON in a reply, and on why the reply ended."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.json_schemas import TooSlowError, problems_with, read_schema
from harness.assertions.nested import Expectations, Inner
from harness.assertions.parameters import ArgumentError, ParameterType
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

structure_assertions = AssertionRegistry()

_MOST_CHARACTERS = 5_000_000
_MOST_PROBLEMS_SHOWN = 5
_MOST_TRIED = 10_000
_MOST_READ_IN_VAIN = 50_000_000  # characters, which take about a second
_NO_JSON = object()
_OPENING = re.compile(r"[\[{]")
_PLAIN_JSON = Verdict.passing("the reply is JSON")


SchemaArgument = Annotated[
    Any,
    ParameterType({"title": "true or a JSON Schema", "type": ["boolean", "object"]}, read_schema),
]


@structure_assertions.register("is_json")
def is_json(reply: Reply, schema: SchemaArgument) -> Verdict:
    """Pass when the reply, all of it, is JSON (`true`) that satisfies a JSON Schema.

    Source:
        JSON Schema draft 2020-12, with formats asserted. What would judge nothing is refused:
        unknown keywords and formats, references that lead nowhere. Nothing is fetched. Patterns
        have 0.25 s each, and 2 s together; after that the verdict is an error.
    """
    text = reply.text
    if len(text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    try:
        value = _read_json(text)
    except (RecursionError, ValueError) as error:
        return _unreadable(error, text)
    if schema is True:
        return _PLAIN_JSON
    return _satisfies(value, schema, text)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"`{name}` is no JSON number")


def _hint(text: str) -> str:
    if text.lstrip().startswith("```"):
        return "; it is wrapped in a Markdown fence"
    return "; it is empty" if not text.strip() else ""


def _read_json(text: str) -> Any:
    """Return the value of a text that is JSON; raise ValueError if it is none."""
    return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"`{excerpt(text)}` is larger than any number that can be read")
    return number


def _unreadable(error: Exception, text: str) -> Verdict:
    """Return the verdict on a text that is no JSON, or more of it than can be read."""
    if isinstance(error, RecursionError):
        return Verdict.errored("the reply is nested too deeply to be read as JSON")
    if not isinstance(error, json.JSONDecodeError) and "integer string" in str(error):
        return Verdict.errored("the reply has a number of more digits than can be read")
    return Verdict.failing(f"the reply is not JSON: {error}{_hint(text)}", actual=excerpt(text))


def _satisfies(value: Any, schema: Any, text: str) -> Verdict:
    try:
        errors = problems_with(value, schema)
    except RecursionError:
        return Verdict.errored("the schema refers to itself without end")
    except TooSlowError as error:
        return Verdict.errored(f"the schema: {error}")
    if not errors:
        return Verdict.passing("the reply is JSON and satisfies the schema")
    shown = errors[:_MOST_PROBLEMS_SHOWN]
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
    reason, read = "no JSON object or list stands in the reply", 0
    for tried, (start, end, value) in enumerate(_json_in(text)):
        if tried >= _MOST_TRIED:
            return Verdict.errored(f"more than {_MOST_TRIED:,} brackets may begin JSON")
        if value is _NO_JSON:
            read += end - start
            if read > _MOST_READ_IN_VAIN:
                return Verdict.errored("too much of the reply begins like JSON and is none")
            continue
        verdict = _PLAIN_JSON if schema is True else _satisfies(value, schema, text[start:end])
        if verdict.passed:
            return Verdict.passing(f"JSON that fits stands at character {start + 1}")
        if verdict.is_error:
            return verdict
        reason = f"the JSON at character {start + 1} does not fit: {verdict.reason}"
    return Verdict.failing(reason, actual=excerpt(text))


def _json_in(text: str) -> Iterator[tuple[int, int, Any]]:
    """Yield where JSON begins and ends, and its value, or how far it was read and `_NO_JSON`."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
    start = 0
    while (found := _OPENING.search(text, start)) is not None:
        start = found.start()
        try:
            value, end = decoder.raw_decode(text, start)
        except (RecursionError, ValueError) as error:
            # where it was nested too deeply, nobody says how far it was read
            yield start, getattr(error, "pos", len(text)), _NO_JSON
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
        nodes = jsonpath_rfc9535.find(path, _read_json(reply.text))
    except (RecursionError, ValueError) as error:
        return _unreadable(error, reply.text)
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
