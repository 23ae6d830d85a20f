"""A run that ended, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.app.compare.baseline_result import BaselineCheck, BaselineResult
from harness.app.compare.baselines import Baseline
from harness.app.execute.run_result import RunResult
from harness.app.report.files import write_html, write_junit
from harness.app.report.run_results import (
    annotation_lines,
    result_data,
    result_notes,
    run_markdown_text,
    run_status,
    summary_text,
    totals_text,
)
from harness.exit_code import ExitCode, RunStatus
from harness.reporting.comparing.sides import RunSide
from harness.running.stopping import INTERRUPTED, Stop
from tests.app.report.test_merge_shards import write_run
from tests.model.test_identical_variants import FOUND
from tests.support.trials import record, summed

COST = Stop("the budget of 1 USD is used up", ExitCode.STOPPED)


def result(
    folder: Path, *, code: ExitCode = ExitCode.PASSED, stop: Stop | None = None
) -> RunResult:
    records = [record(0), record(1)]
    path = write_run(folder / "run.jsonl", records)
    return RunResult(path, summed(*records), 1.0, code, 5, is_simulated=False, stopped=stop)


def compared(status: RunStatus) -> BaselineResult:
    return BaselineResult(BaselineCheck(Baseline("main", {}, RunSide("main"))), (), status)


@pytest.mark.parametrize(
    ("code", "stop", "baseline", "status"),
    [
        (ExitCode.PASSED, None, None, RunStatus.PASSED),
        (ExitCode.FAILED, None, None, RunStatus.FAILED),
        (ExitCode.STOPPED, COST, None, RunStatus.STOPPED),
        (ExitCode.INTERRUPTED, INTERRUPTED, None, RunStatus.INTERRUPTED),
        (ExitCode.PASSED, None, RunStatus.INCONCLUSIVE, RunStatus.INCONCLUSIVE),
        (ExitCode.FAILED, None, RunStatus.PASSED, RunStatus.PASSED),
        (ExitCode.NOTHING_SELECTED, None, None, RunStatus.UNJUDGED),
        (ExitCode.NOTHING_SELECTED, None, RunStatus.PASSED, RunStatus.UNJUDGED),
    ],
)
def test_every_report_names_the_same_status(
    tmp_path: Path,
    code: ExitCode,
    stop: Stop | None,
    baseline: RunStatus | None,
    status: RunStatus,
) -> None:
    ended = result(tmp_path, code=code, stop=stop)
    against = None if baseline is None else compared(baseline)

    assert run_status(ended, against) is status
    assert run_markdown_text(ended, against).startswith(f"## {status.value.upper()}")
    data = result_data(ended, against)
    assert (data["status"], data["exit_code"]) == (status.value, int(status.exit_code))


def test_a_run_that_finished_is_never_called_stopped(tmp_path: Path) -> None:
    text = run_markdown_text(result(tmp_path), compared(RunStatus.INCONCLUSIVE))

    assert "STOPPED" not in text


def test_a_run_that_was_stopped_says_why_and_what_is_missing(tmp_path: Path) -> None:
    ended = result(tmp_path, code=ExitCode.STOPPED, stop=COST)

    line = "STOPPED: the budget of 1 USD is used up; 3 of 5 trials did not end\n"
    assert summary_text(ended).startswith(line)
    assert totals_text(ended).startswith(line)


def test_a_run_that_a_refused_key_stopped_is_called_stopped_and_is_errored(tmp_path: Path) -> None:
    refused = Stop("authentication failed (HTTP 401): check the API key", ExitCode.ERRORED)
    ended = result(tmp_path, code=ExitCode.ERRORED, stop=refused)

    assert totals_text(ended).startswith(f"STOPPED: {refused.why}; 3 of 5 trials did not end\n")
    assert run_status(ended) is RunStatus.ERRORED


def test_whoever_interrupted_a_run_is_not_told_why(tmp_path: Path) -> None:
    ended = result(tmp_path, code=ExitCode.INTERRUPTED, stop=INTERRUPTED)

    assert totals_text(ended).startswith("INTERRUPTED: 3 of 5 trials did not end\n")


def test_a_run_that_was_stopped_after_all_that_was_sent_says_so(tmp_path: Path) -> None:
    ended = result(tmp_path, code=ExitCode.INTERRUPTED, stop=INTERRUPTED)

    whole = replace(ended, planned=ended.summary.total.trials)

    assert totals_text(whole).startswith("INTERRUPTED: all trials that were sent ended\n")


def test_variants_that_sent_the_same_request_are_counted_in_every_report(tmp_path: Path) -> None:
    suite = {"name": "test", "identical_variants": [replace(FOUND, suite="test").as_data()]}
    path = write_run(tmp_path / "same.jsonl", [record(0)], suites=[suite])
    ended = RunResult(path, summed(record(0)), 1.0, ExitCode.PASSED, 1, is_simulated=False)
    sentence = "1 pair of variants sent the same request: "

    write_html(path, tmp_path / "page.html")
    write_junit(path, tmp_path / "junit.xml")

    assert any(note.startswith(f"note: {sentence}") for note in result_notes(ended))
    assert f"- {sentence}" in run_markdown_text(ended)
    assert f'"warnings":["{sentence}' in (tmp_path / "page.html").read_text()
    assert f'name="identical_variants" value="{sentence}' in (tmp_path / "junit.xml").read_text()
    (found,) = result_data(ended)["identical_variants"]
    assert (found["variants"], found["cases"]) == (["0.0", "0.7"], 14)
    (annotation,) = annotation_lines(ended, None, {"GITHUB_ACTIONS": "true"})
    assert annotation.startswith(f"::warning title=harness::{sentence}")


def test_a_run_in_which_nothing_was_judged_says_so_before_its_counts(tmp_path: Path) -> None:
    ended = result(tmp_path, code=RunStatus.UNJUDGED.exit_code)

    assert totals_text(ended).startswith("UNJUDGED: nothing was judged\n2 trials")
    assert summary_text(ended).startswith("UNJUDGED: nothing was judged\n")


def test_github_shows_that_nothing_was_judged(tmp_path: Path) -> None:
    ended = result(tmp_path, code=RunStatus.UNJUDGED.exit_code)

    lines = annotation_lines(ended, None, {"GITHUB_ACTIONS": "true"})

    assert lines == ["::error title=harness::UNJUDGED: nothing was judged"]
