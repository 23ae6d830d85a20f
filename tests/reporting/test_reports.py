from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from harness.exit_code import ExitCode
from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.failures import failure_text, rerun_command
from harness.reporting.junit import junit_xml
from harness.reporting.progress import PlainProgress
from harness.reporting.summary import needs_attention, percentile, warnings_of
from harness.reporting.terminal import failure_blocks, summary_section, totals_line
from harness.source import Excerpts
from tests.support.trials import case, record, summed


@pytest.mark.parametrize(
    ("labels", "status"),
    [
        (["passed", "passed"], ExitCode.PASSED),
        (["passed", "unjudged", "skipped"], ExitCode.PASSED),
        (["passed", "failed"], ExitCode.FAILED),
        (["passed", "errored"], ExitCode.ERRORED),
        (["failed", "errored"], ExitCode.FAILED),
        ([], ExitCode.NOTHING_SELECTED),
    ],
)
def test_the_exit_status_says_the_worst(labels: list[str], status: ExitCode) -> None:
    summary = summed(*(record(n, label) for n, label in enumerate(labels)))

    assert summary.exit_code() == status


def repeats(labels: list[str], rate: float, **changes: object) -> list[OutcomeRecord]:
    one = case("a", pass_rate=rate, **changes)
    return [
        record(n, label, of=one, repeat=n + 1, repeats=len(labels))
        for n, label in enumerate(labels)
    ]


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

    assert summary.exit_code() == status
    attention = [each for each in records if needs_attention(each, summary)]
    assert len(attention) == (failed if status is ExitCode.FAILED else 0)


def test_an_expected_failure_is_none_and_an_unexpected_pass_is_told() -> None:
    summary = summed(*repeats(["failed", "errored", "passed"], 1.0, xfail="known"))

    assert summary.exit_code() == ExitCode.PASSED
    assert summary.total.counts["xfailed"] == 2
    assert "1 trial passed in spite of `xfail`" in list(warnings_of(summary))


def test_percentiles_are_values_that_occurred() -> None:
    from array import array

    values = array("d", [4.0, 1.0, 3.0, 2.0])

    assert [percentile(values, share) for share in (0.25, 0.5, 0.95, 1.0)] == [1.0, 2.0, 4.0, 4.0]
    assert percentile(array("d"), 0.5) is None


def test_the_summary_has_a_row_for_each_suite_and_variant_and_a_line_of_totals() -> None:
    summary = summed(
        record(0, variant="x", cost=0.5),
        record(1, "failed", variant="y", cost=0.25),
        record(2, suite="other", cost=0.25),
    )

    lines = summary_section(summary, 1.5).split("\n")

    assert [line.split()[:3] for line in lines[2:5]] == [
        ["test", "x", "1"],
        ["test", "y", "1"],
        ["other", "default", "1"],
    ]
    assert totals_line(summary, 1.5) == (
        "3 trials in 1.50 s: 2 passed, 1 failed · 36 + 9 tokens · 1.0000 USD"
    )


def test_a_failure_shows_place_expected_actual_reply_and_the_command_to_run_it(
    tmp_path: Path,
) -> None:
    verdict = Verdict.failing("the reply is not 'a'", expected="a", actual="b\nc")
    one = record(0, "failed", verdict=verdict, text="b\nc", variant="haiku-0.7")
    path = tmp_path / "t.suite.yaml"
    path.write_text("cases:\n  - id: case-0\n    contains: a\n")
    one["path"] = str(path)

    text = failure_text(one, Excerpts())

    assert text == (
        "FAILED test::case-0[haiku-0.7]\n"
        f"  {path}:3:5: contains: the reply is not 'a'\n"
        "  3 |     contains: a\n"
        "    |     ^^^^^^^^\n"
        "  expected: a\n"
        "  actual:   b\n"
        "            c\n"
        "  reply:    b\n"
        "            c\n"
        "            (end_turn, 0.500 s, 12 + 3 tokens)\n"
        f"  rerun:    harness run {path} --only 'test::case-0[haiku-0.7]'"
    )


def test_the_same_error_is_told_once() -> None:
    blocks = list(failure_blocks([record(n, "errored") for n in range(10)], Excerpts()))

    assert len(blocks) == 1
    assert "the same for 10 trials: test::case-0, test::case-1" in blocks[0]
    assert blocks[0].endswith("and 5 more")


def test_of_many_failures_the_first_are_shown_and_the_rest_counted() -> None:
    blocks = list(failure_blocks([record(n, "failed") for n in range(100)], Excerpts(), most=3))

    assert len(blocks) == 4
    assert blocks[3] == "… and 97 more; the run file has them all"


HOSTILE = "\x1b[31m\x07\x9b\u202e\ud800\x00]]></failure>&\"'\n::set-env name=X::1\n  ::error::x"


def test_hostile_words_cannot_command_a_terminal_or_a_ci_service() -> None:
    verdict = Verdict.failing(HOSTILE, expected=HOSTILE, actual=HOSTILE)

    text = failure_text(record(0, "failed", verdict=verdict, text=HOSTILE), Excerpts())

    assert not set(text) & set("\x1b\x07\x9b\u202e\x00")
    assert not [line for line in text.split("\n") if line.lstrip().startswith("::")]


