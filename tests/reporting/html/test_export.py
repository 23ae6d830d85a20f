"""What the page exports is what the command line writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.tables import csv_lines, json_document, json_lines
from tests.support.page_runs import made, mixed
from tests.support.pages import visiting, write_page
from tests.support.replies import reply

FORMS = {"csv": csv_lines, "json": json_document, "jsonl": json_lines}


def odd_run() -> list[OutcomeRecord]:
    """Return a run with whatever could be written in two ways."""
    long = "the reply is not " + "word " * 200  # shared texts of a page begin at 256 characters
    return [
        *mixed(8),
        made(900, "=odd", "failed", verdict=Verdict.failing('say "a, b"')),
        made(901, "values", "failed", verdict=Verdict.failing("'refund' is 1 of 31 words")),
        made(902, "long", "failed", verdict=Verdict.failing(long)),
        made(903, "tiny", "passed", cost=0.000015, latency=0.0005),
        made(904, "tinier", "passed", cost=0.000001, latency=1.0005),
        made(905, "signs", "failed", verdict=Verdict.failing("\ud800 \u2028 \x1f \x7f é <b>")),
        made(906, "xfailed", "failed", xfail="known", verdict=Verdict.failing("'a' is missing")),
        made(907, "xpassed", "passed", xfail="known"),
        made(908, "flaky", "passed", repeat=1, repeats=2, pass_rate=0.5),
        made(909, "flaky", "failed", repeat=2, repeats=2, pass_rate=0.5),
        made(910, "cut", "passed", repeat=2, repeats=4),  # the run was stopped before the others
        made(911, "unjudged", "unjudged"),
        made(913, "simulated", "passed", replies=(reply("hello", is_simulated=True),)),
        made(912, "late", "errored", message="HTTP 529: 'overloaded' after 3 attempts"),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_the_page_exports_the_bytes_that_the_command_line_writes(
    browser: Browser, form: str, tmp_path: Path
) -> None:
    records = odd_run()

    with visiting(browser, write_page(tmp_path / "r.html", records), "#/cases") as visit:
        visit.page.click("text=Export")
        with visit.page.expect_download() as download:
            visit.page.click(f".menu >> text=/^{form}$/i")
        exported = Path(download.value.path()).read_bytes()

    assert exported == "".join(FORMS[form](records)).encode("utf-8", "backslashreplace")


def test_details_that_are_missing_are_named_when_their_reasons_are_exported(
    browser: Browser, tmp_path: Path
) -> None:
    path = write_page(tmp_path / "r.html", mixed(8))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b'<script type="text/plain" id="d0">')])

    with visiting(browser, path, "#/cases") as visit:
        visit.page.click("text=Export")
        visit.page.click(".menu >> text=/^csv$/i")
        visit.page.wait_for_selector(".tools [role=alert]")

        assert "it was not written whole" in visit.text(".tools [role=alert]")
        assert visit.page.is_enabled(".menu button")


def test_only_what_is_filtered_is_exported(browser: Browser, tmp_path: Path) -> None:
    path = write_page(tmp_path / "r.html", mixed(8))

    with visiting(browser, path, "#/cases?q=refund-0") as visit:
        visit.page.click("text=Export")
        with visit.page.expect_download() as download:
            visit.page.click(".menu >> text=/^csv$/i")
        lines = Path(download.value.path()).read_text().splitlines()

    assert len(lines) > 1
    assert all("refund-0" in line for line in lines[1:])


def test_the_keyboard_alone_exports_what_matches(browser: Browser, tmp_path: Path) -> None:
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


def test_what_was_typed_counts_as_soon_as_the_search_box_is_left(
    browser: Browser, tmp_path: Path
) -> None:
    path = write_page(tmp_path / "r.html", mixed(8))

    with visiting(browser, path) as visit:
        visit.press("g", "c", "/")
        # in one task, so no timer can help; what is drawn takes a few microtasks
        shown = visit.page.evaluate(
            """async () => {
                const box = document.getElementById("search");
                box.focus();
                box.value = "refund-0";
                box.dispatchEvent(new InputEvent("input", {bubbles: true}));
                box.blur();
                for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
                return document.querySelector(".tools [role=status]").textContent;
            }"""
        )

    assert shown == "2 of 16 cases"
