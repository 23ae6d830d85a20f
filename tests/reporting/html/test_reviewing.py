"""What people come to the page for: each within three clicks or keys from where it opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.exit_code import RunStatus
from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.html.page import BaselineFindings
from tests.support.page_runs import made
from tests.support.pages import Visit, lists, visiting, write_page

BROKEN = "test::refund[opus-0.7]"
BASELINE = BaselineFindings(
    {
        "name": "main", "run": "r", "reasons": [], "notes": [],
        "comparisons": [
            {
                "verdict": "inconclusive", "headline": "INCONCLUSIVE", "refusals": [],
                "factors": [], "remarks": [], "is_part": False, "tone": "errored", "power": "",
                **lists(broken=[BROKEN]), "changed_cases": [],
            }
        ],
    },
    ["INCONCLUSIVE"],
    RunStatus.FAILED,
    {BROKEN: ["It was a refund."]},
)  # fmt: skip


def records() -> list[OutcomeRecord]:
    trials: list[OutcomeRecord] = []
    for name in ("refund", "invoice"):
        for model, cost in (("haiku", 0.001), ("opus", 0.005)):
            for temperature in (0.0, 0.7):
                for repeat in (1, 2, 3):
                    is_wrong = (name, model, temperature) == ("refund", "opus", 0.7)
                    trials.append(
                        made(
                            len(trials), name, "failed" if is_wrong else "passed",
                            variant=f"{model}-{temperature}", model=f"claude-{model}",
                            repeat=repeat, repeats=3, cost=cost,
                            text=f"{name} at {temperature}, take {repeat}",
                            verdict=Verdict.failing("'refund' is missing") if is_wrong else None,
                        )
                    )  # fmt: skip
    return trials


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pages = tmp_path_factory.mktemp("pages")
    return write_page(pages / "r.html", records(), baseline=BASELINE, options=["--set", "a=b c"])


@pytest.fixture
def visit(browser: Browser, path: Path) -> Iterator[Visit]:
    with visiting(browser, path, permissions=["clipboard-read", "clipboard-write"]) as opened:
        yield opened


def click(visit: Visit, selector: str) -> None:
    visit.page.click(selector)
    visit.settle()


def test_which_case_broke_on_model_b(visit: Visit) -> None:
    click(visit, "nav >> text=Changes")

    assert f"{BROKEN}" in visit.text(".change-list")


def test_what_did_it_say_at_temperature_0_7_the_third_time(visit: Visit) -> None:
    visit.press("n")
    click(visit, ".repeats >> text=#3")

    assert visit.text(".is-reply pre") == "refund at 0.7, take 3"


def test_what_did_it_say_before_and_says_now(visit: Visit) -> None:
    click(visit, "nav >> text=Changes")
    click(visit, f".change-list >> text={BROKEN}")

    visit.page.wait_for_selector(".difference ins")
    assert visit.text(".difference del").strip()


def test_which_expectation_failed_and_why(visit: Visit) -> None:
    visit.press("n", "3")

    assert "'refund' is missing" in visit.text(".verdicts")


def test_which_variant_is_cheapest_at_equal_quality(visit: Visit) -> None:
    click(visit, "nav >> text=Speed and cost")

    assert "haiku-0.0 100 % [20, 100] for $1.000 per 1,000 trials" in visit.text()


def test_what_did_the_judge_see(browser: Browser, tmp_path: Path) -> None:
    one = made(0, "kind", "failed", verdict=Verdict.failing("the judge gives 0.2: it is rude"))
    one["verdicts"][0]["asked"] = [
        {
            "model": "claude-opus-4-6", "system": "You grade a text. It is kind.",
            "messages": [{"role": "user", "content": [{"type": "text", "text": "the reply: No!"}]}],
            "answer": '{"score": 0.2, "reason": "it is rude"}', "latency": 0.4,
            "input_tokens": 120, "output_tokens": 30, "cost": 0.002, "origin": "service",
        }
    ]  # fmt: skip
    with visiting(browser, write_page(tmp_path / "r.html", [one])) as visit:
        visit.press("n", "3")
        click(visit, "text=judged by claude-opus-4-6, 1 call")
        assert '"score": 0.2' in visit.text(".asked")
        assert "120 + 30 tokens, $0.0020" in visit.text(".asked")
        click(visit, "text=what it saw")

        assert "You grade a text. It is kind." in visit.text(".asked")
        assert "the reply: No!" in visit.text(".asked")


def test_copy_the_command_to_run_it_again(visit: Visit) -> None:
    visit.press("n", "c")
    visit.page.wait_for_selector("text=copied")

    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"harness run t.suite.yaml --only '{BROKEN}' --set 'a=b c'"


def test_repeats_with_the_same_reply_stand_together(browser: Browser, tmp_path: Path) -> None:
    same = [
        made(n, "a", "passed", repeat=n + 1, repeats=4, text="one" if n < 3 else "two")
        for n in range(4)
    ]
    with visiting(browser, write_page(tmp_path / "r.html", same), "#/cases") as visit:
        assert "2 replies" in visit.text(".row")
        visit.press("j")

        assert "same reply \u00d73" in visit.text(".repeats")
