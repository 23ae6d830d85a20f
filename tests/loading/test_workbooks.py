"""Rows of workbooks."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from harness.errors import SuiteError
from harness.loading.workbooks import read_workbook
from tests.support.sources import raw_text
from tests.support.suites import plan_of, write_cases


def workbook(*rows: list[Any], title: str = "Sheet", second: list[Any] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if second is not None:
        other = book.create_sheet("Other")
        other.append(["c"])
        other.append(second)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rows(content: bytes, sheet: str = "") -> list[tuple[int, dict[str, Any]]]:
    read = read_workbook(raw_text("d.xlsx"), content, sheet)
    return [(row.line, dict(row.values)) for row in read]


def test_cells_keep_their_types_and_empty_ones_are_empty_texts() -> None:
    content = workbook(
        ["q", "n", "on", "day", "rate"],
        ["007", 3, True, date(2026, 1, 2), 0.5],
        [None, None, None, None, None],
        ["x", None, None, None, None],
    )

    assert rows(content) == [
        (2, {"q": "007", "n": 3, "on": True, "day": "2026-01-02T00:00:00", "rate": 0.5}),
        (4, {"q": "x", "n": "", "on": "", "day": "", "rate": ""}),
    ]


def test_a_sheet_is_named_after_the_file(tmp_path: Path) -> None:
    (tmp_path / "d.xlsx").write_bytes(workbook(["a"], [1], second=["of the other"]))
    path = write_cases(
        tmp_path, "  - {id: 'r-{{ row }}', dataset: 'd.xlsx#Other', prompt: '{{ c }}'}\n"
    )

    (trial,) = plan_of(path).trials()

    assert trial.vars["c"] == "of the other"


@pytest.mark.parametrize(
    ("content", "sheet", "words"),
    [
        (b"PK no", "", "`d.xlsx` is not a workbook: BadZipFile"),
        (workbook(["a"], [1]), "None", "`d.xlsx` has no sheet `None`"),
        (workbook(["a"]), "", "the dataset `d.xlsx` has no rows"),
        (workbook(), "", "the dataset `d.xlsx` has no rows"),
        (workbook(["a", "a"], [1, 2]), "", "duplicate column `a`"),
        (workbook(["a", None, "b"], [1, 2, 3]), "", "column 2 has no name"),
        (workbook(["a"], [1, 2]), "", "the row has 2 cells, but the header has 1"),
        (workbook(["row"], [1]), "", "a column `row` would hide the number of the row"),
    ],
)
def test_a_workbook_that_cannot_be_used_is_refused(content: bytes, sheet: str, words: str) -> None:
    with pytest.raises(SuiteError) as caught:
        rows(content, sheet)

    assert words in caught.value.problem
    assert caught.value.fix
