"""The ids of cases that have none of their own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from harness.loading.datasets import ROW_VARIABLE
from harness.loading.nodes import MappingNode, node_at
from harness.source import Span, Text

_LONGEST = 60
_WORD = re.compile(r"[a-z0-9]+")


def id_span(node: MappingNode) -> Span:
    """Return where a case is told apart from others: at its id, or where it begins."""
    return node_at(node, ["id"]).span


def default_id(node: MappingNode, data: Mapping[str, Any], number: int, *, has_rows: bool) -> Text:
    """Return the id of a case without one: the words of its description, or its number.

    Args:
        node: The case.
        data: Its plain data.
        number: Its place in the suite, counted from 1.
        has_rows: Whether it stands for several cases, which the numbers of the rows tell apart.
    """
    name = _slug(str(data.get("description", ""))) or f"case-{number}"
    return Text(f"{name}-{{{{ {ROW_VARIABLE} }}}}" if has_rows else name, node.origin)


def _slug(description: str) -> str:
    plain = unicodedata.normalize("NFKD", description).encode("ascii", "ignore").decode().lower()
    slug = ""
    for word in _WORD.findall(plain):
        longer = f"{slug}-{word}" if slug else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        slug = longer
    return slug
