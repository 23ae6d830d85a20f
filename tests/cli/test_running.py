from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import app
from harness.app.report.recorded_runs import read_result
from harness.cli.report_options import ReportOptions
from harness.cli.running import report_result
from harness.exit_code import ExitCode
from tests.app.report.test_merge_shards import write_run
from tests.support.trials import record


@pytest.fixture(autouse=True)
def _not_on_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


@pytest.fixture
def result(tmp_path: Path) -> app.RunResult:
    """Return a run of two trials, one of which failed."""
    records = [record(0), record(1, "failed")]
    return read_result(write_run(tmp_path / "run.jsonl", records))


def test_a_run_is_reported_in_every_file_and_ends_with_its_own_status(
    tmp_path: Path, result: app.RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("junit", "markdown", "html", "csv")
    paths: dict[str, Any] = {name: tmp_path / f"out.{name}" for name in names}
    reports = ReportOptions(**paths)

    status = report_result(result, None, reports)

    printed = capsys.readouterr().out
    assert status == ExitCode.FAILED
    assert [f"report: {path}" in printed for path in paths.values()] == [True] * 4
    with paths["csv"].open() as table:
        assert [row["outcome"] for row in csv.DictReader(table)] == ["passed", "failed"]
    assert paths["markdown"].read_text().startswith("## FAILED")


def test_failures_are_printed_before_the_summary(
    result: app.RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    report_result(result, None, ReportOptions(is_quiet=True))

    printed = capsys.readouterr().out
    assert printed.index("FAILED test::case-1") < printed.index("2 trials")
    assert printed.index("2 trials") < printed.index("record: ")


def test_a_report_that_cannot_be_written_hides_neither_the_results_nor_the_others(
    tmp_path: Path, result: app.RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = ReportOptions(junit=tmp_path, csv=tmp_path / "t.csv")

    status = report_result(result, None, reports)

    output = capsys.readouterr()
    assert status == ExitCode.ERRORED
    assert "2 trials" in output.out
    assert output.err.startswith("error: ")
    assert output.err.endswith("; what came before is kept\n")
    assert (tmp_path / "t.csv").is_file()


@pytest.mark.parametrize(
    ("code", "status"),
    [(ExitCode.NOTHING_SELECTED, ExitCode.ERRORED), (ExitCode.INTERRUPTED, ExitCode.INTERRUPTED)],
)
def test_a_report_that_cannot_be_written_is_an_error_of_a_run_that_came_to_its_end(
    tmp_path: Path, result: app.RunResult, code: ExitCode, status: ExitCode
) -> None:
    ended = replace(result, exit_code=code)

    assert report_result(ended, None, ReportOptions(csv=tmp_path)) == status


def test_a_json_document_holds_what_went_wrong_with_the_files(
    tmp_path: Path, result: app.RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    status = report_result(result, None, ReportOptions(csv=tmp_path, as_json=True), ["no space"])

    document = json.loads(capsys.readouterr().out)
    assert status == document["exit_code"] == ExitCode.ERRORED
    assert document["error"].startswith("no space; ")
    assert (document["csv"], document["junit"]) == (str(tmp_path), None)


def test_an_error_never_lowers_the_exit_status(
    result: app.RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted = replace(result, exit_code=ExitCode.INTERRUPTED)

    status = report_result(interrupted, None, ReportOptions(is_quiet=True), ["no space"])

    assert status == ExitCode.INTERRUPTED
    assert "error: no space" in capsys.readouterr().err
