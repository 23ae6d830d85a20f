"""`harness score`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from harness import app
from harness.cli.baseline_options import BaselineOptions
from harness.cli.options import allowing_code, comparing_with_baseline, judging, reporting
from harness.cli.report_options import ReportOptions
from harness.cli.running import run_and_report, run_plan

_EPILOG = """\b
Examples:
  harness score latest                      judge the newest run by the current suites
  harness score reports/ID --junit score.xml
  harness score --outputs answers.jsonl suites/desk.suite.yaml   judge your own outputs

\b
Lines of --outputs: {"case": "refund", "output": "…"}, and "suite", "variant" or
"repeat" where they differ. Each selected trial needs an output; nothing is sent for it.
"""


@click.command("score", epilog=_EPILOG)
@click.argument("run")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@comparing_with_baseline
@reporting
@judging
@allowing_code
@click.option(
    "--outputs",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Judge the outputs of this JSONL file instead of a run; RUN is a suite then.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def score_command(
    run: str,
    paths: tuple[Path, ...],
    judge: str | None,
    outputs: Path | None,
    *,
    allow_code: bool | None,
    **options: Any,
) -> int:
    """Judge the stored replies of RUN by the current suites; send nothing.

    The suites are those of the run, or those below PATHS. A trial whose request has changed since
    then is errored: `harness run --resume RUN` requests its reply.
    """
    flags = {"judge": judge, "allow_code": allow_code}
    chosen = app.RunOptions(paths=paths, flags=flags, environment=os.environ)
    reports, baseline = ReportOptions.of(options), BaselineOptions.of(options)
    if outputs is not None:
        plan = app.plan_run(replace(chosen, paths=(Path(run), *paths)))
        given = app.read_outputs(outputs, plan)
        # only a judge has to be asked
        sources = app.Sources(fixed_replies=given, allow_requests=bool(app.required_judges(plan)))
        return run_plan(plan, sources, app.Budget(), reports, baseline)
    with app.open_previous_run(run, chosen) as memory:
        chosen = app.scoring_options(memory, chosen)
        sources = app.Sources(run=memory, previous_run_file=memory.path, allow_requests=False)
        return run_and_report(chosen, sources, app.Budget(), reports, baseline)
