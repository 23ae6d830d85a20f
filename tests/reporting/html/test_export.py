"""What the page exports is what the command line writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.model.outcome import Verdict
from harness.reporting.tables import csv_lines, json_document, json_lines
from tests.support.page_runs import made, mixed
from tests.support.pages import visiting, write_page

FORMS = {"csv": csv_lines, "json": json_document, "jsonl": json_lines}


@pytest.mark.parametrize("form", FORMS)
def test_the_page_exports_the_bytes_that_the_command_line_writes(
    browser: Browser, form: str, tmp_path: Path
) -> None:
    odd = made(900, "=odd", "failed", verdict=Verdict.failing('say "a, b"'))
    records = [*mixed(8), odd]

    with visiting(browser, write_page(tmp_path / "r.html", records), "#/cases") as visit:
        visit.page.click("text=Export")
        with visit.page.expect_download() as download:
            visit.page.click(f".menu >> text=/^{form}$/i")
        exported = Path(download.value.path()).read_bytes().decode()

    assert exported == "".join(FORMS[form](records))


def test_only_what_is_filtered_is_exported(browser: Browser, tmp_path: Path) -> None:
    path = write_page(tmp_path / "r.html", mixed(8))

    with visiting(browser, path, "#/cases?q=refund-0") as visit:
        visit.page.click("text=Export")
        with visit.page.expect_download() as download:
            visit.page.click(".menu >> text=/^csv$/i")
        lines = Path(download.value.path()).read_text().splitlines()

    assert len(lines) > 1
    assert all("refund-0" in line for line in lines[1:])


def test_the_keyboard_alone_exports_what_is_found(browser: Browser, tmp_path: Path) -> None:
    path = write_page(tmp_path / "r.html", mixed(8))

    with visiting(browser, path) as visit:
        visit.press("g", "c", "/")
        visit.page.keyboard.type("refund-0")
        for _ in range(12):
            visit.press("Tab")
            if visit.page.evaluate("document.activeElement.innerText") == "Export":
                break
        visit.press("Enter", "Tab")
        with visit.page.expect_download() as download:
            visit.press("Enter")
        lines = Path(download.value.path()).read_text().splitlines()

    assert len(lines) > 1
    assert all("refund-0" in line for line in lines[1:])
