"""YAML as nodes that know where they stand; built from events, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from harness.errors import SuiteError
from harness.loading.scalars import resolve_scalar
from harness.source import SourceFile, Span, Text, TextOrigin

MAX_CHARACTERS = 5_000_000
MAX_DEPTH = 64
MAX_NODES_WITH_ALIASES = 1_000_000
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_TOO_DEEP_FIX = "flatten the structure"
_QUOTE_TEMPLATE = 'put the template in quotes: "{{ name }}"'
_SYNTAX_FIXES = (
    ("mapping values are not allowed", "quote a text that contains `: `, and align the keys"),
    ("cannot start any token", "put the text in quotes"),
    ("quoted scalar", "close the quotes; inside double quotes write a backslash as `\\\\`"),
    ("flow", "close the bracket or brace, and separate its items with commas"),
    ("block", "align this line with the ones it belongs to"),
    ("simple key", "write `key: value`"),
    ("alias", "put the text in quotes"),
    ("anchor", "put the text in quotes"),
)


@dataclass(slots=True, eq=False)
class ScalarNode:
    """A text (as `Text`), number, boolean or null."""

    value: Any
    origin: TextOrigin
    size = 1

    @property
    def span(self) -> Span:
        """The first line of it."""
        return self.origin.span


@dataclass(slots=True, eq=False)
class SequenceNode:
    """A list."""

    origin: TextOrigin
    items: list[Node] = field(default_factory=list)
    size: int = 1

    @property
    def span(self) -> Span:
        """The first line of it."""
        return self.origin.span


@dataclass(slots=True, eq=False)
class MappingNode:
    """Keys, which are texts, and their values, in the order of the file."""

    origin: TextOrigin
    keys: dict[str, ScalarNode] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)
    size: int = 1

    @property
    def span(self) -> Span:
        """The first line of it."""
        return self.origin.span


Node = ScalarNode | SequenceNode | MappingNode


def data_of(node: Node) -> Any:
    """Return the plain data of a node; its texts are `Text` and so keep their places."""
    if isinstance(node, MappingNode):
        return {key: data_of(value) for key, value in node.values.items()}
    if isinstance(node, SequenceNode):
        return [data_of(item) for item in node.items]
    return node.value


def compose(file: SourceFile, problems: list[SuiteError]) -> Node:
    """Read one YAML document.

    Args:
        file: The text to read.
        problems: Receives what a suite may not use and reading can step over: duplicate keys,
            tags, keys that are no texts, numbers that cannot be sent.

    Raises:
        SuiteError: The text is no YAML, is several documents, or is too large or too deep.
    """
    if len(file.text) > MAX_CHARACTERS:
        raise SuiteError(
            file.span(0),
            f"the file has {len(file.text):,} characters; at most {MAX_CHARACTERS:,} are read",
            "move the cases into a dataset",
        )
    composer = _Composer(file, problems)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(file.text, Loader=loader):
            composer.take(event)
    except yaml.YAMLError as error:
        raise _syntax_error(file, error) from error
    return composer.root or ScalarNode(None, TextOrigin(file, 0, 0))


class _Composer:
    """Puts events together; the stack replaces recursion, so that depth cannot crash it."""

    def __init__(self, file: SourceFile, problems: list[SuiteError]) -> None:
        self.root: Node | None = None
        self._file = file
        self._problems = problems
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
        """Add what an event stands for."""
        taker = self._takers.get(type(event))
        if taker is not None:
            taker(event)

    def _take_document(self, event: yaml.DocumentStartEvent) -> None:
        if self.root is not None:
            raise self._error(event, "a second YAML document begins", "write one suite per file")

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
            raise self._error(event, _TOO_DEEP, _TOO_DEEP_FIX)
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
                problem = f"duplicate key `{name}`; the first is in line {first.span.line}"
                self._problems.append(SuiteError(node.span, problem, "keep one of the two"))
            return name
        parent.keys.setdefault("{{", ScalarNode(None, parent.origin))
        start = parent.origin.start
        if self._file.text.startswith("{{", start):
            problem, fix = "an unquoted template reads as a YAML mapping", _QUOTE_TEMPLATE
            self._problems.append(SuiteError(self._file.span(start, 2), problem, fix))
        else:
            fix = "put the key in quotes"
            self._problems.append(SuiteError(node.span, "a key is not a text", fix))
        return "{{"

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        node = self._anchors.get(str(event.anchor))
        if node is None:
            fix = f"mark a value `&{event.anchor}`, or put the text in quotes"
            raise self._error(event, f"unknown alias `*{event.anchor}`", fix)
        if any(node is each for each in self._stack):
            problem = f"`*{event.anchor}` stands inside itself"
            raise self._error(event, problem, "remove the alias")
        self._aliased_nodes += node.size
        if self._aliased_nodes > MAX_NODES_WITH_ALIASES:
            problem = f"aliases stand for more than {MAX_NODES_WITH_ALIASES:,} values"
            raise self._error(event, problem, "use fewer aliases")
        self._add(node, None)

    def _refuse_tag(self, event: yaml.Event, tag: str | None) -> None:
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            fix = "remove the tag; quotes make a value a text"
            self._problems.append(self._error(event, f"tags are not allowed: `{shown}`", fix))

    def _origin(self, event: Any, style: str = "") -> TextOrigin:
        return TextOrigin(self._file, event.start_mark.index, event.end_mark.index, style)

    def _error(self, event: yaml.Event, problem: str, fix: str) -> SuiteError:
        return SuiteError(self._origin(event).span, problem, fix)


def _syntax_error(file: SourceFile, error: yaml.YAMLError) -> SuiteError:
    if isinstance(error, yaml.reader.ReaderError):
        position = int(error.position)
        if file.text[position] == "\0":
            return SuiteError(file.span(position), "a zero byte", "save the file as UTF-8")
        problem = f"the character U+{ord(file.text[position]):04X} is not allowed in YAML"
        return SuiteError(file.span(position), problem, 'write it as an escape in "double quotes"')
    assert isinstance(error, yaml.MarkedYAMLError)  # noqa: S101  # the only other kind there is
    mark = error.problem_mark or error.context_mark
    index = mark.index if mark is not None else 0
    line_start = file.text.rfind("\n", 0, index) + 1
    line = file.line(file.span(index).line)
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation:
        place = file.span(line_start + indentation.index("\t"))
        return SuiteError(place, "a tab is used for indentation", "indent with spaces")
    if error.context_mark is not None and not file.text[index:].strip():
        index = error.context_mark.index  # what is not closed is looked for where it begins
    if not file.text[index:].strip():
        index = max(len(file.text.rstrip()) - 1, 0)
    problem = error.problem or "not YAML"
    if "maximum nesting depth" in problem:  # libyaml 0.2.6 reads ahead, and has a bound of its own
        return SuiteError(file.span(index), _TOO_DEEP, _TOO_DEEP_FIX)
    if error.context:
        problem = f"{problem} {error.context}"
    return SuiteError(file.span(index), f"YAML syntax: {problem}", _syntax_fix(problem))


def _syntax_fix(problem: str) -> str:
    for sign, fix in _SYNTAX_FIXES:
        if sign in problem:
            return fix
    return "write this line as YAML 1.2"


def read_source(path: Path) -> SourceFile:
    """Read a file that people wrote: UTF-8, with or without a byte order mark, any line ends.

    Raises:
        SuiteError: The file cannot be read or is not UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise SuiteError(Span(path, 1, 1), "is no regular file", "name a file")
        return SourceFile(path, path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8"
        raise SuiteError(Span(path, 1, 1), problem, "save the file as UTF-8") from error
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise SuiteError(Span(path, 1, 1), problem, "name a file that can be read") from error
