"""YAML nodes that know where in the file they are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.source import Span, TextOrigin

UNREADABLE_KEY = "{{"  # stands in a mapping for a key that is not text
_MAX_SHOWN = 60


@dataclass(slots=True, eq=False)
class ScalarNode:
    """A text (as `Text`), a number, a boolean or null."""

    value: Any
    origin: TextOrigin
    size = 1

    @property
    def span(self) -> Span:
        """The span of its first line."""
        return self.origin.span


@dataclass(slots=True, eq=False)
class SequenceNode:
    """A list.

    Attributes:
        size: The number of nodes in it, itself included, with aliases expanded.
    """

    origin: TextOrigin
    items: list[Node] = field(default_factory=list)
    size: int = 1

    @property
    def span(self) -> Span:
        """The span of its first line."""
        return self.origin.span


@dataclass(slots=True, eq=False)
class MappingNode:
    """Keys, which are always text, and their values, in file order."""

    origin: TextOrigin
    keys: dict[str, ScalarNode] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)
    size: int = 1

    @property
    def span(self) -> Span:
        """The span of its first line."""
        return self.origin.span


Node = ScalarNode | SequenceNode | MappingNode


def data_of(node: Node) -> Any:
    """Return the plain data of a node; its texts are `Text` and so keep their positions."""
    if isinstance(node, MappingNode):
        return {key: data_of(value) for key, value in node.values.items()}
    if isinstance(node, SequenceNode):
        return [data_of(item) for item in node.items]
    return node.value


def node_at(root: Node, path: Iterable[str | int]) -> Node:
    """Return the node at a path of keys and indexes, or its nearest ancestor that exists."""
    node = root
    for step in path:
        if isinstance(node, MappingNode) and step in node.values:
            node = node.values[str(step)]
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            break
    return node


def span_of(node: Node) -> Span:
    """Return where to point for a whole node: a mapping's first key, or else the node itself."""
    if isinstance(node, MappingNode) and node.keys:
        return next(iter(node.keys.values())).span
    return node.span


def described(node: Node) -> str:
    """Say what a node is, to follow the word "found" in an error message."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, str):
        return f"the text `{shortened(node.value)}`"
    return f"`{source_text(node)}`"


def source_text(node: ScalarNode) -> str:
    """Return the beginning of a scalar exactly as the file spells it."""
    return node.origin.file.text[node.origin.start : node.origin.end].strip()[:_MAX_SHOWN]


def shortened(value: object) -> str:
    """Return a value as text that fits into an error message."""
    text = str(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
