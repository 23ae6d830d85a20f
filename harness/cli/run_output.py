"""Prints the results of a run: for people, as one JSON document, and for GitHub Actions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from harness import app
from harness.cli.attempts import errors_of
from harness.cli.json_documents import print_json
from harness.cli.report_options import ReportOptions
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.printable import visible

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import BaselineResult


def print_document(
    result: app.RunResult,
    baseline_result: BaselineResult | None,
    reports: ReportOptions,
    errors: Sequence[str],
) -> None:
    """Print one JSON document.

    Args:
        result: The run.
        baseline_result: What its baseline says.
        reports: Which reports were written.
        errors: What went wrong until now; the document holds it, because nothing else is printed.
    """
    files = {name: str(path) for name, path in reports.files().items()}
    document = {
        **app.result_data(result, baseline_result),
        **dict.fromkeys(("junit", "markdown", "html", "csv")),
        **files,
    }
    if errors:
        document |= {"error": "; ".join(errors), "exit_code": int(ExitCode.ERRORED)}
    print_json(document)


def print_result(
    result: app.RunResult, baseline_result: BaselineResult | None, reports: ReportOptions
) -> None:
    """Print failures, the summary, the comparison, notes and where the reports are.

    Raises:
        StoreError: The failures cannot be read from the record; all else is printed before.
    """
    errors = errors_of(lambda: _print_failures(result, baseline_result))
    click.echo(app.totals_text(result) if reports.is_quiet else app.summary_text(result))
    if baseline_result is not None:
        click.echo(f"\n{baseline_result.text(is_short=reports.is_quiet)}\n")
    for note in app.result_notes(result):
        click.echo(note)
    if result.broken is None:
        _print_reports(reports)
    # a broken run file was reported already, and is why the failures cannot be read
    if errors and result.broken is None:
        raise StoreError(errors[0])


def print_annotations(
    result: app.RunResult, baseline_result: BaselineResult | None, *, as_json: bool
) -> None:
    """Print what GitHub Actions shows beside the suites, where it runs.

    With a JSON document, standard output holds nothing else; Actions reads standard error too.

    Raises:
        StoreError: The record cannot be read.
    """
    for line in app.annotation_lines(result, baseline_result, os.environ):
        click.echo(line, err=as_json)


def _print_reports(reports: ReportOptions) -> None:
    for path in reports.files().values():
        click.echo(f"report: {visible(str(path))}")
    if reports.html is not None:
        from harness.app.report.files import page_notes  # most runs do without

        for note in page_notes(reports.html):
            click.echo(visible(note))


def _print_failures(result: app.RunResult, baseline_result: BaselineResult | None) -> None:
    for block in app.failure_texts(result, baseline_result):
        head, newline, rest = block.partition("\n")
        click.echo(f"{click.style(head, fg='red', bold=True)}{newline}{rest}\n")
    if baseline_result is not None and baseline_result.known_failures:
        number = len({(key.suite, key.case) for key in baseline_result.known_failures})
        cases = f"{number:,} failing case{' is' if number == 1 else 's are'} not shown"
        why = "by itself it fails no run" if number == 1 else "by themselves they fail no run"
        click.echo(f"{cases}: {why} (--fail-on {baseline_result.check.fails_on.value})")
