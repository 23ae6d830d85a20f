"""Reads a suite and what it extends."""

from __future__ import annotations

from pathlib import Path

from harness.errors import SuiteError
from harness.loading.files import ProjectFiles
from harness.loading.nodes import MappingNode, Node, ScalarNode, SequenceNode, described
from harness.loading.yaml_reader import compose
from harness.source import SourceFile, Text

_EXTENDS = "extends"
_MERGED = frozenset({"vars", "request", "extra"})
_JOINED = frozenset({"assert", "tags"})


def compose_suite(file: SourceFile, files: ProjectFiles, problems: list[SuiteError]) -> Node:
    """Return the nodes of a suite, merged with the file that it extends.

    Variables and fields of requests are merged one by one, lists of expectations and tags are
    joined, and of everything else the suite's own wins. Each node keeps its place in its own file.

    Args:
        file: The suite.
        files: Reads what it extends.
        problems: Takes what is wrong with either file.

    Raises:
        SuiteError: One of them is not YAML, or what is extended cannot be read; without it, most of
            the suite would seem wrong.
    """
    return _extended(compose(file, problems), file.path, files, problems, ())


def _extended(
    node: Node,
    path: Path,
    files: ProjectFiles,
    problems: list[SuiteError],
    extending: tuple[Path, ...],
) -> Node:
    name = node.values.get(_EXTENDS) if isinstance(node, MappingNode) else None
    if not isinstance(node, MappingNode) or not isinstance(name, ScalarNode):
        return node
    if not isinstance(name.value, Text):
        return node  # the shape of the suite says that it must be a text
    base = _base(name.value, path, files, problems, (*extending, path.resolve()))
    return _merged(base, node)


def _base(
    name: Text,
    path: Path,
    files: ProjectFiles,
    problems: list[SuiteError],
    extending: tuple[Path, ...],
) -> MappingNode:
    file = files.read_text(path.parent, name).origin.file
    if file.path.resolve() in extending:
        raise SuiteError(name.span, f"`{name}` extends itself", "remove one of the `extends`")
    node = compose(file, problems)
    if not isinstance(node, MappingNode):
        problem = f"`{name}` must be a mapping, found {described(node)}"
        raise SuiteError(node.span, problem, "write keys of a suite, such as `request:`")
    extended = _extended(node, file.path, files, problems, extending)
    assert isinstance(extended, MappingNode)  # noqa: S101  # as its own node is
    return extended


def _merged(base: MappingNode, own: MappingNode) -> MappingNode:
    keys, values = {**base.keys, **own.keys}, {**base.values, **own.values}
    for key in base.values.keys() & own.values.keys():
        one, other = base.values[key], own.values[key]
        if key in _MERGED and isinstance(one, MappingNode) and isinstance(other, MappingNode):
            values[key] = _merged(one, other)
        elif key in _JOINED and isinstance(one, SequenceNode) and isinstance(other, SequenceNode):
            values[key] = SequenceNode(other.origin, [*one.items, *other.items])
    return MappingNode(own.origin, keys, values)
