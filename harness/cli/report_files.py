"""Writes the reports of a run that are files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harness import app
from harness.cli.attempts import errors_of
from harness.cli.report_options import ReportOptions

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import BaselineResult


def write_reports(
    result: app.RunResult, baseline_result: BaselineResult | None, reports: ReportOptions
) -> list[str]:
    """Write every report that was asked for, whatever became of the others.

    Returns:
        What went wrong.
    """
    errors: list[str] = []
    junit, markdown, html, csv = reports.junit, reports.markdown, reports.html, reports.csv
    if junit is not None:
        errors += errors_of(lambda: app.write_junit(result.run_file, junit, baseline_result))
    if markdown is not None:
        errors += errors_of(
            lambda: app.write_markdown(
                markdown, app.run_markdown_text(result, baseline_result), os.environ
            )
        )
    if html is not None or csv is not None:
        from harness.app.report import files  # most runs do without

        if html is not None:
            errors += errors_of(lambda: files.write_html(result.run_file, html, baseline_result))
        if csv is not None:
            errors += errors_of(lambda: files.write_table(result.run_file, csv, "csv"))
    return errors
