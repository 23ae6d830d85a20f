"""Every place that shows a run says the same of it: one case result is read by all."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.app.execute.previous_runs import RerunSelection, rerun_selection
from harness.app.report.recorded_runs import read_result
from harness.excerpts import Excerpts
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey, CaseResult
from harness.model.record import OutcomeRecord
from harness.reporting.case_results import case_results
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.model import Comparison
from harness.reporting.comparing.sides import side_of
from harness.reporting.html.page import html_report
from harness.reporting.junit import junit_xml
from harness.reporting.markdown import run_markdown
from harness.reporting.summary import RunSummary
from harness.reporting.tables import csv_lines, json_lines
from harness.reporting.terminal import summary_section, totals_line
from tests.app.report.test_merge_shards import write_run
from tests.support import trials as made
from tests.support.generated_runs import runs
from tests.support.trials import record, summed

EXAMPLES = 150
_RUN = {"id": "r", "harness": "0.1.0", "started": "2026-11-01T10:15:00+00:00", "suites": []}


def expected_label(trials: Sequence[OutcomeRecord]) -> str:
    """Say what a case adds up to, by the rules of docs/comparing.md and nothing else."""
    counts = Counter(trial["outcome"] for trial in trials)
    first = trials[0]
    judged = counts["passed"] + counts["failed"] + counts["errored"]
    if not judged:
        return "skipped" if counts["skipped"] else "unjudged"
    if first["xfail"] is not None:
        return "xpassed" if counts["passed"] == judged else "xfailed"
    answered = counts["passed"] + counts["failed"]
    enough = answered == 0 or counts["passed"] >= first["pass_rate"] * answered - 1e-9
    if not enough:
        return "flaky" if counts["passed"] else "failed"
    if counts["errored"]:
        return "errored"
    return "flaky-allowed" if counts["failed"] else "passed"


def by_case(records: Iterable[OutcomeRecord]) -> dict[CaseKey, list[OutcomeRecord]]:
    cases: dict[CaseKey, list[OutcomeRecord]] = {}
    for each_record in records:
        key = CaseKey(each_record["suite"], each_record["case"], each_record["variant"])
        cases.setdefault(key, []).append(each_record)
    return cases


def expected_rate(cases: dict[CaseKey, list[OutcomeRecord]]) -> float | None:
    shares = []
    for trials in cases.values():
        judged = [trial for trial in trials if trial["outcome"] in {"passed", "failed", "errored"}]
        if judged and trials[0]["xfail"] is None:
            shares.append(sum(t["outcome"] == "passed" for t in judged) / len(judged))
    return sum(shares) / len(shares) if shares else None


def expected_rate_of_run(cases: dict[CaseKey, list[OutcomeRecord]]) -> float | None:
    rates = []
    for suite in {key.suite for key in cases}:
        of_suite = {key: trials for key, trials in cases.items() if key.suite == suite}
        rated = Counter(
            key.variant
            for key, trials in of_suite.items()
            if expected_rate({key: trials}) is not None
        )
        # the suite counts as often as one of its variants has cases
        rates += [expected_rate(of_suite) or 0.0] * max(rated.values(), default=0)
    return sum(rates) / len(rates) if rates else None


def page_index(records: Sequence[OutcomeRecord], summary: RunSummary) -> dict[str, Any]:
    end = {"exit_code": int(summary.status().exit_code), "seconds": 1.0, "status": "finished"}
    page = b"".join(html_report(_RUN, end, records)).decode()
    match = re.search(r'<script type="application/json" id="index">(.*?)</script>', page, re.DOTALL)
    assert match is not None
    index: dict[str, Any] = json.loads(match[1])
    return index


def labels_on_page(index: dict[str, Any]) -> dict[str, str]:
    results, names = index["results"], {}
    for case, variant, label in zip(
        results["case"], results["variant"], results["label"], strict=True
    ):
        suite, name = index["suites"][index["cases"][case][0]][0], index["cases"][case][1]
        names[f"{suite}::{name}{index['suffixes'][variant]}"] = index["labels"][label]["name"]
    return names


def labels_in_csv(records: Sequence[OutcomeRecord]) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO("".join(csv_lines(records)), newline=""))
    return {row["id"].partition("#")[0]: row["case_label"] for row in rows}


def labels_in_json(records: Sequence[OutcomeRecord]) -> dict[str, str]:
    rows = [json.loads(line) for line in json_lines(records)]
    return {row["id"].partition("#")[0]: row["case_label"] for row in rows}


def labels_in_junit(records: Sequence[OutcomeRecord]) -> dict[str, str]:
    root = junit(records)
    return {
        f"{test.get('classname')}::{test.get('name')}": next(
            str(entry.get("value"))
            for entry in test.iter("property")
            if entry.get("name") == "outcome"
        )
        for test in root.iter("testcase")
        if test.get("classname") != "gate"
    }


def junit(records: Sequence[OutcomeRecord]) -> ET.Element:
    xml = "".join(junit_xml(lambda: iter(records), Excerpts(), started=""))
    return ET.fromstring(xml)  # noqa: S314  # our own


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(records=runs(), shuffled=st.randoms(use_true_random=False))
def test_every_place_says_the_same_of_a_run(records: list[OutcomeRecord], shuffled: Any) -> None:
    with TemporaryDirectory() as folder:
        check_every_place(Path(folder) / "run.jsonl", records, shuffled)


def check_every_place(path: Path, records: list[OutcomeRecord], shuffled: Any) -> None:
    cases = by_case(records)
    labels = {str(key): expected_label(trials) for key, trials in cases.items()}
    arrived = list(records)
    shuffled.shuffle(arrived)
    write_run(path, arrived)

    result = read_result(path)
    summary = result.summary
    index = page_index(records, summary)

    assert {str(r.key): r.label.value for r in case_results(arrived)} == labels
    assert labels_on_page(index) == labels
    assert labels_in_csv(records) == labels
    assert labels_in_json(records) == labels
    assert labels_in_junit(records) == labels
    assert Counter({str(k.value): n for k, n in summary.labels.items() if n}) == Counter(
        labels.values()
    )
    check_rates(summary, index, cases)
    check_counts(records, summary, index, labels)
    check_rerun(path, records, labels)
    check_exit_status(summary, labels)
    assert result.exit_code == summary.status().exit_code == summed(*records).status().exit_code


def check_rates(
    summary: RunSummary, index: dict[str, Any], cases: dict[CaseKey, list[OutcomeRecord]]
) -> None:
    whole = expected_rate_of_run(cases)
    assert summary.rate_of_run.share == pytest.approx(whole)
    assert index["overview"]["pass_rate"]["share"] == pytest.approx(whole)
    for group in index["groups"]:
        of_group = {
            key: trials
            for key, trials in cases.items()
            if (key.suite, key.variant) == (group["suite"], group["variant"])
        }
        assert group["pass_rate"]["share"] == pytest.approx(expected_rate(of_group))
        key = group["suite"], group["variant"]
        interval = summary.rate(key).interval
        assert group["pass_rate"]["interval"] == [interval.low, interval.high]
        check_interval(group["pass_rate"])


def check_interval(rate: dict[str, Any]) -> None:
    low, high = rate["interval"]
    assert 0 <= low < high <= 1  # a few cases that agree are no proof
    assert low <= (rate["share"] or low) <= high


def check_counts(
    records: Sequence[OutcomeRecord],
    summary: RunSummary,
    index: dict[str, Any],
    labels: dict[str, str],
) -> None:
    counts = Counter(labels.values())
    flaky = counts["flaky"] + counts["flaky-allowed"]
    attention = counts["failed"] + counts["flaky"] + counts["errored"]
    root = junit(records)
    gate = int(summary.status() is RunStatus.UNJUDGED)  # which no case shows
    assert int(str(root.get("tests"))) == len(labels) + gate
    assert int(str(root.get("failures"))) == counts["failed"] + counts["flaky"] + gate
    assert int(str(root.get("errors"))) == counts["errored"]
    skipped = counts["skipped"] + counts["unjudged"] + counts["xfailed"]
    assert int(str(root.get("skipped"))) == skipped
    assert summary.flaky == flaky == index["overview"]["flaky"]
    assert index["overview"]["needs_attention"] == attention
    match = re.search(r"(\d+) flaky case", totals_line(summary, 1.0))
    assert (int(match[1]) if match else 0) == flaky
    assert {str(key) for key in summary.failed_cases} == {
        name for name, label in labels.items() if label in {"failed", "flaky"}
    }
    assert index["results"]["distinct_replies"] == [
        r.distinct_replies for r in sorted_results(records)
    ]


def sorted_results(records: Sequence[OutcomeRecord]) -> Iterator[CaseResult]:
    order = {key: number for number, key in enumerate(by_case(records))}
    yield from sorted(case_results(records), key=lambda result: order[result.key])


def check_rerun(path: Path, records: Sequence[OutcomeRecord], labels: dict[str, str]) -> None:
    def cases(*wanted: str) -> set[str]:
        return {name for name, label in labels.items() if label in wanted}

    def names(selection: RerunSelection) -> set[str]:
        return {str(key) for key in selection.cases}

    assert names(rerun_selection(path, "flaky")) == cases("flaky", "flaky-allowed")
    assert names(rerun_selection(path, "failed")) == cases("failed", "flaky")
    assert rerun_selection(path, "errored").ids == {
        r["id"]
        for r in records
        if r["outcome"] == "errored"
        and labels[r["id"].partition("#")[0]] not in {"xfailed", "xpassed"}
    }


def check_exit_status(summary: RunSummary, labels: dict[str, str]) -> None:
    present = set(labels.values())
    expected = 1 if present & {"failed", "flaky"} else 3 if "errored" in present else None
    if expected is None:
        expected = 0 if present - {"skipped", "unjudged"} else 5
    assert int(summary.status().exit_code) == expected


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(old=runs(most_cases=3), new=runs(most_cases=3))
def test_a_comparison_lists_cases_by_the_labels_that_the_runs_show(
    old: list[OutcomeRecord], new: list[OutcomeRecord]
) -> None:
    # an errored trial of the old run is no evidence
    before = {r.key: r.without_errors() for r in case_results(old)}
    after = {r.key: r for r in case_results(new)}
    compared = {
        key for key in before.keys() & after.keys() if before[key].is_rated and after[key].is_rated
    }

    (comparison,) = Comparer().compare([(side_of("old", old), side_of("new", new))])

    passing = {"passed", "flaky-allowed"}
    lists = {
        "broken": {
            k for k in compared if before[k].label in passing and after[k].label not in passing
        },
        "fixed": {
            k for k in compared if before[k].label not in passing and after[k].label in passing
        },
        "still_failing": {
            k for k in compared if before[k].label not in passing and after[k].label not in passing
        },
        "newly_flaky": {
            k for k in compared if after[k].label.is_flaky and not before[k].label.is_flaky
        },
    }
    for name, expected in lists.items():
        assert {pair.new.key for pair in getattr(comparison, name)} == expected, name
    check_bounds(comparison)


def check_bounds(comparison: Comparison) -> None:
    interval = comparison.interval
    if interval is not None:
        assert -1 <= interval.low <= comparison.difference + 1e-9
        assert comparison.difference - 1e-9 <= interval.high <= 1


def test_markdown_and_terminal_name_the_same_unstable_cases() -> None:
    from tests.support.page_runs import mixed

    summary = summed(*mixed(40))

    text, page = summary_section(summary, 1.0), run_markdown(summary, 1.0, "FAILED", [])

    names = [str(r.key) for r in summary.unstable][:20]
    assert names
    for name in names:
        assert name in text
        assert name.replace("[", "\\[").replace("]", "\\]") in page


def test_every_place_shows_the_same_intervals_of_a_case_with_repeats() -> None:
    outcomes = [("passed", 6), ("failed", 4)]
    labels = [label for label, count in outcomes for _ in range(count)]
    moody = made.case("moody")
    records = [
        record(number, label, of=moody, repeat=number + 1, repeats=10)
        for number, label in enumerate(labels)
    ]
    summary = summed(*records)
    (result,) = summary.unstable

    index = page_index(records, summary)
    texts = [summary_section(summary, 1.0), run_markdown(summary, 1.0, "FAILED", [])]
    properties = {p.get("name"): p.get("value") for p in junit(records).iter("property")}

    for text in texts:
        assert "[27, 86] %" in text
        assert "0.17 [0.02, 0.64]" in text
    assert index["chances"] == ["95 %: [27, 86] %, pass^3: 0.17 [0.02, 0.64]"]
    assert index["results"]["chance"] == [0]
    assert properties["passed_interval"] == "[0.274, 0.863]"
    assert result.as_data()["interval"] == pytest.approx([0.27367, 0.86307], abs=1e-5)
    assert result.as_data()["pass_all_3_interval"] == pytest.approx([0.02050, 0.64289], abs=1e-5)


def test_every_place_shows_the_same_interval_of_a_rate_and_a_metric() -> None:
    records = [record(n, "passed") for n in range(2)]
    for trial in records:
        trial["verdicts"][0]["metric"] = "tone"
    summary = summed(*records)
    index = page_index(records, summary)
    text = summary_section(summary, 1.0)

    assert "100 % [20, 100]" in text
    assert "1.000 [0.198, 1.000]" in text
    assert "2/2 100.0 % [19.8, 100.0]" in run_markdown(summary, 1.0, "PASSED", [])
    assert index["overview"]["pass_rate"]["range"] == "[20, 100]"
    (metric,) = index["metrics"]
    assert metric["words"] == "1.000 [0.198, 1.000]"
    assert metric["interval"] == index["overview"]["pass_rate"]["interval"]
