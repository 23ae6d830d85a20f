"""Replaces `{file: …}` in the values of a suite by what the files hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.errors import SuiteError
from harness.loading.files import ProjectFiles
from harness.loading.nodes import MappingNode, Node, ScalarNode, SequenceNode
from harness.loading.yaml_reader import compose
from harness.source import Text

_PARSED = frozenset({".json", ".yaml", ".yml"})
_MENTIONS_FILE = re.compile(r"\bfile\b[\"']?\s*:")
_IN_REQUEST = (
    "tools", "tool_choice", "thinking", "output_config", "metadata", "stop_sequences", "extra",
)  # fmt: skip
_LITERAL = frozenset({"arguments"})  # of a tool, which may well have one that is called `file`


def insert_files(root: Node, files: ProjectFiles, problems: list[SuiteError]) -> None:
    """Replace the values of a suite that are files: JSON and YAML parsed, other texts as they are.

    These are variables, the arguments of assertions, and fields of requests. Prompts and system
    prompts are not among them: their paths may be templates.

    Args:
        root: The suite; changed in place.
        files: Reads them.
        problems: Takes what is wrong with them.
    """
    if not isinstance(root, MappingNode) or not _MENTIONS_FILE.search(root.origin.file.text):
        return
    for parent, key in _holders(root):
        parent.values[key] = _replaced(parent.values[key], files, problems)


def _holders(root: MappingNode) -> Iterator[tuple[MappingNode, str]]:
    """Yield the mappings and keys whose values may be, or have in them, files."""
    layers: list[Node | None] = [root]
    for name in ("variants", "cases"):
        part = root.values.get(name)
        layers += part.values.values() if isinstance(part, MappingNode) else ()
        layers += part.items if isinstance(part, SequenceNode) else ()
    layers.append(root.values.get("matrix"))
    for layer in layers:
        if not isinstance(layer, MappingNode):
            continue
        yield from ((layer, key) for key in ("vars", "assert", *_IN_REQUEST) if key in layer.values)
        request, turns = layer.values.get("request"), layer.values.get("turns")
        if isinstance(request, MappingNode):
            yield from ((request, key) for key in _IN_REQUEST if key in request.values)
        for turn in turns.items if isinstance(turns, SequenceNode) else ():
            if isinstance(turn, MappingNode) and "assert" in turn.values:
                yield turn, "assert"


def _replaced(node: Node, files: ProjectFiles, problems: list[SuiteError]) -> Node:
    """Return a node with the files in it replaced; the nodes in it are changed in place."""
    if isinstance(node, SequenceNode):
        node.items[:] = [_replaced(item, files, problems) for item in node.items]
    elif isinstance(node, MappingNode):
        name = _file_name(node)
        if name is not None:
            return _content(name, files, problems)
        for key in node.values.keys() - _LITERAL:
            node.values[key] = _replaced(node.values[key], files, problems)
    return node


def _file_name(node: MappingNode) -> Text | None:
    value = node.values.get("file")
    if len(node.values) == 1 and isinstance(value, ScalarNode) and isinstance(value.value, Text):
        return value.value
    return None


def _content(name: Text, files: ProjectFiles, problems: list[SuiteError]) -> Node:
    try:
        text = files.read_text(name.origin.file.path.parent, name)
        if PurePosixPath(name).suffix.lower() in _PARSED:
            return compose(text.origin.file, problems)
    except SuiteError as error:
        problems.append(error)
        return ScalarNode(Text("", name.origin), name.origin)  # one problem in one place
    return ScalarNode(text, text.origin)
