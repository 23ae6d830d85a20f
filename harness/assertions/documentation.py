"""The documentation of assertions, generated from their definitions alone."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any

from harness.assertions.definition import AssertionDefinition
from harness.assertions.expectation_schema import MODIFIERS
from harness.assertions.nested import EXPECTATIONS
from harness.assertions.parameters import ParameterType
from harness.wording import Command, Option

_WORDS = {
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "integer": "a whole number",
    "number": "a number",
}


def heading(definition: AssertionDefinition) -> str:
    """Return the line that shows how to write an assertion, such as `contains: text`."""
    return f"{definition.name}: {type_words(definition.argument)}"


def options_of(definition: AssertionDefinition) -> Iterator[str]:
    """Yield each option with its type and its default."""
    parameters = inspect.signature(definition.function).parameters
    for key, kind in definition.options.items():
        default = parameters[definition.parameters[key]].default
        if key in definition.required_options:
            words = " (required)"
        else:
            words = "" if default is None else f" (default: {json.dumps(default)})"
        yield f"{key}: {type_words(kind)}{words}"


def documentation(definition: AssertionDefinition) -> str:
    """Return an assertion's docstring without the indentation of the code."""
    return inspect.getdoc(definition.function) or ""


def type_words(kind: ParameterType) -> str:
    """Return a type of argument in words, such as `a list of texts`."""
    if kind is EXPECTATIONS:
        return "a list of expectations"
    return _schema_words(kind.schema)


def _schema_words(schema: dict[str, Any]) -> str:
    if "title" in schema:
        return str(schema["title"])
    if "enum" in schema:
        return " or ".join(schema["enum"])
    if "anyOf" in schema:
        words = [_schema_words(choice) for choice in schema["anyOf"]]
        return " or ".join(word for word in words if word != "a template")
    kinds = schema.get("type", "string")
    return " or ".join(_WORDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


def modifiers() -> Iterator[tuple[str, str]]:
    """Yield the modifiers that any expectation may have, each with its description."""
    for name, schema in MODIFIERS.items():
        yield name, str(schema["description"])


def assertion_text(definition: AssertionDefinition) -> str:
    """Return the documentation of an assertion, for a terminal."""
    lines = [heading(definition), ""]
    lines += [f"  {line}".rstrip() for line in documentation(definition).splitlines()]
    options = list(options_of(definition))
    if options:
        lines += ["", "  Options:", *(f"    {option}" for option in options)]
    if definition.is_negatable:
        lines += ["", f"  {_negation(definition)}"]
    return "\n".join(lines)


def assertions_page(families: dict[str, list[AssertionDefinition]]) -> str:
    """Return the documentation of all assertions, as a page in Markdown."""
    parts = [_INTRODUCTION]
    parts += [f"- `{name}`: {words}" for name, words in modifiers()]
    parts += ["", "| family | assertions |", "|---|---|"]
    for family, definitions in families.items():
        links = (f"[`{definition.name}`](#{definition.name})" for definition in definitions)
        names = ", ".join(links)
        parts.append(f"| {family} | {names} |")
    for family, definitions in families.items():
        parts += ["", f"## {family[0].upper()}{family[1:]}"]
        for definition in definitions:
            parts += ["", f"### {definition.name}", f"`{heading(definition)}`", ""]
            parts.append(documentation(definition).replace("\nSource:\n    ", "\nSource: "))
            options = list(options_of(definition))
            if options:
                parts += ["", *(f"- option `{option}`" for option in options)]
            if definition.is_negatable:
                parts += ["", _negation(definition)]
    return "\n".join(parts) + "\n"


def _negation(definition: AssertionDefinition) -> str:
    return f"`not_{definition.name}` passes when `{definition.name}` fails."


_PAGE = Command("assertions", (Option("page"),))
_INTRODUCTION = f"""\
# Assertions

<!-- Generated from their definitions: `{_PAGE} > docs/assertions.md`. -->

An expectation is a mapping with one assertion, its argument, its options and any modifiers. If an
assertion cannot judge, the verdict is an error, never a pass: a pattern takes too long, a judge
does not answer, an expression uses an unknown variable. A reply that lacks what an expectation
reads fails: `from_json` finds no JSON, `fenced` no block, a key is missing. `not_` and `none_of`
turn neither into a pass. Limits on time are left out if the reply came from the cache or a
cassette.

Modifiers of every assertion:
"""
