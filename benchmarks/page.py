"""How long the page takes to write and to use, in the system's Chromium."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
# from an action until what it changed is painted: the task after the frame that draws it. A letter
# counts from when the search box stops waiting for the next one.
_UNTIL_PAINTED = """async ([kind, value]) => {
  const painted = () => new Promise(done =>
    requestAnimationFrame(() => setTimeout(done)));
  const waits = async (holds) => { while (!holds()) await painted(); };
  if (kind === "type") {
    const box = document.getElementById("search");
    const heard = new Promise(done => window.addEventListener(
      "hashchange", () => done(performance.now()), {once: true, capture: true}));
    box.value = value;
    box.dispatchEvent(new Event("input", {bubbles: true}));
    const began = await heard;
    await painted();
    if (!location.hash.includes("q=" + encodeURIComponent(value))) throw new Error(location.hash);
    return performance.now() - began;
  }
  const began = performance.now();
  location.hash = value;
  await waits(() => document.querySelector(".is-reply pre"));
  await painted();
  return performance.now() - began;
}"""


@dataclass(frozen=True, slots=True)
class PageTimes:
    """What a reader waits for, in seconds, and what the page holds at rest.

    Attributes:
        verdict: From opening the file until the verdict is painted.
        usable: Until the page can be used.
        keystroke: From a letter in the search box until the list is painted.
        trial: From a click on a trial until its reply is painted.
        scan: Searching in all texts.
    """

    verdict: float
    usable: float
    keystroke: float
    trial: float
    scan: float
    nodes: int
    trouble: int


def page_times(path: Path, name: str) -> PageTimes:
    """Open a page and use it.

    Args:
        path: The page.
        name: A case that it holds, to open.
    """
    with _chromium() as page:
        trouble: list[object] = []

        def noted(what: object) -> None:
            trouble.append(what)

        page.on("pageerror", noted)
        page.on("console", noted)
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_selector("header.top nav")
        page.wait_for_load_state("load")
        paints = page.evaluate(
            "performance.getEntriesByType('paint').map(paint => paint.startTime)"
        )
        usable = page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
        nodes = int(page.evaluate("document.querySelectorAll('*').length"))
        page.evaluate("location.hash = '#/cases'")
        page.wait_for_selector("#search")
        strokes = [
            page.evaluate(_UNTIL_PAINTED, ["type", value])
            for value in ("c", "ca", "cas", "case", "case-1", "s:failed", "dur:>1s")
        ]
        nodes = max(nodes, int(page.evaluate("document.querySelectorAll('*').length")))
        opened = [page.evaluate(_UNTIL_PAINTED, ["open", f"#/c/{name}"])]
        page.evaluate("location.hash = '#/cases'")
        page.wait_for_selector("#in-texts")
        page.fill("#in-texts", "zzzz no such text")
        began = time.perf_counter()
        page.click("text=Find")
        page.wait_for_selector("text=No case matches.")
        page.wait_for_selector("progress", state="detached")
        scan = time.perf_counter() - began
    return PageTimes(
        min(paints) / 1000,
        usable / 1000,
        sorted(strokes)[len(strokes) // 2] / 1000,
        max(opened) / 1000,
        scan,
        nodes,
        len(trouble),
    )


@contextmanager
def _chromium() -> Iterator[Page]:
    executable = shutil.which("chromium")
    if executable is None:
        raise SystemExit("the page is measured in Chromium; scripts/test installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_QUIET)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        try:
            yield page
        finally:
            browser.close()
