"""The page in a real browser: every page of it, hostile texts, links, keys, no network."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from axe_playwright_python import base as axe  # type: ignore[import-untyped]  # has none
from playwright.sync_api import Browser

from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.html.page import Against
from tests.support.page_runs import made, mixed
from tests.support.pages import Visit, visiting, write_page

PAGES = ["#/", "#/cases", "#/failures", "#/diff", "#/perf", "#/run"]
CASE = "#/c/" + quote("desk::refund-0[haiku]", safe="")
TABS = ["compare", "conversation", "assertions", "attempts", "raw"]
COMPARISON = {
    "name": "main",
    "run": "r",
    "notes": ["1 case of the baseline was not asked for"],
    "comparisons": [
        {
            "verdict": "regressed", "variant": "variant haiku", "refusals": [], "factors": [],
            "p": 0.0004, "family": 2, "power": "with 40 cases …", "by_repeats": None,
            "pass_rate": {
                "difference": -0.2, "p": 0.0004, "interval": {"low": -0.31, "high": -0.1},
            },
            "broken": ["desk::refund-0[haiku]", "triage::invoice-1[haiku]"],
            "fixed": ["desk::order-2[haiku]"], "newly_flaky": [], "moved": [],
            "still_failing": ["triage::refund-3[haiku]"],
            "changed_cases": ["desk::invoice-4[haiku]"],
        }
    ],
}  # fmt: skip
AGAINST = Against(
    COMPARISON,
    ["REGRESSED: variant haiku: this run against main"],
    1,
    {"desk::refund-0[haiku]": ["It was a refund, once."]},
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("pages") / "r.html", mixed(), against=AGAINST)


@pytest.fixture
def visit(browser: Browser, path: Path) -> Iterator[Visit]:
    with visiting(browser, path) as opened:
        yield opened


def axe_source() -> str:
    return (Path(axe.__file__).parent / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_every_page_shows_without_an_error_and_within_the_window(
    browser: Browser, path: Path, scheme: str, width: int, tmp_path: Path
) -> None:
    kept = Path(os.environ.get("TEST_SCREENSHOTS", tmp_path))
    kept.mkdir(parents=True, exist_ok=True)
    with visiting(browser, path, color_scheme=scheme) as visit:
        visit.page.set_viewport_size({"width": width, "height": 900})
        for address in [*PAGES, *(f"{CASE}?tab={tab}" for tab in TABS)]:
            visit.go(address)
            name = address.strip("#/").replace("/", "-").partition("%")[0] or "overview"
            tab = address.partition("?tab=")[2]
            visit.page.screenshot(path=kept / f"{name}{tab}-{width}-{scheme}.png")

            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, address
            assert visit.page.evaluate("document.querySelectorAll('*').length") < 3000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address", [*PAGES, "#/cases?q=s%3Awrong&name=desk%3A%3Arefund-0%5Bhaiku%5D", CASE]
)
def test_no_page_keeps_anybody_out(browser: Browser, path: Path, address: str, scheme: str) -> None:
    with visiting(browser, path, address, color_scheme=scheme) as visit:
        visit.page.evaluate(axe_source())
        found = visit.page.evaluate("axe.run(document, {resultTypes: ['violations']})")

    serious = [
        (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def test_links_lead_to_any_case_and_tab(visit: Visit) -> None:
    source = random.Random(4711)
    names = sorted({each["id"].partition("#")[0] for each in mixed()})

    for _ in range(60):
        name, tab = source.choice(names), source.choice(TABS)
        visit.go(f"#/c/{quote(name, safe='')}?tab={tab}")

        assert visit.page.inner_text("article h2") == name
        assert visit.page.inner_text("[aria-selected=true]").lower() == tab


@pytest.mark.parametrize("name", ["desk::refund-1[haiku]", "<script>", "%00", "x" * 300])
def test_a_link_to_a_case_that_is_not_there_says_so_and_names_what_is_close(
    visit: Visit, name: str
) -> None:
    visit.go(f"#/c/{quote(name, safe='')}")

    assert "Not in this run" in visit.text()
    assert len(visit.page.query_selector_all("main ul a")) == 5


def test_the_way_back_leads_to_where_one_was(visit: Visit) -> None:
    visit.go("#/cases?q=s%3Awrong")
    visit.page.click(".row >> nth=1")
    visit.settle()
    visit.page.go_back()
    visit.settle()

    assert visit.page.evaluate("location.hash").startswith("#/cases?q=s%3Awrong")
    assert visit.page.query_selector("article") is None


def test_the_keyboard_alone_walks_from_the_overview_to_the_next_failure(visit: Visit) -> None:
    visit.press("g", "c")
    assert visit.page.evaluate("location.hash") == "#/cases"

    visit.press("n")
    first = visit.page.inner_text("article h2")
    visit.press("n")
    second = visit.page.inner_text("article h2")
    assert first != second
    visit.press("p")
    assert visit.page.inner_text("article h2") == first

    visit.press("3")
    assert visit.page.inner_text("[aria-selected=true]").lower() == "assertions"
    visit.press("d")
    assert visit.page.inner_text("[aria-selected=true]").lower() == "compare"
    visit.press("Enter")
    assert visit.page.evaluate("location.hash").startswith("#/c/")
    visit.press("]")
    assert visit.page.inner_text("article h2") == first.replace("haiku", "opus")
    visit.press("g", "f")
    assert "of failure" in visit.text()
    visit.press("x")
    assert "q=flip" in visit.page.evaluate("location.hash")
    visit.press("/")
    visit.wait_until("document.activeElement.id === 'search'")
    visit.press("Escape", "?")
    assert visit.page.is_visible("dialog")


def test_keys_are_left_alone_while_somebody_types(visit: Visit) -> None:
    visit.go("#/cases")
    visit.page.focus("#search")
    visit.press("g", "f", "n")

    assert visit.page.input_value("#search") == "gfn"
    assert visit.page.evaluate("location.hash").startswith("#/cases")


HOSTILE = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<!--<script>", "]]>",
    "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:alert(1)",
    '"><iframe src="//example.org">', "data:text/html,<script>alert(1)</script>", "&lt;b&gt;",
    "![x](http://example.org/a.png)", "\u202egnp.exe", "a\x00b", "\u2028\u2029", "{{7*7}}",
    "${7*7}", "`${alert(1)}`", "\ud800", "é́́́́", "👩‍👩‍👧‍👦",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "</textarea><script>alert(1)</script>", "</style><script>alert(1)</script>",
    "\\u003cscript\\u003e",
    "</noscript><script>alert(1)</script>", "__proto__", "constructor", "$text",
    "' onclick='alert(1)",
]  # fmt: skip


def hostile(text: str, index: int) -> OutcomeRecord:
    """Return a record with a text in every place that a service or a suite fills."""
    found = made(
        index, f"case-{index}", "failed", text=text,
        verdict=Verdict.failing(text, expected=text, actual=text),
    )  # fmt: skip
    found["vars"] = {"name": text, text: "key"}
    found["tags"] = [text]
    found["path"] = text.replace("\x00", "")
    found["request"] = {
        "model": text, "system": text, "metadata": {"user_id": text},
        "messages": [
            {"role": "user", "content": [
                {"type": "text", "text": text},
                {"type": "image", "source": {"type": "url", "url": text}},
                {"type": "document",
                 "source": {"type": "base64", "media_type": text, "data": text}},
                {"type": "tool_use", "name": text, "input": {"a": text}},
            ]},
        ],
    }  # fmt: skip
    found["verdicts"][0]["name"] = text
    found["attempts"] = [
        {"purpose": "message", "status": 500, "seconds": 0.1, "wait": 0.0, "reason": text,
         "request_id": text, "may_be_billed": False}
    ]  # fmt: skip
    return found


def test_no_text_does_anything_but_stand_there(browser: Browser, tmp_path: Path) -> None:
    records = [hostile(text, number) for number, text in enumerate(HOSTILE)]
    path = write_page(tmp_path / "r.html", records, command=HOSTILE, options=HOSTILE)

    with visiting(browser, path) as visit:
        for number, text in enumerate(HOSTILE):
            for tab in TABS[1:]:
                visit.go(f"#/c/{quote(f'test::case-{number}', safe='')}?tab={tab}")
            visit.go(f"#/c/{quote(f'test::case-{number}', safe='')}?tab=conversation")
            shown = visit.page.eval_on_selector(".is-reply pre", "each => each.textContent")
            assert ascii(shown) == ascii(text)
        for address in PAGES:
            visit.go(address)


def test_our_scripts_never_make_markup_of_texts() -> None:
    app = Path("harness/reporting/html/app")
    for script in app.glob("*.js"):
        text = script.read_text("utf-8")
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
        ):
            assert word not in text, f"{script}: {word}"


def test_the_page_reads_without_scripts(browser: Browser, tmp_path: Path) -> None:
    records = [made(n, f"case-{n}", "failed" if n < 250 else "passed") for n in range(300)]
    path = write_page(tmp_path / "r.html", records, against=AGAINST)

    with visiting(browser, path, java_script_enabled=False) as visit:
        text = visit.page.inner_text("body")

    assert "Failed" in text
    assert "300 trials in 12.50 s: 50 passed, 250 failed" in text
    assert "REGRESSED: variant haiku" in text
    assert sum(f"test::case-{n} " in text for n in range(250)) == 200
    assert "… and 50 more" in text


def test_paper_has_every_failing_case(browser: Browser, path: Path) -> None:
    with visiting(browser, path, "#/run") as visit:
        visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        visit.page.emulate_media(media="print")
        text = visit.page.inner_text("body")
        names = visit.page.evaluate("harnessReport.search('s:wrong')")
        assert len(visit.page.pdf()) > 5000

    assert "Did not pass" in text
    assert names
    assert all(name.partition("#")[0] in text for name in names)


@pytest.mark.parametrize("records", [[], mixed(1)], ids=["none", "one"])
def test_a_run_of_nothing_or_of_one_case_has_all_pages(
    browser: Browser, tmp_path: Path, records: list[OutcomeRecord]
) -> None:
    path = write_page(tmp_path / "r.html", records, end=None)

    with visiting(browser, path) as visit:
        for address in PAGES:
            visit.go(address)
            assert visit.text()
        assert "Did not come to its end" in visit.page.inner_text("header")


def test_the_same_run_is_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; import sys;"
        "from tests.support.page_runs import mixed; from tests.support.pages import write_page;"
        "write_page(Path(sys.argv[1]), mixed())"
    )
    pages = []
    for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"), ("2", "America/Lima")):
        path = tmp_path / f"{seed}.html"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        subprocess.run([sys.executable, "-c", code, str(path)], env=environment, check=True)
        pages.append(path.read_bytes())

    assert pages[0] == pages[1] == pages[2]


def test_a_page_that_was_cut_off_says_so(browser: Browser, tmp_path: Path) -> None:
    path = write_page(tmp_path / "r.html", mixed())
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b'<script type="text/plain" id="d0">')])

    with visiting(browser, path, "#/c/" + quote("desk::refund-0[haiku]", safe="")) as visit:
        visit.page.wait_for_selector("[role=alert]:not(:empty)")
        assert "it was not written whole" in visit.text()
