"""Checks nodes against a schema and says what is wrong in words, each at its place."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

from harness.assertions.parameters import JsonSchema
from harness.errors import SuiteError
from harness.loading.nodes import MappingNode, Node, ScalarNode, SequenceNode
from harness.source import Span
from harness.suggestions import closest, write_instead

Path = tuple[str | int, ...]

_TYPE_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "true", "y"), "true"),
    **dict.fromkeys(("no", "off", "false", "n"), "false"),
}
_TEMPLATE, _FILE = "a template", "{file: …}"  # titles of alternatives
_UNREADABLE_KEY = "{{"  # what nodes call a key that is no text


class ShapeError(SuiteError):
    """A value that the schema refuses; `path` leads to it, `keyword` is the schema's."""

    def __init__(self, span: Span, problem: str, fix: str, path: Path, keyword: str) -> None:
        super().__init__(span, problem, fix)
        self.args = (span, problem, fix, path, keyword)
        self.path, self.keyword = path, keyword


_BESIDE = "`{}` cannot stand beside `{}`"


class ShapeChecker:
    """A schema, ready to check many files.

    A compiled validator (jsonschema-rs, 100 times faster) says whether a file is as it must be;
    only when it is not, jsonschema is imported to say what is wrong and where.
    """

    def __init__(self, schema: JsonSchema) -> None:
        import jsonschema_rs

        self._schema = schema
        self._gate = jsonschema_rs.Draft202012Validator(schema)

    def problems(self, node: Node, data: Any) -> list[ShapeError]:
        """Return what is wrong with `data`, the plain data of `node`, in the order of the file."""
        if self._gate.is_valid(_without_places(data)):
            return []
        found: dict[tuple[int, int, str], ShapeError] = {}
        unknown = set()
        for problem in self._explained(node, data):
            found[problem.span.line, problem.span.column, problem.problem] = problem
            if problem.keyword == "additionalProperties":
                unknown.add(problem.span)
        told = {(each.path, each.problem) for each in found.values()}
        return [
            found[place]
            for place in sorted(found)
            if not (found[place].keyword == "propertyNames" and found[place].span in unknown)
            and not _is_told_by_a_later_key(found[place], node, told)
        ]

    def _told_by_gate(self, node: Node, data: Any) -> Iterator[ShapeError]:
        """Yield what only the compiled validator refuses, such as a line feed after a name."""
        for error in self._gate.iter_errors(_without_places(data)):
            path = tuple(error.instance_path)
            fix = "write it as the schema says (`harness schema`)"
            yield ShapeError(node_at(node, path).span, error.message, fix, path, "")

    def _explained(self, node: Node, data: Any) -> Iterator[ShapeError]:
        import jsonschema
        import referencing

        validator = jsonschema.Draft202012Validator(self._schema, registry=referencing.Registry())
        errors = list(validator.iter_errors(data))
        for error in errors:
            yield from _explain(error, node)
        if not errors:
            yield from self._told_by_gate(node, data)


