"""The page says what the terminal, the tables and the comparison say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from harness.exit_code import RunStatus
from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.data import comparison_data
from harness.reporting.comparing.model import Comparison
from harness.reporting.comparing.sentences import headline
from harness.reporting.comparing.sides import side_of
from harness.reporting.comparing.text import comparison_text
from harness.reporting.html.page import BaselineFindings
from harness.reporting.metrics import ComputedMetric
from harness.reporting.terminal import summary_section
from tests.support.page_runs import made, mixed, with_call, with_earlier_turn
from tests.support.pages import END, Visit, visiting, write_page
from tests.support.trials import summed


def repeated(name: str, labels: Sequence[str], **changes: object) -> list[OutcomeRecord]:
    """Return the trials of a case with these outcomes."""
    return [
        made(n, name, label, repeat=n + 1, repeats=len(labels), **changes)
        for n, label in enumerate(labels)
    ]


def numbered(*cases: Sequence[OutcomeRecord]) -> list[OutcomeRecord]:
    """Return the trials of cases with their positions in the run."""
    trials = [trial for trials in cases for trial in trials]
    for position, trial in enumerate(trials):
        trial["index"] = position
        trial["fingerprints"] = {"inputs": "i", "request": "r", "expectations": "e"}
    return trials


def figure(visit: Visit, name: str) -> str:
    """Return a figure of the overview."""
    return visit.page.inner_text(f".figures > div:has(dt:text-is('{name}')) .big")


def test_a_case_that_is_expected_to_fail_lowers_the_pass_rate_nowhere(
    browser: Browser, tmp_path: Path
) -> None:
    records = numbered(
        [made(0, "a", "passed")],
        [made(0, "b", "passed")],
        repeated("known", ["failed", "errored"], xfail="not supported yet"),
    )
    path = write_page(tmp_path / "r.html", records)

    with visiting(browser, path) as visit:
        overview, table = figure(visit, "Pass rate"), visit.text(".matrix .rate")
        attention = figure(visit, "Needs attention")
        visit.go("#/cases")
        rows = visit.page.locator(".row").all_inner_texts()

    assert overview == "100 %"
    assert table == "100 % [20, 100]"
    assert table in summary_section(summed(*records), 1.0)
    assert attention == "0"
    assert ["xfailed" in row for row in rows] == [False, False, True]


def test_rates_of_which_the_last_digit_is_a_tie_round_as_in_a_terminal(
    browser: Browser, tmp_path: Path
) -> None:
    records = numbered(*([made(0, f"case-{n}", "failed" if n < 3 else "passed")] for n in range(8)))

    with visiting(browser, write_page(tmp_path / "r.html", records)) as visit:
        overview, table = figure(visit, "Pass rate"), visit.text(".matrix .rate")

    assert overview == "62 %"  # of 62.5; scripts would round it to 63
    assert table.startswith("62 % [")
    assert table in summary_section(summed(*records), 1.0)


@pytest.mark.parametrize(
    ("labels", "rules", "label"),
    [
        (["passed", "failed", "passed"], {"pass_rate": 0.5}, "flaky-allowed"),
        (["passed", "failed", "failed"], {"pass_rate": 0.5}, "flaky"),
        (["passed", "errored", "passed"], {}, "errored"),
        (["failed", "errored", "failed"], {}, "failed"),
        (["passed", "passed"], {"xfail": "known"}, "xpassed"),
        (["passed", "failed"], {"xfail": "known"}, "xfailed"),
    ],
)
def test_a_case_has_the_label_of_the_summary_wherever_it_stands(
    browser: Browser, tmp_path: Path, labels: list[str], rules: dict[str, object], label: str
) -> None:
    records = numbered(repeated("a", labels, **rules))
    ((only, _),) = ((one, n) for one, n in summed(*records).labels.items() if n)

    with visiting(browser, write_page(tmp_path / "r.html", records)) as visit:
        attention = figure(visit, "Needs attention")
        needing = visit.page.evaluate("harnessReport.search('s:wrong').length")
        by_label = visit.page.evaluate("label => harnessReport.search('s:' + label).length", label)
        visit.go("#/c/test%3A%3Aa")
        shown = visit.text(".case header .share")

    assert only.value == label
    assert shown.split()[-1] == label
    assert attention == str(int(only.needs_attention))
    assert bool(needing) is only.needs_attention
    assert by_label > 0


def test_the_list_shows_the_reason_itself(browser: Browser, tmp_path: Path) -> None:
    verdict = Verdict.failing("'refund' is not among 31 words")
    records = [made(0, "a", "failed", verdict=verdict)]

    with visiting(browser, write_page(tmp_path / "r.html", records), "#/cases") as visit:
        assert "contains: 'refund' is not among 31 words" in visit.text(".row")


def test_a_failure_of_the_score_alone_has_its_reason_on_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    one = made(0, "a", "failed")
    one["score"], one["threshold"] = 0.4, 0.5
    one["verdicts"] = []

    with visiting(browser, write_page(tmp_path / "r.html", [one]), "#/c/test%3A%3Aa") as visit:
        assert "the score 0.40 is below the threshold" in visit.text(".reasons")


def compared() -> tuple[Comparison, list[OutcomeRecord]]:
    """Return a comparison that its repeats decide, in which cases moved, and the new run."""
    # one case fails always where it passed, one less often than before without being flaky anew
    before = [("broken", "p" * 8), ("moved", "pppppppfff"), ("same", "p" * 8)]
    after = [("broken", "f" * 8), ("moved", "ffffffffpf"), ("same", "p" * 8)]
    words = {"p": "passed", "f": "failed"}
    old, new = (
        numbered(*(repeated(name, [words[sign] for sign in signs]) for name, signs in run))
        for run in (before, after)
    )
    (comparison,) = Comparer().compare([(side_of("main", old), side_of("this run", new))])
    return comparison, new


def findings(comparison: Comparison, status: RunStatus) -> BaselineFindings:
    data = {
        "name": "main", "run": "r", "reasons": [], "notes": [],
        "comparisons": [comparison_data(comparison)],
    }  # fmt: skip
    return BaselineFindings(data, [headline(comparison)], status)


def test_changes_are_those_of_the_terminal_with_the_cases_that_moved(
    browser: Browser, tmp_path: Path
) -> None:
    comparison, records = compared()
    baseline = findings(comparison, RunStatus.FAILED)
    path = write_page(tmp_path / "r.html", records, baseline=baseline)

    with visiting(browser, path, "#/diff") as visit:
        verdict = visit.text(".change strong")
        sections = visit.page.locator(".change-list").all_inner_texts()
        moved = visit.page.evaluate("harnessReport.search('flip:moved').length")
        visit.go("#/")
        cell = visit.text(".matrix .cell")

    terminal = comparison_text([comparison])
    assert terminal.split("\n")[0] == verdict == headline(comparison)
    titles = ["broken", "moved", "still failing"]
    assert [section.split("\n")[0] for section in sections] == [f"{name} 1" for name in titles]
    for section, title in zip(sections, map(str.capitalize, titles), strict=True):
        meaning = section.split("\n")[1].strip() or section.split("\n")[2].strip()
        assert f"{title} (1; {meaning}):" in terminal
    assert "test::moved 7/10 → 1/10" in " ".join(sections[1].split())
    assert moved == 10
    assert "1 broken, 1 moved" in cell


def test_runs_that_are_not_comparable_have_no_changes(browser: Browser, tmp_path: Path) -> None:
    _, records = compared()
    old = [dict(record) for record in records]
    for record in old:
        record["fingerprints"] = {"inputs": "i", "request": "r", "expectations": "other"}
        record["outcome"] = "passed"
    (comparison,) = Comparer().compare(
        [(side_of("main", old), side_of("this run", records))]  # type: ignore[arg-type]
    )
    assert comparison.refusals
    baseline = findings(comparison, RunStatus.INCONCLUSIVE)
    path = write_page(tmp_path / "r.html", records, baseline=baseline)

    with visiting(browser, path, "#/diff") as visit:
        text = visit.text()
        changed = visit.page.evaluate("harnessReport.search('flip:any')")

    assert "NO VERDICT: this run against main" in text
    assert f"Not comparable: {comparison.refusals[0]}" in text
    assert "No case changed." in text
    assert changed == []


def different(kind: str, trial: OutcomeRecord) -> OutcomeRecord:
    return with_call(trial, "refund") if kind == "tool call" else with_earlier_turn(trial)


@pytest.mark.parametrize("kind", ["tool call", "earlier turn"])
def test_repeats_with_equal_texts_alone_do_not_have_the_same_reply(
    browser: Browser, tmp_path: Path, kind: str
) -> None:
    records = numbered(repeated("a", ["passed"] * 4, text="It is a refund."))
    different(kind, records[1])

    with visiting(browser, write_page(tmp_path / "r.html", records), "#/c/test%3A%3Aa") as visit:
        groups = visit.page.locator(".repeats .same").all_inner_texts()
        visit.go("#/cases")
        row = visit.text(".row")

    assert ["same reply \u00d73" in group for group in groups] == [True, False]
    assert "2 replies" in row


@pytest.mark.parametrize("kind", ["tool call", "earlier turn"])
def test_variants_with_equal_texts_alone_are_not_identical(
    browser: Browser, tmp_path: Path, kind: str
) -> None:
    records = numbered(
        *([made(0, "a", "passed", variant=name, text="It is a refund.")] for name in "xyz")
    )
    different(kind, records[1])
    path = write_page(tmp_path / "r.html", records)

    with visiting(browser, path, "#/c/test%3A%3Aa%5Bx%5D?tab=compare") as visit:
        visit.page.wait_for_selector(".difference ins")
        columns = visit.page.locator(".column").all_inner_texts()

    first, second = (" ".join(column.split()) for column in columns)
    assert first.startswith("x = z 2 identical")
    assert "identical" not in second
    assert "same text as x; the tool calls or earlier turns differ" in second
    assert ("tool_use: refund" if kind == "tool call" else "Good day") in second


def test_a_reply_of_the_baseline_has_at_most_the_same_text(
    browser: Browser, tmp_path: Path
) -> None:
    records = [with_call(made(0, "a", "failed", text="It is a refund."), "refund")]
    data = {"name": "main", "run": "r", "reasons": [], "notes": [], "comparisons": []}
    replies = {"test::a": ["It is a refund."]}
    baseline = BaselineFindings(data, [], RunStatus.FAILED, replies)
    path = write_page(tmp_path / "r.html", records, baseline=baseline)

    with visiting(browser, path, "#/c/test%3A%3Aa?tab=compare") as visit:
        text = visit.text()
        whole = visit.page.locator("pre", has_text="tool_use: refund").count()

    assert "identical" not in text
    assert "same text as baseline; the baseline keeps no tool calls and earlier turns" in text
    assert whole == 1


def test_a_case_with_repeats_and_a_metric_have_the_intervals_of_the_terminal(
    browser: Browser, tmp_path: Path
) -> None:
    records = numbered(repeated("a", ["passed"] * 6 + ["failed"] * 4))
    for trial in records:
        trial["verdicts"][0]["metric"] = "tone"
        trial["verdicts"][0]["score"] = 0.5
    terminal = summary_section(summed(*records), 1.0)

    with visiting(browser, write_page(tmp_path / "r.html", records)) as visit:
        metric = visit.text("[aria-label=Metrics] tbody tr")
        visit.go("#/c/test%3A%3Aa")
        header = visit.text(".case header")

    assert "95 %: [27, 86] %, pass^3: 0.17 [0.02, 0.64]" in header
    assert "0.500 [0.000, 1.000]" in metric
    for text in ("[27, 86] %", "0.17 [0.02, 0.64]", "0.500 [0.000, 1.000]"):
        assert text in terminal


def test_a_metric_that_was_not_checked_is_neither_kept_nor_missed(
    browser: Browser, tmp_path: Path
) -> None:
    computed = [
        ComputedMetric("desk", "default", "recall", 0.0, min=0.9, ended=1, cases=40),
        ComputedMetric("desk", "default", "f1", 0.95, min=0.9, ended=40, cases=40),
        ComputedMetric("desk", "default", "precision", 0.5, min=0.9, ended=40, cases=40),
        ComputedMetric("desk", "default", "share", None, "division by zero", ended=2, cases=2),
    ]
    end = {**END, "computed": [metric.as_data() for metric in computed]}

    with visiting(browser, write_page(tmp_path / "r.html", mixed(2), end=end)) as visit:
        rows = visit.page.locator("[aria-label=Metrics] tbody tr").all_inner_texts()

    words = [" ".join(row.split()) for row in rows]
    assert words == [
        "recall desk default not checked: 0.000 (1 of 40 cases) \u2013 not checked 1",
        "f1 desk default 0.950 (at least 0.9) ✓ ok 40",
        "precision desk default 0.500 (at least 0.9) ✗ missed 40",
        "share desk default cannot be computed: division by zero ! errored 2",
    ]


@pytest.mark.parametrize(
    ("end", "verdict"),
    [
        ({**END, "exit_code": 0}, "✓ Passed"),
        ({**END, "exit_code": 4}, "! Inconclusive against the baseline"),
        (
            {**END, "exit_code": 4, "status": "stopped", "stopped": "the budget is spent"},
            "! Stopped: the budget is spent",
        ),
        (None, "! The run did not finish"),
    ],
)
def test_the_verdict_tells_a_stopped_run_from_an_inconclusive_one(
    browser: Browser, tmp_path: Path, end: dict[str, object] | None, verdict: str
) -> None:
    path = write_page(tmp_path / "r.html", mixed(1), end=end)

    with visiting(browser, path) as visit:
        assert visit.text("header .verdict") == verdict
        visit.go("#/run")
        assert "exit status" in visit.text()


def test_the_baseline_decides_on_the_verdict_where_there_is_one(
    browser: Browser, tmp_path: Path
) -> None:
    comparison, records = compared()
    baseline = findings(comparison, RunStatus.INCONCLUSIVE)
    path = write_page(tmp_path / "r.html", records, baseline=baseline)

    with visiting(browser, path) as visit:
        assert visit.text("header .verdict") == "! Inconclusive against the baseline"