def xml(*records: OutcomeRecord) -> Any:
    pieces = junit_xml(lambda: records, Excerpts(), started="2026-11-22T10:00:00+00:00")
    return etree.fromstring("".join(pieces).encode("utf-8"))


def test_junit_keeps_passed_failed_errored_and_skipped_apart() -> None:
    root = xml(
        record(0),
        record(1, "failed"),
        record(2, "errored"),
        record(3, "skipped", of=case("s", skip="later")),
        record(4, "failed", of=case("x", xfail="known")),
        record(5, "unjudged", suite="other"),
    )

    assert [root.get(each) for each in ("tests", "failures", "errors", "skipped")] == [
        "6",
        "1",
        "1",
        "3",
    ]
    kinds = [
        [child.tag for child in test if child.tag != "properties"] for test in root.iter("testcase")
    ]
    assert kinds == [[], ["failure"], ["error"], ["skipped"], ["skipped"], ["skipped"]]
    assert [suite.get("name") for suite in root.iter("testsuite")] == ["test", "other"]
    reasons = [each.get("message") for each in root.iter("skipped")]
    assert reasons == ["later", "known", "nothing is expected of the reply that decides"]


def test_junit_names_model_tokens_cost_and_latency() -> None:
    root = xml(record(0, cost=0.5, variant="v"))

    properties = {each.get("name"): each.get("value") for each in root.iter("property")}

    assert properties["model"] == "claude-haiku-4-5"
    assert properties["variant"] == "v"
    assert (properties["input_tokens"], properties["output_tokens"]) == ("12", "3")
    assert (properties["cost"], properties["latency"]) == ("0.500000", "0.5000")


@given(st.text(st.characters(), max_size=200))
def test_junit_is_xml_whatever_a_reply_says(text: str) -> None:
    verdict = Verdict.failing(text, expected=text, actual=text)

    root = xml(record(0, "failed", verdict=verdict, text=text))

    (failure,) = root.iter("failure")
    assert failure.get("message") is not None


def test_junit_escapes_what_xml_cannot_carry() -> None:
    verdict = Verdict.failing("bell \x07 end\nline")

    (failure,) = xml(record(0, "failed", verdict=verdict)).iter("failure")

    assert failure.get("message") == "contains: bell \\u0007 end\nline"


def test_progress_without_a_terminal_is_a_line_every_few_seconds() -> None:
    now, stream = [0.0], io.StringIO()
    progress = PlainProgress(100, stream, lambda: now[0])

    for n in range(12):
        now[0] += 1.0
        progress.started()
        progress.ended(record(n, cost=0.01))

    assert stream.getvalue().split("\n") == [
        "5/100 · 0 in flight · 1.0/s · 0.0500 USD · about 95 s left",
        "10/100 · 0 in flight · 1.0/s · 0.1000 USD · about 90 s left",
        "",
    ]


def test_the_rerun_command_is_quoted_for_the_shell() -> None:
    one = record(0)
    one["path"] = "my suites/a.suite.yaml"

    assert rerun_command(one) == "harness run 'my suites/a.suite.yaml' --only test::case-0"


def test_junit_counts_a_failure_that_the_pass_rate_allows_as_passed() -> None:
    root = xml(*repeats(["passed"] * 4 + ["failed"], 0.8))

    assert root.get("failures") == "0"
    assert not list(root.iter("failure"))
    assert root.get("tests") == "1"
    properties = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert (properties["outcome"], properties["passed"]) == ("flaky-allowed", "4/5")


def test_junit_has_one_test_for_all_repeats_of_a_case() -> None:
    root = xml(*repeats(["failed", "passed", "errored"], 1.0), record(7, suite="other"))

    assert [root.get(each) for each in ("tests", "failures", "errors")] == ["2", "1", "0"]
    first = next(root.iter("testcase"))
    assert first.get("name") == "a"
    assert first.get("time") == "2.250"
    (failure,) = root.iter("failure")
    assert failure.get("message") == "1 of 3 repeats passed: contains: not fine"
    assert "FAILED test::a#1" in str(failure.text)
    assert "ERRORED test::a#3" in str(failure.text)


def test_a_command_to_run_again_repeats_the_options() -> None:
    command = rerun_command(record(0), ["--base-url", "http://x", "--set", "vars.a=b c"])

    assert command.endswith("--only test::case-0 --base-url http://x --set 'vars.a=b c'")


def test_a_verdict_that_only_warns_is_shown_and_counted() -> None:
    one = record(0, "failed")
    warning = {**one["verdicts"][0], "severity": "warn", "reason": "rather long"}
    one["verdicts"].append(warning)  # type: ignore[arg-type]

    assert "contains (shown only): rather long" in failure_text(one, Excerpts())
    assert "1 trial with a verdict that did not pass and only warns" in list(
        warnings_of(summed(one))
    )
