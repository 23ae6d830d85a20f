"""What a run adds up to, in whatever order its trials end."""

from __future__ import annotations

import random
from array import array

import pytest

from harness.excerpts import Excerpts
from harness.exit_code import ExitCode, RunStatus
from harness.model.record import OutcomeRecord
from harness.reporting.junit import junit_xml
from harness.reporting.markdown import run_markdown
from harness.reporting.metrics import ComputedMetric
from harness.reporting.summary import RunSummary, needs_attention, warnings_of
from harness.reporting.tally import percentile
from harness.reporting.terminal import summary_section, totals_line
from tests.support.trials import case, record, summed


def in_suite_order() -> list[OutcomeRecord]:
    """Return a run whose names are in another order than its suites and variants."""
    names = [
        (suite, variant, name)
        for suite in ("zebra", "ant")
        for name in ("b", "a")
        for variant in ("warm", "cold")
    ]
    records = []
    for index, (suite, variant, name) in enumerate(names):
        made = record(index, suite=suite, variant=variant, of=case(name))
        for metric in ("recall", "accuracy"):
            made["verdicts"].append({**made["verdicts"][0], "metric": metric, "score": 1.0})
        records.append(made)
    return records


@pytest.mark.parametrize("seed", range(5))
def test_groups_and_metrics_are_in_suite_order_whatever_ends_first(seed: int) -> None:
    records = in_suite_order()
    random.Random(seed).shuffle(records)

    summary = summed(*records)

    groups = [("zebra", "warm"), ("zebra", "cold"), ("ant", "warm"), ("ant", "cold")]
    assert list(summary.groups) == groups
    assert list(summary.metrics) == [
        (*group, name) for group in groups for name in ("recall", "accuracy")
    ]
    data = summary.as_data()
    assert [(trial["suite"], trial["variant"]) for trial in data["groups"]] == groups


@pytest.mark.parametrize("seed", range(3))
def test_all_texts_are_the_same_whatever_ends_first(seed: int) -> None:
    records = in_suite_order()
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)

    one, other = summed(*records), summed(*shuffled)

    assert summary_section(one, 1.0) == summary_section(other, 1.0)
    assert run_markdown(one, 1.0, "PASSED", []) == run_markdown(other, 1.0, "PASSED", [])


def repeated(labels: list[str], **changes: object) -> list[OutcomeRecord]:
    one = case("a", **changes)
    return [
        record(n, label, of=one, repeat=n + 1, repeats=len(labels))
        for n, label in enumerate(labels)
    ]


def test_repeats_that_are_expected_to_fail_are_not_listed_as_failed() -> None:
    summary = summed(*repeated(["failed", "failed", "passed"], xfail="known"))

    assert summary.unstable == []
    assert summary.failed_cases == set()
    assert summary.status().exit_code is ExitCode.PASSED
    for text in (summary_section(summary, 1.0), run_markdown(summary, 1.0, "PASSED", [])):
        assert "in all repeats" not in text
        assert "2 xfailed" in text


def test_an_expected_failure_lowers_no_rate_anywhere() -> None:
    summary = summed(record(0), record(1, "failed", of=case("b", xfail="known")))

    assert summary.rate_of_run.share == 1.0
    assert summary.rate(("test", "default")).share == 1.0
    assert "100 % [" in summary_section(summary, 1.0)
    assert "1/1 100.0 %" in run_markdown(summary, 1.0, "PASSED", [])


def test_one_error_among_passes_is_an_errored_case_and_not_a_flaky_one() -> None:
    summary = summed(*repeated(["passed", "errored", "passed"]))

    assert summary.flaky == 0
    assert "flaky" not in totals_line(summary, 1.0)
    assert [result.label for result in summary.unstable] == ["errored"]
    assert summary.status().exit_code is ExitCode.ERRORED


def unchecked() -> RunSummary:
    summary = summed(record())
    summary.computed = [
        ComputedMetric("test", "default", "accuracy", 0.0, min=0.8, ended=1, cases=40)
    ]
    return summary


