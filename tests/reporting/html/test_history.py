"""The list of runs in a real browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from harness.reporting.html.history import MOST_LISTED, ListedRun, history_page
from tests.reporting.html.test_page import axe_source
from tests.support.hostile import hostile_texts


def listed(number: int, suite: str = "triage", *, has_report: bool = True, **run: Any) -> ListedRun:
    share = 0.5 + (number % 7) / 14
    groups = [
        {
            "suite": suite, "variant": variant, "trials": 20, "cost": 0.02 * (1 + number % 3),
            "latency_p50": 0.4 + (number % 5) / 10,
            "pass_rate": {"share": share, "interval": [share - 0.1, min(1.0, share + 0.1)]},
        }
        for variant in ("haiku", "opus")
    ]  # fmt: skip
    head = {
        "id": f"run-{number}", "started": f"2026-11-{1 + number % 28:02}T10:15:00.123+00:00",
        "simulated": False, "suites": [{"name": suite}], "git": "0123456789abcdef", **run,
    }  # fmt: skip
    total = {"trials": 40, "passed": 30, "failed": 9, "errored": 1, "cost": 0.04}
    end = {
        "status": "finished", "exit_code": 1, "seconds": 12.5, "groups": groups, "total": total,
    }  # fmt: skip
    return ListedRun(f"run-{number}", head, end, has_report)


def write(path: Path, runs: list[ListedRun]) -> Path:
    path.write_bytes(b"".join(history_page(runs)))
    return path


def opened(browser: Browser, path: Path, **options: Any) -> Any:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, **options)
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("request", lambda request: trouble.append(request.url))
    page.goto(path.as_uri())
    assert trouble == [path.as_uri()]
    return page


def test_runs_are_listed_with_links_to_their_pages(browser: Browser, tmp_path: Path) -> None:
    runs = [
        listed(3),
        listed(2, has_report=False, partial=True),
        ListedRun("other", None, None, has_report=False),
        ListedRun("half", {"id": "half", "started": "soon"}, None, has_report=False),
    ]

    page = opened(browser, write(tmp_path / "index.html", runs))

    rows = [row.inner_text() for row in page.query_selector_all(".runs tbody tr")]
    assert len(rows) == 4
    assert "✗ failed" in rows[0]
    assert "2026-11-04 10:15" in rows[0]
    assert "a selection" in rows[1]
    assert "not a run file" in rows[2]
    assert "not ended" in rows[3]
    links = [link.get_attribute("href") for link in page.query_selector_all(".runs a")]
    assert links == ["run-3/report.html"]


def test_trends_are_given_in_words_and_drawn(browser: Browser, tmp_path: Path) -> None:
    runs = [listed(number) for number in range(10, 0, -1)]

    page = opened(browser, write(tmp_path / "index.html", runs))

    charts = [chart.get_attribute("aria-label") for chart in page.query_selector_all("svg")]
    assert charts[:3] == [
        "pass rate from 57.1 % to 71.4 % in 10 runs",
        "latency from 500 ms to 400 ms in 10 runs",
        "cost from $2.00 to $2.00 in 10 runs",
    ]
    (first, *_) = page.query_selector_all(".trends tbody tr")
    assert "71.4 % +7.1 %" in first.inner_text().replace("\xa0", " ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_the_list_of_runs_is_accessible_and_stays_within_the_window(
    browser: Browser, tmp_path: Path, scheme: str, width: int
) -> None:
    runs = [listed(number, has_report=number % 2 == 0) for number in range(MOST_LISTED + 50, 0, -1)]
    page = opened(browser, write(tmp_path / "index.html", runs), color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})

    page.screenshot(path=_kept(tmp_path) / f"history-{width}-{scheme}.png")
    page.evaluate(axe_source())
    violations = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]

    serious = [one["id"] for one in violations if one["impact"] in {"serious", "critical"}]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "… and 50 older ones" in page.inner_text("main")


def _kept(tmp_path: Path) -> Path:
    return Path(os.environ.get("TEST_SCREENSHOTS", tmp_path))


def test_names_of_any_kind_are_only_text(browser: Browser, tmp_path: Path) -> None:
    texts = [text for text in hostile_texts()[:60] if "\x00" not in text]
    runs = [
        listed(number, text, id=text, git=text, started=text) for number, text in enumerate(texts)
    ]

    page = opened(browser, write(tmp_path / "index.html", runs))

    shown = page.evaluate("[...document.querySelectorAll('.runs tbody a')].map(a => a.textContent)")
    assert [ascii(text) for text in shown] == [ascii(_read(text)) for text in texts]


def _read(text: str) -> str:
    """Return a text as HTML reads it: line ends are made alike, lone surrogates are written out."""
    return text.replace("\r", "\n").encode("utf-8", "backslashreplace").decode()


def test_no_run_yet_is_said_in_words(tmp_path: Path) -> None:
    text = write(tmp_path / "index.html", []).read_text()

    assert "No runs yet" in text
