"""`harness run`."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from harness import app
from harness.cli.options import choice, choosing
from harness.source import visible

_EPILOG = """\b
Examples:
  harness run suites
  harness run suites/triage.suite.yaml --only 'refund[haiku-4-5-0.7]'
  harness run suites --set request.temperature=0 --repeat 5
  harness run suites --base-url http://127.0.0.1:8000 --junit report.xml
"""


@click.command("run", epilog=_EPILOG)
@choosing
@click.option("--base-url", help="The server; `simulator` for the built-in one.")
@click.option("--concurrency", help="How many requests may be under way at once.")
@click.option(
    "--run-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the record goes; a new folder below the reports without it.",
)
@click.option(
    "--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML there."
)
@click.option("-q", "--quiet", is_flag=True, help="Show failures and one line of totals only.")
def run_command(
    base_url: str | None,
    concurrency: str | None,
    run_file: Path | None,
    junit: Path | None,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Run the suites below PATHS and judge the replies."""
    chosen = choice(options, base_url=base_url, concurrency=concurrency)
    outputs = app.Outputs(run_file=run_file, command=sys.argv)
    if not quiet and not as_json:
        show = partial(app.progress_on, sys.stderr)
        outputs = app.Outputs(run_file=run_file, command=sys.argv, progress=show)
    result = app.run(app.plan(chosen), outputs)
    if junit is not None:
        app.write_junit(result.run_file, junit)
    if as_json:
        report = None if junit is None else str(junit)
        print(json.dumps({**app.result_data(result), "junit": report}, indent=2))
    else:
        _print_result(result, junit, quiet=quiet)
    return int(result.exit_code)


def _print_result(result: app.RunResult, junit: Path | None, *, quiet: bool) -> None:
    for block in app.failure_texts(result):
        head, newline, rest = block.partition("\n")
        click.echo(f"{click.style(head, fg='red', bold=True)}{newline}{rest}\n")
    click.echo(app.totals_text(result) if quiet else app.summary_text(result))
    if result.is_simulated:
        click.echo("note: served by the built-in simulator; no model was asked")
    if result.set_aside is not None:
        click.echo(f"note: an older run file was renamed to {visible(str(result.set_aside))}")
    if result.broken is not None:
        click.echo(f"error: {visible(result.broken)}; what came before is kept", err=True)
    click.echo(f"record: {visible(str(result.run_file))}")
    if junit is not None:
        click.echo(f"report: {visible(str(junit))}")
