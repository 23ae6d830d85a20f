"""Texts and nodes with positions, without files on disk."""

from __future__ import annotations

from pathlib import Path

from harness.errors import SuiteError
from harness.loading.nodes import Node
from harness.loading.yaml_reader import compose
from harness.source import SourceFile, Text, TextOrigin


def raw_text(value: str, path: str = "p.md") -> Text:
    """Return a text that is a whole file."""
    return Text(value, TextOrigin(SourceFile(Path(path), value), 0, len(value), "raw"))


def node_of(text: str, path: str = "t.yaml") -> Node:
    """Return the node of a YAML text without mistakes."""
    problems: list[SuiteError] = []
    node = compose(SourceFile(Path(path), text), problems)
    assert problems == []
    return node