def _without_places(data: Any) -> Any:
    """Return the data with plain strings, the only ones the compiled validator knows."""
    if isinstance(data, dict):
        return {key: _without_places(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_without_places(item) for item in data]
    return str(data) if isinstance(data, str) else data


def node_at(root: Node, path: Iterable[str | int]) -> Node:
    """Return the node that a path leads to, or the last one on the way that exists."""
    node = root
    for step in path:
        if isinstance(node, MappingNode) and step in node.values:
            node = node.values[str(step)]
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            break
    return node


def place_of(node: Node) -> Span:
    """Return where to point for a whole node: a mapping's first key, else its own beginning."""
    if isinstance(node, MappingNode) and node.keys:
        return next(iter(node.keys.values())).span
    return node.span


def _explain(error: Any, root: Node) -> Iterator[ShapeError]:
    path: Path = tuple(error.absolute_path)
    node = node_at(root, path)
    keyword = error.validator
    if "propertyNames" in list(error.absolute_schema_path)[-2:]:
        keyword = "propertyNames"
    explain = _EXPLAINERS.get(keyword, _explain_other)
    for span, problem, fix in explain(error, node, _name(path)):
        yield ShapeError(span, problem, fix, path, keyword)
    if keyword in {"anyOf", "oneOf"} and not _is_choice_of_keys(error):
        for nested in _meant_branch(error):
            yield from _explain(nested, root)


Explanation = tuple[Span, str, str]


def _explain_unknown_keys(error: Any, node: Node, _name: str) -> Iterator[Explanation]:
    assert isinstance(node, MappingNode)  # noqa: S101  # only mappings have keys
    known = list(error.schema.get("properties", {}))
    is_expectation = "dependentSchemas" in error.schema
    names_assertion = is_expectation and any(key in _assertions(error.schema) for key in node.keys)
    for key, written in node.keys.items():
        if key in known or key == _UNREADABLE_KEY:
            continue
        if is_expectation and not names_assertion:
            assertions = _assertions(error.schema)
            yield written.span, f"unknown assertion `{key}`", write_instead(key, assertions)
        elif key == "<<":
            fix = "repeat the keys, or set them for the whole suite"
            yield written.span, "merge keys (`<<`) are not part of YAML 1.2", fix
        else:
            yield written.span, f"unknown key `{key}`", _key_fix(key, known, node)


def _key_fix(key: str, known: Sequence[str], node: MappingNode) -> str:
    meant = closest(key, known)
    if meant in node.keys:
        return f"remove it; `{meant}` is there already"
    return write_instead(key, [name for name in known if name not in node.keys])


def _assertions(schema: JsonSchema) -> list[str]:
    return list(schema["dependentSchemas"])


def _explain_key_name(error: Any, node: Node, _name: str) -> Iterator[Explanation]:
    """A key that is refused by its name: by a pattern, or beside the keys it stands with."""
    assert isinstance(node, MappingNode)  # noqa: S101
    key, names = error.instance, error.schema
    if key == _UNREADABLE_KEY:
        return
    span = node.keys[key].span
    if "not" in names:
        yield span, f"`{key}` has a place of its own", f"set `{key}` in `request`, outside `extra`"
        return
    if "pattern" in names:
        yield span, f"`{key}` cannot be a name", f"write {names.get('title', 'a name')}"
        return
    steps = list(error.absolute_schema_path)
    if steps[-4] == "dependentSchemas":
        yield from _explain_two_assertions(str(steps[-3]), key, node, names["enum"])
        return
    kind = node.values.get("type")
    of_type = f" with `type: {kind.value}`" if isinstance(kind, ScalarNode) else " here"
    fix = write_instead(key, [name for name in names["enum"] if name not in node.keys])
    yield span, f"`{key}` does not go{of_type}", fix


def _explain_two_assertions(
    owner: str, key: str, node: MappingNode, allowed: Sequence[str]
) -> Iterator[Explanation]:
    fix = f"begin an item of its own: `- {key}: …`, or write one of {', '.join(allowed)}"
    yield node.keys[key].span, _BESIDE.format(key, owner), fix


def _is_told_by_a_later_key(error: ShapeError, root: Node, told: Container[object]) -> bool:
    """Return whether two assertions in one item are told at the second of them already."""
    node = node_at(root, error.path)
    keys = list(node.keys) if isinstance(node, MappingNode) else []
    return any(
        error.problem == _BESIDE.format(key, later)
        and (error.path, _BESIDE.format(later, key)) in told
        for place, key in enumerate(keys)
        for later in keys[place + 1 :]
    )


def _explain_required(error: Any, node: Node, _name: str) -> Iterator[Explanation]:
    if not isinstance(node, MappingNode):
        return  # that it is none has been told
    for key in error.validator_value:
        if key not in error.instance:
            yield place_of(node), f"the key `{key}` is missing", f"add `{key}: …`"


def _explain_type(error: Any, node: Node, name: str) -> Iterator[Explanation]:
    kinds = error.validator_value
    kinds = [kinds] if isinstance(kinds, str) else kinds
    wanted = error.schema.get("title") or " or ".join(_TYPE_WORDS[kind] for kind in kinds)
    problem = f"`{name}` must be {wanted}, found {_described(node)}"
    yield node.span, problem, _type_fix(kinds, node, wanted)


def _type_fix(kinds: Sequence[str], node: Node, wanted: str) -> str:
    if isinstance(node, ScalarNode):
        value = node.value
        if "boolean" in kinds and str(value).lower() in _BOOLEANS:
            return f"write `{_BOOLEANS[str(value).lower()]}`"
        if "string" in kinds and value is not None:
            return f'put it in quotes: "{_written(node)}"'
        if "array" in kinds and value is not None:
            return f"write a list: [{_written(node)}]"
    return f"write {wanted}"


def _written(node: ScalarNode) -> str:
    return node.origin.file.text[node.origin.start : node.origin.end].strip()[:60]


def _described(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, str):
        return f"the text `{_short(node.value)}`"
    return f"`{_written(node)}`"


def _explain_choice(error: Any, node: Node, name: str) -> Iterator[Explanation]:
    choices = error.validator_value
    if choices == [True]:
        yield node.span, f"`{name}` must be true, found {_described(node)}", "write `true`"
        return
    found = _short(error.instance)
    known = [choice if isinstance(choice, str) else json.dumps(choice) for choice in choices]
    yield node.span, f"`{found}` is not known here", write_instead(found, known)


def _explain_bound(error: Any, node: Node, name: str) -> Iterator[Explanation]:
    schema, found = error.schema, error.instance
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum")
    above = "exclusiveMinimum" in schema
    wanted = f"above {least}" if above else f"from {least}"
    if most is not None:
        wanted += f" to {most}"
    elif not above:
        wanted = f"of at least {least}"
    fix = f"write a number {wanted}"
    if least == 0 and most == 1 and found > 1:
        fix += " (not a percentage)"
    yield node.span, f"`{name}` is {found}, out of range", fix


def _explain_pattern(error: Any, node: Node, name: str) -> Iterator[Explanation]:
    wanted = error.schema.get("title", f"text that matches `{error.validator_value}`")
    yield node.span, f"`{name}` is `{_short(error.instance)}`", f"write {wanted}"


def _explain_empty(_error: Any, node: Node, name: str) -> Iterator[Explanation]:
    yield node.span, f"`{name}` is empty", "write at least one entry, or remove the key"


def _explain_not(error: Any, node: Node, _name: str) -> Iterator[Explanation]:
    told = error.validator_value
    keys = told.get("required", ())
    span = place_of(node)
    if isinstance(node, MappingNode) and keys:
        span = max((node.keys[key].span for key in keys), key=lambda span: (span.line, span.column))
    yield span, told.get("title", error.message), told.get("description", "change it")


def _explain_alternatives(error: Any, node: Node, name: str) -> Iterator[Explanation]:
    if _is_choice_of_keys(error):
        yield from _explain_choice_of_keys(error, node)
    elif not _meant_branch(error):
        branches = [each for each in error.validator_value if each.get("title") != _TEMPLATE]
        wanted = " or ".join(branch.get("title", "something else") for branch in branches)
        problem = f"`{name}` must be {wanted}, found {_described(node)}"
        if isinstance(node, MappingNode) and _UNREADABLE_KEY in node.keys:
            return  # an unquoted template, which reading the nodes has told
        yield node.span, problem, _type_fix(_kinds(branches), node, wanted)


def _is_choice_of_keys(error: Any) -> bool:
    return all(set(branch) == {"required"} for branch in error.validator_value)


def _explain_choice_of_keys(error: Any, node: Node) -> Iterator[Explanation]:
    if not isinstance(node, MappingNode):
        return  # that it is none has been told
    choices = [branch["required"][0] for branch in error.validator_value]
    given = [key for key in error.instance if key in choices]
    if len(given) > 1:
        problem = f"`{given[0]}` and `{given[1]}` exclude each other"
        yield node.keys[given[1]].span, problem, "keep one of the two"
    else:
        listed = ", ".join(f"`{choice}`" for choice in choices)
        yield place_of(node), f"one of {listed} is missing", f"add `{choices[0]}: …`"


def _meant_branch(error: Any) -> list[Any]:
    """Return the errors of the alternative whose type fits the value, if there is one."""
    branches: dict[int, list[Any]] = {}
    for nested in error.context:
        branches.setdefault(nested.schema_path[0], []).append(nested)
    for index, errors in branches.items():
        title = error.validator_value[index].get("title")
        is_block = isinstance(error.instance, dict) and "type" in error.instance
        is_meant = title != _TEMPLATE and not (title == _FILE and is_block)
        if is_meant and not any(each.validator == "type" and not each.path for each in errors):
            return errors
    return []


def _kinds(branches: Iterable[JsonSchema]) -> list[str]:
    kinds: list[str] = []
    for branch in branches:
        kind = branch.get("type", [])
        kinds += [kind] if isinstance(kind, str) else kind
    return kinds


def _explain_other(error: Any, node: Node, name: str) -> Iterator[Explanation]:
    yield node.span, f"`{name}`: {_short(error.message)}", "change the value"


def _name(path: Path) -> str:
    """Return how a person would call the value at `path`: its key, with the list's key if any."""
    for index in range(len(path) - 1, -1, -1):
        if isinstance(path[index], str):
            rest = "".join(f"[{step}]" for step in path[index + 1 :])
            return f"{path[index]}{rest}"
    return "the suite" if not path else "the value"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


_EXPLAINERS = {
    "additionalProperties": _explain_unknown_keys,
    "propertyNames": _explain_key_name,
    "required": _explain_required,
    "type": _explain_type,
    "enum": _explain_choice,
    "const": _explain_choice,
    "minimum": _explain_bound,
    "maximum": _explain_bound,
    "exclusiveMinimum": _explain_bound,
    "pattern": _explain_pattern,
    "minItems": _explain_empty,
    "minProperties": _explain_empty,
    "minLength": _explain_empty,
    "not": _explain_not,
    "anyOf": _explain_alternatives,
    "oneOf": _explain_alternatives,
}
