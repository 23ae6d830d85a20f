"""Reads and selects the rows of a case: those of its datasets, or those written in the suite."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from harness.errors import SuiteError
from harness.loading.datasets import DATASET_KEYS, Row, read_rows
from harness.loading.nodes import MappingNode, SequenceNode, node_at
from harness.loading.texts import TextReader
from harness.loading.workbooks import WORKBOOK, read_workbook
from harness.source import Text

_WILDCARDS = frozenset("*?[")


class NumberedRow(NamedTuple):
    """A row and its number among all rows of the case, counted from 1."""

    number: int
    row: Row


def has_rows(data: Mapping[str, Any]) -> bool:
    """Return whether a case has rows."""
    return any(key in data for key in DATASET_KEYS)


def source_of_rows(data: Mapping[str, Any]) -> str:
    """Return in a few words where the rows of a case come from."""
    named = data.get("dataset")
    return f"`{named}`" if isinstance(named, str) else "the case"


def rows_of(node: MappingNode, data: Mapping[str, Any], texts: TextReader) -> list[NumberedRow]:
    """Return all rows of a case.

    Raises:
        SuiteError: A dataset cannot be read, or has no rows.
    """
    rows: list[Row] = []
    if "rows" in data:
        items = node_at(node, ["rows"])
        assert isinstance(items, SequenceNode)  # noqa: S101  # the shape has been checked
        lines = [item.span.line for item in items.items]
        rows = [Row(values, line) for values, line in zip(data["rows"], lines, strict=True)]
    for name in _names(data.get("dataset", ()), texts):
        rows += _rows_in(name, data.get("delimiter"), texts)
    return [NumberedRow(number, row) for number, row in enumerate(rows, start=1)]


def selected_rows(
    node: MappingNode, data: Mapping[str, Any], rows: Sequence[NumberedRow]
) -> Sequence[NumberedRow]:
    """Return the first `limit` rows, and of these a sample, in their order.

    Raises:
        SuiteError: The sample has more rows than there are.
    """
    rows = rows[: data.get("limit", len(rows))]
    if "sample" not in data:
        return rows
    size, seed = int(data["sample"]["n"]), int(data["sample"].get("seed", 0))
    if size > len(rows):
        problem = f"the sample has {size} rows, but there are only {len(rows)}"
        span = node_at(node, ["sample", "n"]).span
        raise SuiteError(span, problem, f"write at most {len(rows)}, or remove `sample`")
    chosen = random.Random(seed).sample(range(len(rows)), size)  # noqa: S311  # to be repeatable
    return [rows[index] for index in sorted(chosen)]


def _names(written: Text | Sequence[Text], texts: TextReader) -> Iterator[Text]:
    for name in [written] if isinstance(written, Text) else written:
        if _WILDCARDS.isdisjoint(name):
            yield name
        else:
            yield from texts.matching_files(name)


def _rows_in(name: Text, delimiter: Text | None, texts: TextReader) -> list[Row]:
    file, _, sheet = name.partition("#")
    if PurePosixPath(file).suffix.lower() == WORKBOOK:
        content = texts.files.read_bytes(name.origin.file.path.parent, file, name.span)
        return read_workbook(name, content, sheet)
    return read_rows(name, texts.text_file(name), delimiter)
