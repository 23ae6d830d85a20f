"""Pages that show runs, and a browser to open them in."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

from harness.model.record import OutcomeRecord
from harness.reporting.comparing.rows import LISTS
from harness.reporting.html.page import BaselineFindings, html_report
from harness.store.sidecar_files import SidecarFiles

RUN: dict[str, Any] = {
    "id": "20261101T101500123-ab12",
    "harness": "0.1.0",
    "started": "2026-11-01T10:15:00.123+00:00",
    "git": "0123456789abcdef",
    "command": ["harness", "run", "suites"],
    "options": [],
    "settings": {"base_url": "https://api.example.com", "concurrency": None},
    "suites": [
        {"name": "test", "path": "t.suite.yaml", "cases": 3, "variants": ["default"], "sha256": "a"}
    ],
    "simulated": False,
}
END: dict[str, Any] = {"exit_code": 1, "seconds": 12.5, "status": "finished", "stopped": None}
_WITHOUT_NETWORK = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip


def lists(**names: Sequence[str]) -> dict[str, Any]:
    """Return the lists of a comparison, as `comparison_data` has them, from the names of cases."""
    whole = {name: list(names.get(name, ())) for name in LISTS}
    moves = {
        name: [{"name": case, "old": [3, 4], "new": [1, 4], "q": None} for case in cases]
        for name, cases in whole.items()
    }
    return {**whole, "moves": moves}


def write_page(
    path: Path,
    records: Iterable[OutcomeRecord],
    *,
    baseline: BaselineFindings | None = None,
    end: dict[str, Any] | None = END,
    most_inside: int | None = None,
    **run: Any,
) -> Path:
    """Write the page of a run with these records; what is beyond `most_inside` lies beside it."""
    sidecar = None if most_inside is None else SidecarFiles(path)
    pieces = html_report(
        {**RUN, **run}, end, records, baseline, sidecar, most_inside=most_inside or 0
    )
    path.write_bytes(b"".join(pieces))
    return path


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "the page is tested in Chromium; scripts/test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_WITHOUT_NETWORK)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """A page that is open, and what went wrong in it.

    Attributes:
        trouble: Errors, messages of the console, dialogs and requests.
    """

    page: Page
    path: Path
    trouble: list[str] = field(default_factory=list)

    def go(self, address: str) -> None:
        """Go to an address inside the page."""
        self.page.evaluate("address => { location.hash = address }", address)
        self.settle()

    def tour(self, stops: Sequence[Mapping[str, str]], sees: str) -> list[Mapping[str, str]]:
        """Go to addresses one after the other; return the stops where something is missing.

        Args:
            stops: Where to go (`address`), with whatever else `sees` reads.
            sees: A JavaScript expression over the `stop` that has to hold within ten seconds.
        """
        missed: list[Mapping[str, str]] = self.page.evaluate(
            f"""async (stops) => {{
                const missed = [];
                for (const stop of stops) {{
                    location.hash = stop.address;
                    const until = performance.now() + 10000;
                    const turn = () => new Promise((done) => setTimeout(done));
                    do await turn(); while (!({sees}) && performance.now() < until);
                    if (!({sees})) missed.push(stop);
                }}
                return missed;
            }}""",
            stops,
        )
        return missed

    def settle(self) -> None:
        """Wait until nothing is loading."""
        self.page.evaluate(  # two frames: one to draw, one to be sure that it is drawn
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        self.page.wait_for_timeout(20)
        self.wait_until(
            "!document.querySelector('.loading') && ![...document.querySelectorAll('p.soft')]"
            ".some(line => line.textContent === 'Loading …')"
        )

    def wait_until(self, expression: str) -> None:
        """Wait until an expression holds; the page's policy forbids `wait_for_function`."""
        until = time.monotonic() + 10
        while not self.page.evaluate(expression):
            assert time.monotonic() < until, expression
            self.page.wait_for_timeout(20)

    def text(self, selector: str = "main") -> str:
        """Return the text that is shown."""
        return self.page.inner_text(selector)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()


@contextmanager
def visiting(
    browser: Browser,
    path: Path,
    address: str = "",
    *,
    url: str | None = None,
    also: str | None = None,
    **options: Any,
) -> Iterator[Visit]:
    """Open a page as a double click does, and fail if anything goes wrong in it.

    Args:
        browser: Where to open it.
        path: The page.
        address: Where in the page to begin.
        url: From where it is served; from the disk without it.
        also: How the URLs begin of what it may ask for beside itself.
        options: For the browser's context.
    """
    url = url or path.as_uri()
    context = browser.new_context(viewport={"width": 1400, "height": 900}, **options)
    page = context.new_page()
    visit = Visit(page, path)

    def asked(request: Request) -> None:
        is_own = request.url.partition("#")[0] == url or request.url.startswith("blob:")
        if not is_own and not (also is not None and request.url.startswith(also)):
            visit.trouble.append(f"request {request.url[:200]}")

    def dismissed(dialog: Dialog) -> None:
        visit.trouble.append("dialog")
        dialog.dismiss()

    page.on("pageerror", lambda error: visit.trouble.append(f"error {error}"))
    page.on("console", lambda message: visit.trouble.append(f"console {message.text}"))
    page.on("dialog", dismissed)
    page.on("request", asked)
    page.goto(url + address)
    page.wait_for_selector("header.top")
    if options.get("java_script_enabled", True):
        page.wait_for_selector("header.top nav")
        visit.settle()
    try:
        yield visit
        assert visit.trouble == []
    finally:
        context.close()
