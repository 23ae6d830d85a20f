"""The page in a real browser: every page of it, hostile texts, links, keys, no network."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from axe_playwright_python import base as axe  # type: ignore[import-untyped]  # has none
from playwright.sync_api import Browser

from harness.exit_code import RunStatus
from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.html.page import BaselineFindings
from tests.support.hostile import hostile_texts
from tests.support.page_runs import made, mixed
from tests.support.pages import Visit, lists, visiting, write_page

PAGES = ["#/", "#/cases", "#/failures", "#/diff", "#/perf", "#/run"]
CASE = "#/c/" + quote("desk::refund-0[haiku]", safe="")
TABS = ["compare", "conversation", "assertions", "attempts", "raw"]
COMPARISON = {
    "name": "main",
    "run": "r",
    "reasons": ["variant haiku regressed", "2 cases broke: desk::refund-0, triage::invoice-1"],
    "notes": ["1 case of the baseline was not asked for"],
    "comparisons": [
        {
            "verdict": "regressed", "refusals": [], "factors": ["the model"],
            "remarks": [], "is_part": False, "tone": "failed",
            "headline": "REGRESSED: variant haiku: this run against main: pass rate -20.0 points"
            " [-31.0, -10.0], p < 0.001 (adjusted by Holm for 2 comparisons)",
            "power": "with 40 cases …",
            **lists(
                broken=["desk::refund-0[haiku]", "triage::invoice-1[haiku]"],
                fixed=["desk::order-2[haiku]"],
                moved=["desk::refund-6[haiku]"],
                still_failing=["triage::refund-3[haiku]"],
            ),
            "changed_cases": ["desk::invoice-4[haiku]"],
        }
    ],
}  # fmt: skip
BASELINE = BaselineFindings(
    COMPARISON,
    ["REGRESSED: variant haiku: this run against main"],
    RunStatus.FAILED,
    {"desk::refund-0[haiku]": ["It was a refund, once."]},
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(tmp_path_factory.mktemp("pages") / "r.html", mixed(), baseline=BASELINE)


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


@pytest.mark.parametrize("width", [1400, 390])
def test_suites_of_different_variants_have_tables_without_holes_and_within_the_window(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    groups = [("plain", "default"), *(("wide", f"variant-{number}") for number in range(1, 9))]
    records = [
        made(index, "a", "passed", variant=variant, suite=suite)
        for index, (suite, variant) in enumerate(groups)
    ]
    path = write_page(tmp_path / "r.html", records)

    with visiting(browser, path) as visit:
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.go("#/")

        heads = visit.page.locator("table.matrix thead").all_inner_texts()
        assert [head.split() for head in heads] == [
            ["suite", "default"],
            ["suite", *(f"variant-{number}" for number in range(1, 9))],
        ]
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address", [*PAGES, "#/cases?q=s%3Awrong&name=desk%3A%3Arefund-0%5Bhaiku%5D", CASE]
)
def test_every_page_is_accessible(browser: Browser, path: Path, address: str, scheme: str) -> None:
    with visiting(browser, path, address, color_scheme=scheme) as visit:
        visit.page.evaluate(axe_source())
        result = visit.page.evaluate("axe.run(document, {resultTypes: ['violations']})")

    serious = [
        (violation["id"], [node["html"][:120] for node in violation["nodes"][:3]])
        for violation in result["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def test_links_lead_to_any_case_and_tab(browser: Browser, tmp_path: Path) -> None:
    records = mixed(300)
    names = sorted({record["id"].partition("#")[0] for record in records})
    chosen = random.Random(4711).sample(names, 200)
    stops = [
        {"address": f"#/c/{quote(name, safe='')}?tab={tab}", "name": name, "tab": tab}
        for name in chosen
        for tab in ("compare", "assertions", "raw")
    ]
    random.Random(1).shuffle(stops)

    with visiting(browser, write_page(tmp_path / "r.html", records)) as visit:
        assert visit.tour(stops, f"{SEEN} && document.title.startsWith(stop.name)") == []


def test_a_link_keeps_the_filter_and_the_place_in_the_list(browser: Browser, path: Path) -> None:
    with visiting(browser, path, "#/cases?q=s%3Awrong&sort=latency") as visit:
        shown = visit.page.evaluate("document.querySelector('.row').textContent")
        visit.page.click(".row >> nth=2")
        visit.settle()
        link, title = visit.page.evaluate("[location.hash, document.title]")

    with visiting(browser, path, link) as visit:
        assert visit.page.title() == title
        assert visit.page.input_value("#search") == "s:wrong"
        assert visit.page.evaluate("document.querySelector('.row').textContent") == shown
        assert visit.page.query_selector(".row[aria-current=true]") is not None


@pytest.mark.parametrize(
    "name",
    [
        "desk::refund-1[haiku]",
        *(f"lost-{number}" for number in range(15)),
        "<script>",
        "%00",
        "é",
        "x" * 300,
    ],
)
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


def test_keys_do_nothing_while_somebody_types(visit: Visit) -> None:
    visit.go("#/cases")
    visit.page.focus("#search")
    visit.press("g", "f", "n")

    assert visit.page.input_value("#search") == "gfn"
    assert visit.page.evaluate("location.hash").startswith("#/cases")


@pytest.mark.parametrize("place", ["#/cases", "#/overview"])
def test_letters_that_follow_the_search_key_at_once_are_all_searched_for(
    visit: Visit, place: str
) -> None:
    visit.go(place)
    visit.page.keyboard.press("/")
    if place == "#/overview":  # the box has to be drawn first
        visit.wait_until("document.activeElement.id === 'search'")
    visit.page.keyboard.type("fjd")

    assert visit.page.input_value("#search") == "fjd"
    assert visit.page.evaluate("document.activeElement.id") == "search"


# a share of them in each run of the tests; TEST_HOSTILE=1 shows all 1,200
HOSTILE = hostile_texts()[:: int(os.environ.get("TEST_HOSTILE", "8"))]


def hostile(text: str, index: int) -> OutcomeRecord:
    """Return a record with a text in every place that a service or a suite fills."""
    record = made(
        index, f"case-{index}", "failed", text=text,
        verdict=Verdict.failing(text, expected=text, actual=text),
    )  # fmt: skip
    record["vars"] = {"name": text, text: "key"}
    record["tags"] = [text]
    record["path"] = text.replace("\x00", "")
    record["request"] = {
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
    record["verdicts"][0]["name"] = text
    record["attempts"] = [
        {"purpose": "message", "status": 500, "seconds": 0.1, "wait": 0.0, "reason": text,
         "request_id": text, "may_be_billed": False}
    ]  # fmt: skip
    return record


def test_no_text_does_anything_but_stand_there(browser: Browser, tmp_path: Path) -> None:
    records = [hostile(text, number) for number, text in enumerate(HOSTILE)]
    some = HOSTILE[:20]
    path = write_page(tmp_path / "r.html", records, command=some, options=some)
    names = [f"test::case-{number}" for number in range(len(HOSTILE))]
    stops = [
        {"address": f"#/c/{quote(name, safe='')}?tab={tab}", "name": name, "tab": tab}
        for name in names
        for tab in ("assertions", "attempts", "raw", "compare", "conversation")
    ]

    with visiting(browser, path) as visit:
        assert visit.tour(stops, f"{SEEN} && !{LOADING}") == []
        shown = [
            {"address": stop["address"], "written": json.dumps(HOSTILE[number // 5])}
            for number, stop in enumerate(stops)
            if stop["tab"] == "conversation"
        ]
        assert visit.tour(shown, SHOWN) == []
        for address in PAGES:
            visit.go(address)


SEEN = (
    "document.querySelector('article h2')?.textContent === stop.name"
    " && document.querySelector('[aria-selected=true]')?.textContent.toLowerCase() === stop.tab"
)
LOADING = "[...document.querySelectorAll('p.soft')].some(line => line.textContent === 'Loading …')"
SHOWN = (  # long texts are folded
    "(document.querySelector('.is-reply .text-box button')?.click(),"
    " document.querySelector('.is-reply pre')?.textContent === JSON.parse(stop.written))"
)


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
    path = write_page(tmp_path / "r.html", records, baseline=BASELINE)

    with visiting(browser, path, java_script_enabled=False) as visit:
        text = visit.page.inner_text("body")

    assert "Failed" in text
    assert "300 trials in 12.50 s: 50 passed, 250 failed" in text
    assert "REGRESSED: variant haiku" in text
    assert sum(f"test::case-{n} " in text for n in range(250)) == 200
    assert "… and 50 more" in text


@pytest.mark.parametrize("address", ["#/", "#/diff"])
def test_why_the_run_fails_stands_above_the_comparison(
    browser: Browser, path: Path, address: str
) -> None:
    with visiting(browser, path, address) as visit:
        reasons = visit.page.locator(".verdicts-of-change .reasons li").all_inner_texts()
        text = visit.text(".verdicts-of-change")

    assert reasons == COMPARISON["reasons"]
    assert text.index("Against main") < text.index(reasons[0]) < text.index("REGRESSED")


def test_a_run_that_its_baseline_does_not_fail_has_no_reasons(
    browser: Browser, tmp_path: Path
) -> None:
    findings = BaselineFindings({**COMPARISON, "reasons": []}, [], RunStatus.PASSED)
    path = write_page(tmp_path / "r.html", mixed(), baseline=findings)

    with visiting(browser, path, "#/diff") as visit:
        assert visit.page.locator(".reasons").count() == 0


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
        assert "The run did not finish" in visit.page.inner_text("header")


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


FIRST = "#/c/" + quote("desk::refund-0[haiku]", safe="")


def test_details_that_are_too_many_lie_beside_the_page_and_are_loaded_from_there(
    browser: Browser, tmp_path: Path
) -> None:
    path = write_page(tmp_path / "a report.html", mixed(300), most_inside=0)
    folder = tmp_path / "a report_files"

    assert b'id="d0"' not in path.read_bytes()
    assert len(list(folder.iterdir())) >= 1
    with visiting(browser, path, FIRST, also=folder.as_uri()) as visit:
        assert "What about refund-0?" in visit.text()
        visit.go("#/cases")
        visit.page.fill("input[placeholder='in prompts and replies']", "about refund-0?")
        visit.page.keyboard.press("Enter")
        visit.wait_until("document.querySelectorAll('a.row').length === 2")


def test_details_beside_a_page_are_loaded_from_its_server_too(
    browser: Browser, tmp_path: Path
) -> None:
    path = write_page(tmp_path / "r.html", mixed(300), most_inside=0)
    handler = partial(QuietHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with visiting(browser, path, FIRST, url=f"{url}/r.html", also=f"{url}/r_files/") as visit:
            assert "What about refund-0?" in visit.text()
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """A server of files that says nothing."""

    def log_message(self, *_arguments: object) -> None:
        pass


def test_a_file_that_is_missing_beside_the_page_is_named(browser: Browser, tmp_path: Path) -> None:
    path = write_page(tmp_path / "r.html", mixed(), most_inside=0)
    folder = tmp_path / "r_files"
    for file in folder.iterdir():
        file.unlink()

    with visiting(browser, path, also=folder.as_uri()) as visit:
        visit.go(FIRST)
        visit.page.wait_for_selector("[role=alert]:not(:empty)")
        assert "is missing: it belongs beside this page" in visit.text()
        visit.trouble = [line for line in visit.trouble if "ERR_FILE_NOT_FOUND" not in line]
