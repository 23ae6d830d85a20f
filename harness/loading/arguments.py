"""Where in a file a wrong argument is written."""

from __future__ import annotations

from harness.assertions.parameters import ArgumentError
from harness.errors import SuiteError
from harness.loading.nodes import Node, node_at
from harness.source import Span, Text


def argument_error(node: Node, error: ArgumentError) -> SuiteError:
    """Return an error about something inside `node` with its position in the file."""
    return SuiteError(_span(node_at(node, error.path), error.offset), error.problem, error.fix)


def _span(node: Node, offset: int) -> Span:
    value = getattr(node, "value", None)
    if isinstance(value, Text) and offset:
        return value.span_at(min(offset, len(value) - 1))
    return node.span
