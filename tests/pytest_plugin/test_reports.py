from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness import app
from harness.app.compare.baseline_check import (
    BaselineCheck,
    FailOn,
    check_recorded_run,
    open_whole_baseline,
)
from harness.app.report.recorded_runs import read_result
from harness.errors import StoreError
from harness.model.settings import Settings
from harness.pytest_plugin.reports import (
    header_line,
    identical_lines,
    result_lines,
    with_baseline,
)
from harness.pytest_plugin.session_comparison import SessionComparison
from harness.wording import Option, Wording
from tests.app.report.test_merge_shards import write_run
from tests.model.test_identical_variants import FOUND
from tests.support.trials import record


@pytest.fixture
def result(tmp_path: Path) -> app.RunResult:
    """Return a run of two trials that took 12.5 s."""
    return read_result(write_run(tmp_path / "run.jsonl", [record(0), record(1)]))


@pytest.mark.parametrize(
    ("settings", "replay", "model", "words"),
    [
        (Settings(), None, None, "2 prompt tests, 1,000 trials"),
        (
            Settings(base_url="https://api.example.com/v1", concurrency=7),
            None,
            "m-1",
            "2 prompt tests, 1,000 trials, to api.example.com, at most 7 at once, model m-1",
        ),
        (
            Settings(base_url="simulator"),
            "tapes",
            None,
            "2 prompt tests, 1,000 trials, replayed from tapes",
        ),
    ],
)
def test_the_header_says_what_is_sent_where(
    settings: Settings, replay: str | None, model: str | None, words: str
) -> None:
    line = header_line(2, 1000, settings, replay=replay, model=model)

    assert line == f"harness: {words}"


def test_variants_that_send_the_same_request_are_a_line_each_and_counted_from_the_sixth() -> None:
    findings = [replace(FOUND, suite=name) for name in "abcdefg"]

    lines = identical_lines(findings)

    assert lines[0] == str(FOUND)
    assert lines[5:] == ["… and 2 more"]


def test_the_summary_compares_the_time_of_the_service_with_that_of_the_session(
    result: app.RunResult,
) -> None:
    lines = result_lines(result, 25.0, 0, has_run_tests=True)

    assert "25.00 s of service in 12.50 s (x2.0)" in lines
    assert not any("given up" in line for line in lines)


def test_the_summary_counts_what_was_given_up(result: app.RunResult) -> None:
    lines = result_lines(result, 1.0, 1200, has_run_tests=True)

    assert "note: 1,200 trials that were sent ahead were given up" in lines


def test_a_record_that_broke_off_is_an_error(result: app.RunResult) -> None:
    lines = result_lines(replace(result, broken="the disk is full"), 1.0, 0, has_run_tests=True)

    assert "error: the disk is full; what came before is kept" in lines


def test_without_a_baseline_the_summary_is_the_report(result: app.RunResult) -> None:
    report = with_baseline(lambda _result: None, result, ["2 passed"], has_run_tests=True)

    assert (report.lines, report.has_failed) == (["2 passed"], False)


@pytest.mark.parametrize(("old", "has_failed"), [("passed", True), ("failed", False)])
def test_what_broke_fails_the_session_in_the_words_of_pytest(
    tmp_path: Path, old: str, has_failed: bool
) -> None:
    before, now = (
        write_run(tmp_path / f"{name}.jsonl", [record(0), record(1, label)])
        for name, label in (("old", old), ("new", "failed"))
    )
    check = BaselineCheck(open_whole_baseline(str(before), Settings()), FailOn.BROKEN)
    result = read_result(now)
    comparison = SessionComparison(check_recorded_run(check, result), ())

    report = with_baseline(lambda _result: comparison, result, [], has_run_tests=True)

    assert report.has_failed is has_failed
    assert has_failed is any(
        line.startswith("FAILED (--harness-fail-on broken): 1 case broke") for line in report.lines
    )


def test_a_baseline_that_cannot_be_read_fails_the_session_in_the_words_of_pytest(
    result: app.RunResult,
) -> None:
    def unreadable(_result: app.RunResult) -> None:
        raise StoreError(Wording("choose another {baseline}", baseline=Option("baseline")))

    report = with_baseline(unreadable, result, ["2 passed"], has_run_tests=True)

    assert report.has_failed
    assert report.lines == ["2 passed", "error: choose another --harness-baseline"]


@pytest.mark.parametrize("has_run_tests", [True, False])
def test_a_session_fails_if_its_tests_ran_and_nothing_was_judged(
    tmp_path: Path, has_run_tests: bool
) -> None:
    unjudged = read_result(write_run(tmp_path / "run.jsonl", [record(0, "unjudged")]))

    report = with_baseline(lambda _result: None, unjudged, [], has_run_tests=has_run_tests)

    assert report.has_failed is has_run_tests
    why = ["error: no prompt test was judged, so the session fails"]
    assert report.lines == (why if has_run_tests else [])


def test_no_baseline_excuses_a_session_in_which_nothing_was_judged(tmp_path: Path) -> None:
    before = write_run(tmp_path / "old.jsonl", [record(0)])
    unjudged = read_result(write_run(tmp_path / "new.jsonl", [record(0, "unjudged")]))
    check = BaselineCheck(open_whole_baseline(str(before), Settings()), FailOn.BROKEN)
    comparison = SessionComparison(check_recorded_run(check, unjudged), ())

    report = with_baseline(lambda _result: comparison, unjudged, [], has_run_tests=True)

    assert comparison.result.reasons == ()
    assert report.has_failed


def test_one_verdict_among_unjudged_tests_is_enough(tmp_path: Path) -> None:
    records = [record(0), record(1, "unjudged")]
    judged = read_result(write_run(tmp_path / "run.jsonl", records))

    report = with_baseline(lambda _result: None, judged, [], has_run_tests=True)

    assert not report.has_failed
