"""Any report of a run, made again from its record; no request is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.app.compare.baseline_check import BaselineCheck, check_recorded_run
from harness.app.compare.baseline_result import BaselineResult
from harness.app.compare.fresh_runs import rerun_record
from harness.app.plan.options import RunOptions
from harness.app.plan.project import project_settings
from harness.app.report.files import (
    TABLES,
    is_job_summary,
    write_html,
    write_junit,
    write_markdown,
    write_table,
)
from harness.app.report.history import REPORT_FILE, list_runs
from harness.app.report.recorded_runs import read_result
from harness.app.report.run_results import run_markdown_text
from harness.errors import SettingsError
from harness.store.folder import find_run

FORMATS = ("html", "markdown", "junit", *TABLES)


def write_report(
    run: str, form: str, path: Path, options: RunOptions, check: BaselineCheck | None
) -> Path:
    """Write a report of a run and return where its record is.

    Args:
        run: A file, a folder, an id or `latest`.
        form: One of `FORMATS`.
        path: Where it goes.
        options: Say where runs are kept.
        check: What the run is compared with, if anything, and how strictly; no table shows it.

    Raises:
        SettingsError: A table is to be compared, or the format does not fit the file.
        StoreError: The run cannot be read, or the report not written.
    """
    if check is not None and form in TABLES:
        problem = f"`{form}` is a table of trials, which shows no baseline"
        raise SettingsError(problem, "leave the baseline out, or write another format")
    if form != "markdown" and is_job_summary(path, options.environment):
        problem = f"GitHub shows Markdown in a job summary, and no {form}"
        raise SettingsError(problem, "write the report as markdown, or into another file")
    settings = project_settings(options)
    run_file = find_run(run, settings.reports)
    compared = None
    if check is not None:
        compared = _with_rerun_note(check_recorded_run(check, read_result(run_file)), run_file)
    if form == "html":
        write_html(run_file, path, compared)
        _relist(path, settings.reports)
    elif form == "markdown":
        text = run_markdown_text(read_result(run_file), compared)
        write_markdown(path, text, options.environment)
    elif form == "junit":
        write_junit(run_file, path, compared)
    else:
        write_table(run_file, path, form)
    return run_file


def _with_rerun_note(compared: BaselineResult, run_file: Path) -> BaselineResult:
    """Say that cases were asked again, which may be why the run itself passed."""
    again = rerun_record(run_file)
    if again is None:
        return compared
    note = f"cases were asked again after the run, and this report does without that: {again}"
    return replace(compared, notes=(*compared.notes, note))


def _relist(page: Path, reports: Path) -> None:
    """Link a page that lies where the list of runs looks for it."""
    # the list links only pages that lie in the folder of their run
    folder = page.resolve().parent
    if page.name == REPORT_FILE and folder.parent == reports.resolve():
        list_runs(reports)
