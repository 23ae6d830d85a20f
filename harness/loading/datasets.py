"""Reads datasets: each row becomes a case, its columns become variables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from harness.errors import SuiteError
from harness.loading.files import MAX_BYTES
from harness.loading.nodes import SequenceNode, data_of
from harness.loading.yaml_reader import compose
from harness.source import SourceFile, Span, Text

ROW_VARIABLE = "row"
DATASET_KEYS = ("dataset", "rows")
FORMATS = ("csv", "tsv", "jsonl", "json", "yaml", "xlsx")
_OTHER_DELIMITERS = (";", "\t", "|")
_HIDES_NUMBER = f"a column `{ROW_VARIABLE}` would hide the number of the row"
_NOT_ROWS = "a dataset must be a list of rows"


@dataclass(frozen=True, slots=True)
class Row:
    """Values by column, and the row's line in the dataset, counted from 1."""

    values: Mapping[str, Any]
    line: int


def read_rows(name: Text, content: Text, delimiter: Text | None = None) -> list[Row]:
    """Return the rows of a dataset, whose file extension says the format.

    Args:
        name: The file as the suite names it.
        content: Its text.
        delimiter: What separates the cells of CSV; None for a comma.

    Raises:
        SuiteError: At the name in the suite if the dataset is empty or its format unknown; in the
            dataset itself if its content is wrong.
    """
    extension = PurePosixPath(name).suffix.removeprefix(".").lower()
    file = content.origin.file
    if delimiter is not None and extension != "csv":
        problem = f"`delimiter` is for .csv files, not for `{name}`"
        raise SuiteError(delimiter.span, problem, "remove it")
    match extension:
        case "csv":
            rows = list(_table_rows(file, delimiter or ","))
        case "tsv":
            rows = list(_table_rows(file, "\t"))
        case "jsonl":
            rows = list(_jsonl_rows(file))
        case "json":
            rows = _json_rows(file)
        case "yaml" | "yml":
            rows = _yaml_rows(file)
        case _:
            problem = f"unknown dataset format: `{name}`"
            fix = f"use a file that ends in .{', .'.join(FORMATS)}"
            raise SuiteError(name.span, problem, fix)
    refuse_no_rows(name, rows)
    hiding = next((row for row in rows if ROW_VARIABLE in row.values), None)
    if hiding is not None:
        line = 1 if extension in ("csv", "tsv") else hiding.line
        raise SuiteError(Span(file.path, line, 1), _HIDES_NUMBER, "rename the column")
    return rows


def refuse_no_rows(name: Text, rows: Sequence[Row]) -> None:
    """Raise SuiteError at the name of a dataset if it has no rows."""
    if not rows:
        raise SuiteError(
            name.span, f"the dataset `{name}` has no rows", "add a row, or remove the dataset"
        )


def _table_rows(file: SourceFile, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(MAX_BYTES)  # the default limit is 128 KB
    lines = io.StringIO(file.text, newline="")
    if delimiter == "\t":  # a quote is an ordinary character in TSV
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    else:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
        check_header(file.path, header)
        _check_delimiter(file, header, delimiter)
        while True:
            line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            if not cells:
                continue
            if len(cells) != len(header):
                problem = f"the row has {len(cells)} cells, but the header has {len(header)}"
                fix = 'write one cell per column; put a cell with a separator in "quotes"'
                raise SuiteError(Span(file.path, line, 1), problem, fix)
            yield Row(dict(zip(header, cells, strict=True)), line)
    except csv.Error as error:
        span = Span(file.path, max(reader.line_num, 1), 1)
        raise SuiteError(span, f"invalid table: {error}", "close the quotes") from error


def check_header(path: Path, header: Sequence[str]) -> None:
    """Raise SuiteError if columns have no names, one name, or the name of the row's number."""
    for index, column in enumerate(header):
        if column in header[:index]:
            problem = f"duplicate column `{column}` in the header"
            raise SuiteError(Span(path, 1, 1), problem, "rename one of the two")
        if not column.strip():
            problem = f"column {index + 1} has no name"
            raise SuiteError(Span(path, 1, 1), problem, "name it in the header")
        if column == ROW_VARIABLE:
            raise SuiteError(Span(path, 1, 1), _HIDES_NUMBER, "rename the column")


def _check_delimiter(file: SourceFile, header: Sequence[str], delimiter: str) -> None:
    others = [other for other in _OTHER_DELIMITERS if len(header) == 1 and other in header[0]]
    if others and delimiter == ",":
        shown = json.dumps(others[0])
        problem = f"the cells are separated by {shown}, not by commas"
        raise SuiteError(Span(file.path, 1, 1), problem, f"set `delimiter: {shown}` on the case")


def _jsonl_rows(file: SourceFile) -> Iterator[Row]:
    for number, line in enumerate(file.text.split("\n"), start=1):
        if line.strip():
            yield Row(_object(file, _parsed(file, line, number), number), number)


def _json_rows(file: SourceFile) -> list[Row]:
    items = _parsed(file, file.text, 1)
    if not isinstance(items, list):
        raise SuiteError(Span(file.path, 1, 1), _NOT_ROWS, "write `[{…}, {…}]`")
    return [Row(_object(file, item, 1, f"item {n}"), 1) for n, item in enumerate(items, start=1)]


def _yaml_rows(file: SourceFile) -> list[Row]:
    problems: list[SuiteError] = []
    node = compose(file, problems)
    if problems:
        raise problems[0]
    items = data_of(node)
    if not isinstance(items, list):
        raise SuiteError(node.span, _NOT_ROWS, "write a list of mappings")
    assert isinstance(node, SequenceNode)  # noqa: S101  # its data is a list
    lines = [item.span.line for item in node.items]
    return [
        Row(_object(file, item, line, f"item {number}"), line)
        for number, (item, line) in enumerate(zip(items, lines, strict=True), start=1)
    ]


def _refuse_constant(name: str) -> float:
    raise ValueError(f"`{name}` is not a JSON number")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for index, key in enumerate(keys) if key in keys[:index])
        raise ValueError(f"the key `{twice}` is there twice")
    return made


def _parsed(file: SourceFile, text: str, line: int) -> Any:
    try:
        return json.loads(
            text, parse_constant=_refuse_constant, object_pairs_hook=_without_duplicates
        )
    except json.JSONDecodeError as error:
        span = Span(file.path, line + error.lineno - 1, error.colno)
        raise SuiteError(span, f"invalid JSON: {error.msg}", "correct the JSON here") from error
    except ValueError as error:
        span = Span(file.path, line, 1)
        raise SuiteError(span, f"invalid JSON: {error}", "correct it") from error
    except RecursionError as error:
        raise SuiteError(
            Span(file.path, line, 1), "nested too deeply", "flatten the data"
        ) from error


def _object(file: SourceFile, value: Any, line: int, what: str = "the row") -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SuiteError(
            Span(file.path, line, 1), f"{what} must be an object", 'write `{"column": value}`'
        )
    return value
