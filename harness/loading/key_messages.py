"""What is wrong with the keys of a mapping: unknown, missing, misnamed or in conflict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.assertions.parameters import JsonSchema
from harness.loading.foreign_names import assertion_instead, key_instead
from harness.loading.nodes import UNREADABLE_KEY, MappingNode, Node, ScalarNode, span_of
from harness.loading.value_messages import Message
from harness.suggestions import closest, write_instead


def combination_problem(key: str, other: str) -> str:
    """Return the problem of two keys that do not go together."""
    return f"`{key}` cannot be combined with `{other}`"


def explain_unknown_keys(error: Any, node: Node, _name: str) -> Iterator[Message]:
    """Yield a message for each key that the schema does not have."""
    assert isinstance(node, MappingNode)  # noqa: S101  # only mappings have keys
    allowed = list(error.schema.get("properties", {}))
    is_expectation = "dependentSchemas" in error.schema
    names_assertion = is_expectation and any(key in _assertions(error.schema) for key in node.keys)
    for key, key_node in node.keys.items():
        if key in allowed or key == UNREADABLE_KEY:
            continue
        if is_expectation and not names_assertion:
            if key == "value" and "type" in node.keys:
                continue  # said at `type`
            yield key_node.span, f"unknown assertion `{key}`", _assertion_fix(key, node, error)
        elif key == "<<":
            fix = "repeat the keys, or set them for the whole suite"
            yield key_node.span, "merge keys (`<<`) are not part of YAML 1.2", fix
        else:
            fix = _foreign_key_fix(key, allowed) or _unknown_key_fix(key, allowed, node)
            yield key_node.span, f"unknown key `{key}`", fix


def _assertion_fix(key: str, node: MappingNode, error: Any) -> str:
    value = node.values[key]
    named = value.value if isinstance(value, ScalarNode) else None
    return assertion_instead(key, named) or write_instead(key, _assertions(error.schema))


def _foreign_key_fix(key: str, allowed: Sequence[str]) -> str | None:
    for marker, is_suite in (("cases", True), ("turns", False)):
        if marker in allowed:
            return key_instead(key, is_suite=is_suite)
    return None


def _unknown_key_fix(key: str, allowed: Sequence[str], node: MappingNode) -> str:
    match = closest(key, allowed)
    if match in node.keys:
        return f"remove it; `{match}` is already set"
    return write_instead(key, [name for name in allowed if name not in node.keys])


def _assertions(schema: JsonSchema) -> list[str]:
    return list(schema["dependentSchemas"])


def explain_key_name(error: Any, node: Node, _name: str) -> Iterator[Message]:
    """Yield a message for a key refused by its name: by a pattern, or next to certain keys."""
    assert isinstance(node, MappingNode)  # noqa: S101  # only mappings have keys
    key, names = error.instance, error.schema
    if key == UNREADABLE_KEY:
        return  # the YAML reader has reported it
    span = node.keys[key].span
    steps = list(error.absolute_schema_path)
    if "not" in names:
        yield span, f"`{key}` does not belong in `extra`", f"move `{key}` up into `request`"
    elif "pattern" in names:
        yield span, f"invalid name `{key}`", f"write {names.get('title', 'a name')}"
    elif steps[-4] == "dependentSchemas":
        if key == "threshold" and "min" in names["enum"]:
            yield span, combination_problem(key, str(steps[-3])), "write `min: …`"
            return
        fix = f"start a new item, `- {key}: …`, or use one of {', '.join(names['enum'])}"
        yield span, combination_problem(key, str(steps[-3])), fix
    else:
        kind = node.values.get("type")
        context = f"with `type: {kind.value}`" if isinstance(kind, ScalarNode) else "here"
        fix = write_instead(key, [name for name in names["enum"] if name not in node.keys])
        yield span, f"`{key}` is not allowed {context}", fix


def explain_required(error: Any, node: Node, _name: str) -> Iterator[Message]:
    """Yield a message for each key that is missing."""
    if not isinstance(node, MappingNode):
        return  # its type is wrong, which is another error
    for key in error.validator_value:
        if key in error.instance:
            continue
        # where other keys are let through, one that is misspelt is not unknown
        is_open = error.schema.get("additionalProperties", True)
        others = set(node.keys).difference(error.schema.get("properties", {})) if is_open else ()
        misspelt = closest(key, sorted(others))
        if misspelt:
            yield (
                node.keys[misspelt].span,
                f"missing key `{key}`",
                f"write `{key}` for `{misspelt}`",
            )
        else:
            yield span_of(node), f"missing key `{key}`", f"add `{key}: …`"


def explain_choice_of_keys(error: Any, node: Node) -> Iterator[Message]:
    """Yield a message for a mapping that needs exactly one of several keys."""
    if not isinstance(node, MappingNode):
        return  # its type is wrong, which is another error
    choices = [branch["required"][0] for branch in error.validator_value]
    present = [key for key in error.instance if key in choices]
    if len(present) > 1:
        problem = f"`{present[0]}` and `{present[1]}` cannot be used together"
        yield node.keys[present[1]].span, problem, "keep one of the two"
    else:
        listed = ", ".join(f"`{choice}`" for choice in choices)
        yield span_of(node), f"missing key: one of {listed}", f"add `{choices[0]}: …`"


def explain_forbidden_keys(error: Any, node: Node, _name: str) -> Iterator[Message]:
    """Yield the title and description that the schema gives to what it forbids."""
    forbidden = error.validator_value
    keys = forbidden.get("required", ())
    span = span_of(node)
    if isinstance(node, MappingNode) and keys:
        span = max((node.keys[key].span for key in keys), key=lambda span: (span.line, span.column))
    yield span, forbidden.get("title", error.message), forbidden.get("description", "change it")
