"""Puts the definitions of a schema in the places that refer to them."""

from __future__ import annotations

from typing import Any

from harness.assertions.parameters import JsonSchema


def inlined(schema: JsonSchema) -> JsonSchema:
    """Return the schema with every `$ref` replaced by its definition, which validates faster.

    A recursive definition is replaced once and stays among the `$defs` for its inner uses.
    """
    definitions = schema["$defs"]
    recursive: set[str] = set()

    def resolve(part: Any, enclosing: frozenset[str]) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                name = part["$ref"].rpartition("/")[2]
                if name in enclosing:
                    recursive.add(name)
                    return part
                siblings = {key: value for key, value in part.items() if key != "$ref"}
                return {**resolve(definitions[name], enclosing | {name}), **siblings}
            return {key: resolve(value, enclosing) for key, value in part.items()}
        return [resolve(item, enclosing) for item in part] if isinstance(part, list) else part

    root = {key: value for key, value in schema.items() if key not in {"$defs", "$schema", "$id"}}
    resolved: JsonSchema = resolve(root, frozenset())
    kept = {name: resolve(definitions[name], frozenset({name})) for name in sorted(recursive)}
    return {**resolved, "$defs": kept} if kept else resolved
