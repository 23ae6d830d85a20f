"""`harness score`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from harness import app
from harness.cli.baseline_options import BaselineOptions
from harness.cli.options import allowing_code, comparing_with_baseline, judging, reporting
from harness.cli.report_options import ReportOptions
from harness.cli.running import run_and_report

_EPILOG = """\b
Examples:
  harness score latest                      judge the newest run by the current suites
  harness score reports/ID --junit score.xml
"""


@click.command("score", epilog=_EPILOG)
@click.argument("run")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@comparing_with_baseline
@reporting
@judging
@allowing_code
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def score_command(
    run: str, paths: tuple[Path, ...], judge: str | None, *, allow_code: bool | None, **options: Any
) -> int:
    """Judge the stored replies of RUN by the current suites; send nothing.

    The suites are those of the run, or those below PATHS. A trial whose request has changed since
    then is errored: `harness run --resume RUN` requests its reply.
    """
    flags = {"judge": judge, "allow_code": allow_code}
    chosen = app.RunOptions(paths=paths, flags=flags, environment=os.environ)
    reports, baseline = ReportOptions.of(options), BaselineOptions.of(options)
    with app.open_previous_run(run, chosen) as memory:
        chosen = app.scoring_options(memory, chosen)
        sources = app.Sources(run=memory, previous_run_file=memory.path, allow_requests=False)
        return run_and_report(chosen, sources, app.Budget(), reports, baseline)
