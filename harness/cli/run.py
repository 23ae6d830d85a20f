"""`harness run`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness import app
from harness.cli.baseline_options import BaselineOptions
from harness.cli.exit_status import EXIT_STATUS
from harness.cli.options import (
    amount,
    choice,
    choosing,
    comparing_with_baseline,
    confirming,
    duration,
    judging,
    reporting,
)
from harness.cli.report_options import ReportOptions
from harness.cli.running import run_and_report

_FOLDER = click.Path(path_type=Path, file_okay=False)
_PRICE = click.FloatRange(min=0, min_open=True)
_EPILOG = f"""\b
Examples:
  harness run suites
  harness run suites/triage.suite.yaml --only 'refund[haiku-4-5-0.7]'
  harness run suites --set request.temperature=0 --repeat 5
  harness run suites --base-url http://127.0.0.1:8000 --junit report.xml
  harness run suites --baseline main --fail-on broken --confirm 5

{EXIT_STATUS}"""


@click.command("run", epilog=_EPILOG)
@choosing
@click.option("--base-url", help="API server; `simulator` is the built-in one.")
@click.option(
    "--concurrency",
    help="Maximum number of requests in flight.  [default: adaptive, up to 50]",
)
@judging
@click.option(
    "--max-cost",
    type=_PRICE,
    callback=amount,
    metavar="USD",
    help="Stop when replies have cost this much.",
)
@click.option(
    "--max-time", callback=duration, metavar="TIME", help="Stop after this long: `90s`, `10m`."
)
@click.option(
    "--grace",
    callback=duration,
    metavar="TIME",
    default="10s",
    show_default=True,
    help="How long trials in flight may take to finish when the run is stopped.",
)
@click.option(
    "--resume",
    metavar="RUN",
    help="Continue an earlier run (file, folder, id or `latest`); replies it has are not requested"
    " again.",
)
@click.option(
    "--rerun",
    type=click.Choice(app.RERUNS),
    help="Rerun only cases with this result in the latest run (of errored ones, the trials that"
    " errored); with --resume, keep the others.",
)
@click.option(
    "--cache/--no-cache", default=None, help="Reuse replies to the same request across runs."
)
@click.option("--record", type=_FOLDER, metavar="DIR", help="Record replies there, for --replay.")
@click.option("--replay", type=_FOLDER, metavar="DIR", help="Use recorded replies; send nothing.")
@comparing_with_baseline
@confirming
@reporting
def run_command(
    base_url: str | None,
    concurrency: str | None,
    judge: str | None,
    max_cost: float | None,
    max_time: float | None,
    grace: float,
    resume: str | None,
    rerun: str | None,
    cache: bool | None,
    record: Path | None,
    replay: Path | None,
    **options: Any,
) -> int:
    """Run the suites below PATHS and judge the replies."""
    reports, baseline = ReportOptions.of(options), BaselineOptions.of(options)
    chosen = choice(options, base_url=base_url, concurrency=concurrency, cache=cache, judge=judge)
    budget = app.Budget(max_cost, max_time, grace)
    sources = app.Sources(record=record, replay=replay)
    with app.following(chosen, sources, resume=resume, rerun=rerun) as (chosen, sources):
        return run_and_report(chosen, sources, budget, reports, baseline)
