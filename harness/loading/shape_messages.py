"""Says in plain words what jsonschema refuses, and at which node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harness.assertions.parameters import JsonSchema
from harness.loading.key_messages import (
    explain_choice_of_keys,
    explain_forbidden_keys,
    explain_key_name,
    explain_required,
    explain_unknown_keys,
)
from harness.loading.nodes import UNREADABLE_KEY, MappingNode, Node, described, node_at, shortened
from harness.loading.value_messages import (
    Message,
    explain_choice,
    explain_empty,
    explain_empty_text,
    explain_pattern,
    explain_range,
    explain_type,
    type_fix,
)
from harness.source import Span

Path = tuple[str | int, ...]
Explanation = tuple[Span, str, str, Path, str]

_TEMPLATE, _FILE = "a template", "{file: …}"  # titles of alternatives in the schema


def explain(error: Any, root: Node) -> Iterator[Explanation]:
    """Yield span, problem, fix, path and keyword for an error of jsonschema."""
    path: Path = tuple(error.absolute_path)
    keyword = error.validator
    if "propertyNames" in list(error.absolute_schema_path)[-2:]:
        keyword = "propertyNames"
    explainer = _EXPLAINERS.get(keyword, _explain_other)
    for span, problem, fix in explainer(error, node_at(root, path), _name(path)):
        yield span, problem, fix, path, keyword
    if keyword in {"anyOf", "oneOf"} and not _is_choice_of_keys(error):
        for nested in _errors_of_intended_branch(error):
            yield from explain(nested, root)


def _explain_alternatives(error: Any, node: Node, name: str) -> Iterator[Message]:
    if _is_choice_of_keys(error):
        yield from explain_choice_of_keys(error, node)
        return
    if _errors_of_intended_branch(error):
        return  # the errors of that branch say more
    if isinstance(node, MappingNode) and UNREADABLE_KEY in node.keys:
        return  # an unquoted template, which the YAML reader has reported
    branches = [branch for branch in error.validator_value if branch.get("title") != _TEMPLATE]
    expected = " or ".join(branch.get("title", "something else") for branch in branches)
    problem = f"`{name}` must be {expected}, found {described(node)}"
    yield node.span, problem, type_fix(_types(branches), node, expected)


def _is_choice_of_keys(error: Any) -> bool:
    return all(set(branch) == {"required"} for branch in error.validator_value)


def _errors_of_intended_branch(error: Any) -> list[Any]:
    """Return the errors of the alternative whose type fits the value; none if no type does."""
    errors_by_branch: dict[int, list[Any]] = {}
    for nested in error.context:
        errors_by_branch.setdefault(nested.schema_path[0], []).append(nested)
    for index, errors in errors_by_branch.items():
        title = error.validator_value[index].get("title")
        is_block = isinstance(error.instance, dict) and "type" in error.instance
        # Any text could be a template, and a mapping with `type` is a block with a mistake in it.
        is_candidate = title != _TEMPLATE and not (title == _FILE and is_block)
        has_wrong_type = any(error.validator == "type" and not error.path for error in errors)
        if is_candidate and not has_wrong_type:
            return errors
    return []


def _types(branches: Iterable[JsonSchema]) -> list[str]:
    types: list[str] = []
    for branch in branches:
        kind = branch.get("type", [])
        types += [kind] if isinstance(kind, str) else kind
    return types


def _explain_other(error: Any, node: Node, name: str) -> Iterator[Message]:
    yield node.span, f"`{name}`: {shortened(error.message)}", "change the value"


def _name(path: Path) -> str:
    """Return the name of the value at `path`: its key, or its list's key with its index."""
    for position in range(len(path) - 1, -1, -1):
        if isinstance(path[position], str):
            indexes = "".join(f"[{step}]" for step in path[position + 1 :])
            return f"{path[position]}{indexes}"
    return "the suite" if not path else "the value"


_EXPLAINERS: dict[str, Callable[[Any, Node, str], Iterator[Message]]] = {
    "additionalProperties": explain_unknown_keys,
    "propertyNames": explain_key_name,
    "required": explain_required,
    "not": explain_forbidden_keys,
    "type": explain_type,
    "enum": explain_choice,
    "const": explain_choice,
    "minimum": explain_range,
    "maximum": explain_range,
    "exclusiveMinimum": explain_range,
    "pattern": explain_pattern,
    "minItems": explain_empty,
    "minProperties": explain_empty,
    "minLength": explain_empty_text,
    "anyOf": _explain_alternatives,
    "oneOf": _explain_alternatives,
}
