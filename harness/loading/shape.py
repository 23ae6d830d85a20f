"""Checks nodes against a JSON Schema and reports each mistake at its position."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from harness.assertions.parameters import JsonSchema
from harness.errors import SuiteError
from harness.loading.key_messages import combination_problem
from harness.loading.nodes import MappingNode, Node, node_at
from harness.loading.shape_messages import Path, explain
from harness.source import Span


class ShapeError(SuiteError):
    """A value that the schema refuses.

    Attributes:
        path: The keys and indexes that lead to the value.
        keyword: The keyword of the schema that refuses it, or empty.
    """

    def __init__(self, span: Span, problem: str, fix: str, path: Path, keyword: str) -> None:
        super().__init__(span, problem, fix)
        self.args = (span, problem, fix, path, keyword)
        self.path, self.keyword = path, keyword


class ShapeChecker:
    """A schema, ready to check many files."""

    def __init__(self, schema: JsonSchema) -> None:
        import jsonschema_rs

        self._schema = schema
        # jsonschema-rs is 100 times as fast as jsonschema but explains poorly: it says whether a
        # file is valid, and only for an invalid one jsonschema is imported to say why.
        self._validator = jsonschema_rs.Draft202012Validator(schema)

    def problems(self, node: Node, data: Any) -> list[ShapeError]:
        """Return what is wrong with `data`, the plain data of `node`, in file order."""
        if self._validator.is_valid(_plain(data)):
            return []
        errors: dict[tuple[int, int, str], ShapeError] = {}
        unknown_keys = set()
        for error in self._explained(node, data):
            errors[error.span.line, error.span.column, error.problem] = error
            if error.keyword == "additionalProperties":
                unknown_keys.add(error.span)
        reported = {(error.path, error.problem) for error in errors.values()}
        return [
            error
            for _, error in sorted(errors.items())
            # An unknown key breaks the rule on which keys go together, too: one error is enough.
            if not (error.keyword == "propertyNames" and error.span in unknown_keys)
            and not _is_reported_at_a_later_key(error, node, reported)
        ]

    def _explained(self, node: Node, data: Any) -> Iterator[ShapeError]:
        import jsonschema
        import referencing

        # An empty registry keeps jsonschema from fetching schemas.
        validator = jsonschema.Draft202012Validator(self._schema, registry=referencing.Registry())
        errors = list(validator.iter_errors(data))
        for error in errors:
            for explanation in explain(error, node):
                yield ShapeError(*explanation)
        if not errors:
            yield from self._refused_by_fast_validator(node, data)

    def _refused_by_fast_validator(self, node: Node, data: Any) -> Iterator[ShapeError]:
        """Yield what jsonschema lets pass: in Python, `$` also matches before a final line feed."""
        for error in self._validator.iter_errors(_plain(data)):
            path = tuple(error.instance_path)
            fix = "write it as the schema says (`harness schema`)"
            yield ShapeError(node_at(node, path).span, error.message, fix, path, "")


def _plain(data: Any) -> Any:
    """Return the data with plain strings: jsonschema-rs knows no subclasses of `str`."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(item) for item in data]
    return str(data) if isinstance(data, str) else data


def _is_reported_at_a_later_key(error: ShapeError, root: Node, reported: Container[object]) -> bool:
    """Return whether two assertions in one item are already reported at the second of them."""
    node = node_at(root, error.path)
    keys = list(node.keys) if isinstance(node, MappingNode) else []
    return any(
        error.problem == combination_problem(key, later)
        and (error.path, combination_problem(later, key)) in reported
        for position, key in enumerate(keys)
        for later in keys[position + 1 :]
    )
