"""Reads the rows of workbooks, as spreadsheets save them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from harness.errors import SuiteError
from harness.loading.datasets import Row, check_header, refuse_no_rows
from harness.source import Span, Text
from harness.suggestions import write_instead

WORKBOOK = ".xlsx"


def read_workbook(name: Text, content: bytes, sheet: str) -> list[Row]:
    """Return the rows of a sheet, whose first row names the columns.

    Numbers and truth values stay what they are, dates are written as ISO 8601, and an empty cell is
    an empty text, as in CSV. Of a formula, the value counts that the spreadsheet saved.

    Args:
        name: The file as the suite names it, perhaps with `#SHEET`.
        content: The file.
        sheet: The name of the sheet; empty for the first.

    Raises:
        SuiteError: At the name: it is no workbook, has no such sheet or no rows, or openpyxl is not
            installed.
    """
    try:
        import openpyxl
    except ImportError as error:
        fix = "pip install 'prompt-harness[xlsx]'"
        raise SuiteError(name.span, "reading .xlsx needs openpyxl", fix) from error
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as error:  # whatever a broken archive makes of it
        problem = f"`{name}` is not a workbook: {type(error).__name__}: {error}"
        raise SuiteError(name.span, problem, "save it as .xlsx again, or as CSV") from error
    if sheet and sheet not in book.sheetnames:
        problem = f"`{name}` has no sheet `{sheet}`"
        raise SuiteError(name.span, problem, write_instead(sheet, book.sheetnames))
    rows = list(_rows(name, book[sheet or book.sheetnames[0]].iter_rows(values_only=True)))
    book.close()
    refuse_no_rows(name, rows)
    return rows


def _rows(name: Text, lines: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
    header = [_cell(cell) for cell in next(lines, ())]
    while header and header[-1] == "":
        header.pop()  # a sheet is as wide as its widest row
    path = Path(name)
    check_header(path, [str(column) for column in header])
    for number, cells in enumerate(lines, start=2):
        values = [_cell(cell) for cell in cells]
        if any(value != "" for value in values[len(header) :]):
            problem = f"the row has {len(values)} cells, but the header has {len(header)}"
            raise SuiteError(Span(path, number, 1), problem, "name each column in the first row")
        if any(value != "" for value in values):
            padded = [*values, *[""] * (len(header) - len(values))]
            yield Row(dict(zip(map(str, header), padded, strict=False)), number)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    # a spreadsheet knows no whole numbers
    return int(value) if isinstance(value, float) and value.is_integer() else value
