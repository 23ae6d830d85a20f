"""`harness report`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from harness import app
from harness.cli.baseline_options import BaselineOptions
from harness.cli.options import ERRORS, FAIL_ON, GATE_BY, MARGIN
from harness.cli.record_notes import print_record_notes
from harness.printable import visible

_EPILOG = """\b
Examples:
  harness report latest                           report.html beside its record
  harness report latest --open                    and open it
  harness report ID --baseline main --fail-on broken -o review.html
  harness report latest --format csv -o trials.csv
"""
_ENDINGS = {"html": "html", "markdown": "md", "junit": "xml"}
_FORMATS = click.Choice(["html", "markdown", "junit", "csv", "json", "jsonl"])


@click.command("report", epilog=_EPILOG)
@click.argument("run")
@click.option("--format", "form", type=_FORMATS, default="html", show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it there; `-` prints it, and GitHub's job summary is appended to."
    "  [default: `report.…` beside the record]",
)
@click.option(
    "--baseline",
    metavar="BASELINE",
    help="Show what changed since this baseline (html, markdown, junit).",
)
@FAIL_ON
@MARGIN
@ERRORS
@GATE_BY
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
def report_command(run: str, form: str, output: Path | None, *, opens: bool, **options: Any) -> int:
    """Write a report of RUN; send nothing.

    A run is a file, a folder, an id or `latest`. With a baseline and the options of its gate, the
    report is that of `harness run` with them, without what `--confirm` asked again.
    """
    from harness.app.report import files, recorded_reports  # only this command needs them

    choice = app.RunOptions((), environment=os.environ)
    baseline = BaselineOptions.of(options)
    check = baseline.read(app.project_settings(choice))
    record = app.find_run_file(run, choice)
    path = output or record.with_name(f"report.{_ENDINGS.get(form, form)}")
    if str(path) == "-":
        path = app.STANDARD_OUTPUT
    app.check_report(path, record, "output")
    recorded_reports.write_report(str(record), form, path, choice, check)
    print_record_notes([str(record)], choice)
    if path == app.STANDARD_OUTPUT:
        return 0
    click.echo(visible(str(path)))
    for note in files.page_notes(path) if form == "html" else ():
        click.echo(visible(note), err=True)
    if opens:
        click.launch(str(path.resolve()))
    return 0
