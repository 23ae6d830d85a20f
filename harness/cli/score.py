"""`harness score`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from harness import app
from harness.cli.baseline_options import BaselineOptions
from harness.cli.options import allowing_code, gating, judging, reporting
from harness.cli.reports import Reports, report_run

_EPILOG = """\b
Examples:
  harness score latest                      judge the newest run by what the suites say today
  harness score reports/ID --junit score.xml
"""


@click.command("score", epilog=_EPILOG)
@click.argument("run")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@gating
@reporting
@judging
@allowing_code
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, nothing else.")
def score_command(
    run: str, paths: tuple[Path, ...], judge: str | None, *, allow_code: bool | None, **options: Any
) -> int:
    """Judge the stored replies of RUN by today's suites; nothing is sent.

    The suites are those of the run, or those below PATHS. A trial whose request has changed since
    is errored: `harness run --resume RUN` asks for its reply.
    """
    flags = {"judge": judge, "allow_code": allow_code}
    chosen = app.RunOptions(paths=paths, flags=flags, environment=os.environ)
    reports, gate = Reports.of(options), BaselineOptions.of(options)
    with app.open_previous_run(run, chosen) as memory:
        chosen = app.scoring_options(memory, chosen)
        sources = app.Sources(run=memory, previous_run_file=memory.path, allow_requests=False)
        return report_run(chosen, sources, app.Budget(), reports, gate)