def test_a_limit_that_was_not_checked_is_neither_kept_nor_missed() -> None:
    summary = unchecked()
    words = "not checked: 0.000 (1 of 40 cases)"

    terminal = summary_section(summary, 1.0)
    markdown = run_markdown(summary, 1.0, "PASSED", [])
    junit = "".join(
        junit_xml(
            lambda: iter([record()]),
            Excerpts(),
            started="",
            compute=lambda _summary: summary.computed,
        )
    )

    assert words in terminal
    assert f"ok: {words}" not in terminal
    assert f"✓ test: accuracy {words}" not in markdown
    assert words in markdown
    assert f'<skipped message="test: accuracy {words}"/>' in junit
    assert summary.status().exit_code is ExitCode.PASSED
    assert summary.as_data()["computed"][0]["status"] == "not checked"


def test_labels_are_counted_by_case() -> None:
    summary = summed(*repeated(["passed", "failed"]), record(7, "skipped"))

    labels = summary.as_data()["case_labels"]

    assert {name: number for name, number in labels.items() if number} == {
        "flaky": 1,
        "skipped": 1,
    }


def repeats(labels: list[str], rate: float, **changes: object) -> list[OutcomeRecord]:
    one = case("a", pass_rate=rate, **changes)
    return [
        record(n, label, of=one, repeat=n + 1, repeats=len(labels))
        for n, label in enumerate(labels)
    ]


@pytest.mark.parametrize(
    ("labels", "status"),
    [
        (["passed", "passed"], RunStatus.PASSED),
        (["passed", "unjudged", "skipped"], RunStatus.PASSED),
        (["passed", "failed"], RunStatus.FAILED),
        (["passed", "errored"], RunStatus.ERRORED),
        (["unjudged", "errored"], RunStatus.ERRORED),
        (["failed", "errored"], RunStatus.FAILED),
        (["unjudged", "unjudged"], RunStatus.UNJUDGED),
        (["unjudged", "skipped"], RunStatus.UNJUDGED),
        (["skipped", "skipped"], RunStatus.UNJUDGED),
        ([], RunStatus.UNJUDGED),
    ],
)
def test_the_status_says_the_worst(labels: list[str], status: RunStatus) -> None:
    summary = summed(*(record(n, label) for n, label in enumerate(labels)))

    assert summary.status() is status


@pytest.mark.parametrize("label", ["passed", "failed"])
def test_an_expected_failure_was_judged(label: str) -> None:
    summary = summed(*repeats([label], 1.0, xfail="known"))

    assert summary.status() is RunStatus.PASSED


@pytest.mark.parametrize(
    ("passed", "failed", "rate", "status"),
    [
        (4, 1, 0.8, ExitCode.PASSED),
        (3, 2, 0.8, ExitCode.FAILED),
        (4, 1, 1.0, ExitCode.FAILED),
        (0, 5, 0.1, ExitCode.FAILED),
    ],
)
def test_repeats_pass_together_by_their_pass_rate(
    passed: int, failed: int, rate: float, status: ExitCode
) -> None:
    records = repeats(["passed"] * passed + ["failed"] * failed, rate)

    summary = summed(*reversed(records))

    assert summary.status().exit_code == status
    attention = [trial for trial in records if needs_attention(trial, summary)]
    assert len(attention) == (failed if status is ExitCode.FAILED else 0)


def test_an_expected_failure_is_none_and_an_unexpected_pass_is_told() -> None:
    summary = summed(*repeats(["failed", "errored", "passed"], 1.0, xfail="known"))

    assert summary.status().exit_code == ExitCode.PASSED
    assert summary.total.counts["xfailed"] == 2
    assert "1 trial passed in spite of `xfail`" in list(warnings_of(summary))


def test_percentiles_are_values_that_occurred() -> None:

    values = array("d", [4.0, 1.0, 3.0, 2.0])

    assert [percentile(values, share) for share in (0.25, 0.5, 0.95, 1.0)] == [1.0, 2.0, 4.0, 4.0]
    assert percentile(array("d"), 0.5) is None


def test_pieces_of_streams_that_nothing_is_known_about_are_told() -> None:
    strange, plain = record(0), record(1)
    for one in (strange, plain):
        assert one["reply"] is not None
        one["reply"]["delivery"] = "stream"
    block = {"type": "text", "text": "hello", "unknown_deltas": [{"type": "sketch_delta"}]}
    strange["reply"]["message"] = {"content": [block]}  # type: ignore[index]

    (told,) = warnings_of(summed(strange, plain))

    assert told == (
        "1 trial with pieces of a stream that nothing is known about; the record has them as"
        " `unknown_deltas`"
    )
