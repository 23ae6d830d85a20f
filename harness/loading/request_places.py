"""Finds where a suite sets a field of its requests."""

from __future__ import annotations

from collections.abc import Iterator

from harness.errors import SuiteError
from harness.loading.extending import compose_suite
from harness.loading.files import ProjectFiles
from harness.loading.nodes import MappingNode, Node, SequenceNode
from harness.loading.yaml_reader import read_source
from harness.model.suite import Suite
from harness.source import Span


def request_place(suite: Suite, field: str) -> Span:
    """Return the first place in a suite that sets a field of requests; else that of the suite.

    The file is read again: most fields need no place, and suites need not keep them.
    """
    try:
        root = compose_suite(read_source(suite.span.path), ProjectFiles(), [])
    except SuiteError:  # it was made in Python, or has changed since
        return suite.span
    places = [node.keys[field].span for node in _settings(root) if field in node.keys]
    return min(places, key=lambda span: (span.line, span.column), default=suite.span)


def _settings(root: Node) -> Iterator[MappingNode]:
    """Yield the mappings in which fields of requests may stand."""
    cases, variants = _part(root, "cases"), _part(root, "variants")
    holders = [root, *(cases.items if isinstance(cases, SequenceNode) else ())]
    holders += variants.values.values() if isinstance(variants, MappingNode) else ()
    for node in (*(_part(holder, "request") for holder in holders), _part(root, "matrix")):
        if isinstance(node, MappingNode):
            yield node


def _part(node: Node, key: str) -> Node | None:
    return node.values.get(key) if isinstance(node, MappingNode) else None
