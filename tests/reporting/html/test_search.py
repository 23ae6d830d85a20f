"""The search box finds what the same language, written in Python, finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.page_runs import mixed
from tests.support.pages import Visit, visiting, write_page
from tests.support.searching import Searcher

QUERIES = [
    "", "refund", "REFUND", "refund-3", "invoice 1", '"refund-3"', "!refund", "!refund !invoice",
    "s:passed", "s:failed", "s:errored", "s:skipped", "s:unjudged", "s:xfailed", "s:flaky",
    "s:wrong", "!s:passed", "s:failed m:haiku", "m:opus", "m:claude", "m:OPUS", "!m:haiku",
    "v:haiku", "v:nothing", "suite:desk", "suite:triage s:failed", 'suite:"desk"', "case:order",
    "@smoke", "@SMOKE", "!@smoke", "@smok", "@smoke s:wrong", "a:contains", "a:api_error",
    "!a:contains s:wrong", "dur:>1s", "dur:<500ms", "dur:>=0.5", "dur:>1s dur:<2s", "!dur:>1",
    "cost:>0.01", "cost:<0.001", "cost:>0", "!cost:>0", "tok:>2000", "tok:<=100", "tok:>0 s:failed",
    "score:<0.5", "score:1", "score:=0", "rep:<1", "rep:0.5", "rep:>0 rep:<1", "tries:>0",
    "tries:0", "re:/refund-\\d$/", "re:/REFUND/i", "re:/^triage::.*[02468]/", "!re:/refund/",
    "s:flaky-allowed", "s:xpassed", "refund' does",
    "reply", '"does not occur"', "words", "s:failed words", "HTTP", "desk::refund-0[haiku]",
]  # fmt: skip


@pytest.fixture(scope="module")
def visit(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    path = write_page(tmp_path_factory.mktemp("pages") / "r.html", mixed())
    with visiting(browser, path) as opened:
        yield opened


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_the_same_trials_as_in_python(visit: Visit, query: str) -> None:
    matches = visit.page.evaluate("query => harnessReport.search(query)", query)

    assert matches == Searcher(mixed()).search(query)


def test_the_queries_do_not_all_find_everything_or_nothing() -> None:
    sizes = {len(Searcher(mixed()).search(query)) for query in QUERIES}

    assert len(QUERIES) >= 60
    assert len(sizes) > 20


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("dur:fast", "cannot be read; write dur:>1"),
        ("s:broken", "no outcome “broken”: passed, failed"),
        ("flip:x", "no change “x”"),
        ("colour:red", "no key “colour:”"),
        ("re:/(/", "the pattern cannot be read"),
        ('say "hello', "is missing"),
        ("m:", "needs a value"),
    ],
)
def test_a_query_that_cannot_be_read_is_told_and_the_old_cases_stay(
    visit: Visit, query: str, words: str
) -> None:
    visit.go("#/cases?q=refund-3")
    before = visit.page.inner_text(".number")

    visit.page.fill("#search", query)
    visit.wait_until("document.querySelector('#search-problem').textContent")

    assert words in visit.text("#search-problem")
    assert visit.page.inner_text(".number") == before


def test_typing_changes_the_address_and_the_address_what_is_found(visit: Visit) -> None:
    visit.go("#/cases")
    visit.page.fill("#search", "s:wrong m:opus")
    visit.wait_until("location.hash.includes('opus')")

    expected = {name.partition("#")[0] for name in Searcher(mixed()).search("s:wrong m:opus")}
    assert visit.page.inner_text(".number").startswith(f"{len(expected)} of ")

    visit.go("#/cases?q=s%3Aflaky")
    assert visit.page.input_value("#search") == "s:flaky"


def test_prompts_and_replies_themselves_can_be_searched(visit: Visit, tmp_path: Path) -> None:
    visit.go("#/cases")

    visit.page.fill("#in-texts", "what about refund-3?")
    visit.page.click("text=Find")
    visit.wait_until("document.querySelector('.number').textContent.startsWith('2 of')")

    names = visit.page.eval_on_selector_all(
        ".row .name", "all => all.map(name => name.textContent)"
    )
    assert all("refund-3" in name for name in names)
