"""What is wrong with a single value: its type, its range, its form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from harness.loading.nodes import Node, ScalarNode, described, shortened, source_text
from harness.model.request_ranges import NOT_BLANK, OPEN_THE_RANGES, RequestRanges
from harness.source import Span
from harness.suggestions import write_instead

Message = tuple[Span, str, str]  # where, what was found, what to write

_TYPE_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_RANGED = {field.name for field in fields(RequestRanges)}
_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "true", "y"), "true"),
    **dict.fromkeys(("no", "off", "false", "n"), "false"),
}


def explain_type(error: Any, node: Node, name: str) -> Iterator[Message]:
    """Yield a message for a value of the wrong type."""
    types = error.validator_value
    types = [types] if isinstance(types, str) else types
    expected = error.schema.get("title") or " or ".join(_TYPE_NAMES[kind] for kind in types)
    problem = f"`{name}` must be {expected}, found {described(node)}"
    yield node.span, problem, type_fix(types, node, expected)


def type_fix(types: Sequence[str], node: Node, expected: str) -> str:
    """Return how to write a value so that it has one of the types."""
    if isinstance(node, ScalarNode):
        value = node.value
        if "boolean" in types and str(value).lower() in _BOOLEANS:
            return f"write `{_BOOLEANS[str(value).lower()]}`"
        if "string" in types and value is not None:
            return f'put it in quotes: "{source_text(node)}"'
        if "array" in types and value is not None:
            return f"write a list: [{source_text(node)}]"
    return f"write {expected}"


def explain_choice(error: Any, node: Node, name: str) -> Iterator[Message]:
    """Yield a message for a value that is not one of a few."""
    value = error.validator_value
    choices = [value] if error.validator == "const" else value
    if choices == [True]:
        yield node.span, f"`{name}` must be true, found {described(node)}", "write `true`"
        return
    written = shortened(error.instance)
    names = [choice if isinstance(choice, str) else json.dumps(choice) for choice in choices]
    yield node.span, f"unknown `{name}`: `{written}`", write_instead(written, names)


def explain_range(error: Any, node: Node, name: str) -> Iterator[Message]:
    """Yield a message for a number that is too small or too large."""
    schema, number = error.schema, error.instance
    minimum = schema.get("minimum", schema.get("exclusiveMinimum"))
    maximum = schema.get("maximum")
    is_exclusive = "exclusiveMinimum" in schema
    expected = f"above {minimum}" if is_exclusive else f"from {minimum}"
    if maximum is not None:
        expected += f" to {maximum}"
    elif not is_exclusive:
        expected = f"of at least {minimum}"
    fix = f"write a number {expected}"
    if name in _RANGED:
        is_below = minimum is not None and number < minimum
        if not is_below or (name == "top_k" and number == 0):
            fix += OPEN_THE_RANGES
    elif minimum == 0 and maximum == 1 and number > 1:
        fix += " (not a percentage)"
    yield node.span, f"`{name}` is out of range: {number}", fix


def explain_pattern(error: Any, node: Node, name: str) -> Iterator[Message]:
    """Yield a message for a text that a pattern refuses."""
    expected = error.schema.get("title", f"text that matches `{error.validator_value}`")
    fix = f"write {expected}"
    if expected == NOT_BLANK:
        fix += OPEN_THE_RANGES
    yield node.span, f"invalid `{name}`: `{shortened(error.instance)}`", fix


def explain_empty(_error: Any, node: Node, name: str) -> Iterator[Message]:
    """Yield a message for an empty list or mapping."""
    yield node.span, f"`{name}` is empty", "write at least one entry, or remove the key"


def explain_empty_text(_error: Any, node: Node, name: str) -> Iterator[Message]:
    """Yield a message for an empty text."""
    yield node.span, f"`{name}` is empty", "write some text, or remove the key"
