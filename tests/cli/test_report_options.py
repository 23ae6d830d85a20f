from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.cli.report_options import ReportOptions
from harness.cli.vocabulary import shown
from harness.errors import SettingsError

NONE: dict[str, Any] = {
    "run_file": None,
    "junit": None,
    "markdown": None,
    "html": None,
    "csv": None,
    "quiet": False,
    "as_json": False,
}


def test_the_options_about_reports_are_taken_and_the_others_left() -> None:
    options = {**NONE, "csv": Path("t.csv"), "quiet": True, "keyword": "refund"}

    reports = ReportOptions.of(options)

    assert reports == ReportOptions(csv=Path("t.csv"), is_quiet=True)
    assert options == {"keyword": "refund"}


def test_files_are_named_by_their_options_and_do_not_hold_the_record() -> None:
    reports = ReportOptions(run_file=Path("r.jsonl"), html=Path("r.html"), csv=Path("t.csv"))

    assert reports.files() == {"html": Path("r.html"), "csv": Path("t.csv")}


@pytest.mark.parametrize("name", ["junit", "markdown", "html", "csv"])
def test_a_report_that_cannot_be_written_is_refused_by_its_option(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    paths: dict[str, Any] = {name: tmp_path / "file" / "below"}
    reports = ReportOptions(**paths)

    with pytest.raises(SettingsError) as caught:
        reports.check()

    assert shown(caught.value).endswith(f"fix: choose another --{name}")


def test_a_report_never_replaces_the_record(tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"

    with pytest.raises(SettingsError, match="is the run file too"):
        ReportOptions(run_file=record, csv=record).check()


def test_two_reports_need_two_files(tmp_path: Path) -> None:
    one = tmp_path / "report"

    with pytest.raises(SettingsError, match="--markdown and --html both name"):
        ReportOptions(markdown=one, html=tmp_path / "." / "report").check()


def test_what_keeps_nothing_may_be_named_twice() -> None:
    ReportOptions(markdown=Path("/dev/null"), csv=Path("/dev/null")).check()
