"""Reads YAML files into nodes with positions, within limits on size, depth and aliases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from harness.errors import SuiteError
from harness.loading.nodes import (
    UNREADABLE_KEY,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    described,
)
from harness.loading.scalars import resolve_scalar
from harness.loading.yaml_errors import MAX_DEPTH, TOO_DEEP, TOO_DEEP_FIX, syntax_error
from harness.source import SourceFile, Span, Text, TextOrigin

MAX_CHARACTERS = 5_000_000
MAX_NODES_WITH_ALIASES = 1_000_000
_QUOTE_TEMPLATE = 'put the template in quotes: "{{ name }}"'


def read_source(path: Path) -> SourceFile:
    """Read a UTF-8 file, with or without a byte order mark and with any line ends.

    Raises:
        SuiteError: The file cannot be read or is not UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise SuiteError(Span(path, 1, 1), "not a regular file", "name a file")
        return SourceFile(path, path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        problem = f"not UTF-8: invalid byte at offset {error.start}"
        raise SuiteError(Span(path, 1, 1), problem, "save the file as UTF-8") from error
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise SuiteError(Span(path, 1, 1), problem, "name a readable file") from error


def compose(file: SourceFile, problems: list[SuiteError]) -> Node:
    """Read one YAML document.

    Args:
        file: The text to read.
        problems: Receives mistakes that do not stop the reading: duplicate keys, tags, keys that
            are not text, numbers that JSON cannot carry.

    Raises:
        SuiteError: The text is not YAML, holds several documents, or is too large or too deep.
    """
    if len(file.text) > MAX_CHARACTERS:
        raise SuiteError(
            file.span(0),
            f"the file has {len(file.text):,} characters; the limit is {MAX_CHARACTERS:,}",
            "move the cases into a dataset",
        )
    composer = _Composer(file, problems)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(file.text, Loader=loader):
            composer.take(event)
    except yaml.YAMLError as error:
        raise syntax_error(file, error) from error
    return composer.root or ScalarNode(None, TextOrigin(file, 0, 0))


class _Composer:
    """Builds nodes from events."""

    def __init__(self, file: SourceFile, problems: list[SuiteError]) -> None:
        self.root: Node | None = None
        self._file = file
        self._problems = problems
        # A stack instead of recursion, so that deep nesting is refused rather than a crash.
        self._stack: list[SequenceNode | MappingNode] = []
        self._pending_keys: list[str | None] = []
        self._anchors: dict[str, Node] = {}
        self._aliased_nodes = 0
        self._takers: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._take_scalar,
            yaml.MappingStartEvent: self._take_mapping,
            yaml.SequenceStartEvent: self._take_sequence,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._take_alias,
            yaml.DocumentStartEvent: self._take_document,
        }

    def take(self, event: yaml.Event) -> None:
        """Add the node that an event begins or ends."""
        taker = self._takers.get(type(event))
        if taker is not None:
            taker(event)

    def _take_document(self, event: yaml.DocumentStartEvent) -> None:
        if self.root is not None:
            fix = "keep one document per file"
            raise self._error(event, "a second YAML document starts here", fix)

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        self._refuse_tag(event, event.tag)
        style = event.style or ""
        origin = self._origin(event, style)
        value: Any = event.value
        if event.implicit[0]:
            try:
                value = resolve_scalar(event.value)
            except ValueError as error:
                fix = "write a finite number of at most 64 bits, or quote it"
                self._problems.append(self._error(event, str(error), fix))
        if isinstance(value, str):
            value = Text(value, origin)
        self._add(ScalarNode(value, origin), event.anchor)

    def _take_mapping(self, event: yaml.MappingStartEvent) -> None:
        self._open(MappingNode(self._origin(event)), event)

    def _take_sequence(self, event: yaml.SequenceStartEvent) -> None:
        self._open(SequenceNode(self._origin(event)), event)

    def _open(
        self,
        node: SequenceNode | MappingNode,
        event: yaml.MappingStartEvent | yaml.SequenceStartEvent,
    ) -> None:
        self._refuse_tag(event, event.tag)
        if len(self._stack) >= MAX_DEPTH:
            raise self._error(event, TOO_DEEP, TOO_DEEP_FIX)
        self._add(node, event.anchor)
        self._stack.append(node)
        self._pending_keys.append(None)

    def _close(self, event: yaml.Event) -> None:
        node = self._stack.pop()
        self._pending_keys.pop()
        node.origin = TextOrigin(self._file, node.origin.start, self._origin(event).end)
        children = node.items if isinstance(node, SequenceNode) else node.values.values()
        node.size = 1 + sum(child.size for child in children)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        if isinstance(parent, SequenceNode):
            parent.items.append(node)
            return
        key = self._pending_keys[-1]
        if key is None:
            self._pending_keys[-1] = self._key(node, parent)
        else:
            parent.values.setdefault(key, node)
            self._pending_keys[-1] = None

    def _key(self, node: Node, parent: MappingNode) -> str:
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            name = str(node.value)
            first = parent.keys.setdefault(name, node)
            if first is not node:
                problem = f"duplicate key `{name}`; first defined on line {first.span.line}"
                self._problems.append(SuiteError(node.span, problem, "keep one of the two"))
            return name
        parent.keys.setdefault(UNREADABLE_KEY, ScalarNode(None, parent.origin))
        start = parent.origin.start
        if self._file.text.startswith("{{", start):
            problem, fix = "an unquoted template reads as a YAML mapping", _QUOTE_TEMPLATE
            self._problems.append(SuiteError(self._file.span(start, 2), problem, fix))
        else:
            problem = f"keys must be text, found {described(node)}"
            self._problems.append(SuiteError(node.span, problem, "put the key in quotes"))
        return UNREADABLE_KEY

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        node = self._anchors.get(str(event.anchor))
        if node is None:
            fix = f"define it with `&{event.anchor}`, or put the text in quotes"
            raise self._error(event, f"unknown alias `*{event.anchor}`", fix)
        if any(node is ancestor for ancestor in self._stack):
            problem = f"`*{event.anchor}` refers to a value that contains it"
            raise self._error(event, problem, "remove the alias")
        # A few nested aliases can stand for billions of values ("billion laughs").
        self._aliased_nodes += node.size
        if self._aliased_nodes > MAX_NODES_WITH_ALIASES:
            problem = f"aliases expand to more than {MAX_NODES_WITH_ALIASES:,} values"
            raise self._error(event, problem, "use fewer aliases")
        self._add(node, None)

    def _refuse_tag(self, event: yaml.Event, tag: str | None) -> None:
        if tag is not None:
            short_tag = tag.replace("tag:yaml.org,2002:", "!!")
            fix = "remove the tag; to get text, put the value in quotes"
            self._problems.append(self._error(event, f"tags are not allowed: `{short_tag}`", fix))

    def _origin(self, event: Any, style: str = "") -> TextOrigin:
        return TextOrigin(self._file, event.start_mark.index, event.end_mark.index, style)

    def _error(self, event: yaml.Event, problem: str, fix: str) -> SuiteError:
        return SuiteError(self._origin(event).span, problem, fix)
