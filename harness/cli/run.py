"""`harness run`."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from harness import app
from harness.cli.options import choice, choosing, duration, reporting
from harness.errors import ExitCode, StoreError
from harness.source import visible

_FOLDER = click.Path(path_type=Path, file_okay=False)
_PRICE = click.FloatRange(min=0, min_open=True)
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
@click.option(
    "--concurrency",
    help="The most requests under way at once; without it the number finds itself, up to 50.",
)
@click.option("--max-cost", type=_PRICE, metavar="USD", help="Stop when replies cost so much.")
@click.option("--max-time", callback=duration, metavar="TIME", help="Stop after `90s` or `10m`.")
@click.option(
    "--grace",
    callback=duration,
    metavar="TIME",
    default="10s",
    show_default=True,
    help="How long trials in flight may go on when the run is stopped.",
)
@click.option(
    "--resume",
    metavar="RUN",
    help="Go on with an earlier run (a file, a folder, an id, `latest`): what it has is not asked"
    " for again.",
)
@click.option(
    "--rerun",
    type=click.Choice(app.RERUNS),
    help="Run only those again that were so in the latest run; with --resume, the others are kept.",
)
@click.option("--cache/--no-cache", default=None, help="Share replies between runs, or do not.")
@click.option(
    "--record", type=_FOLDER, metavar="DIR", help="Write the replies there, for --replay."
)
@click.option("--replay", type=_FOLDER, metavar="DIR", help="Take recorded replies; send nothing.")
@reporting
def run_command(
    base_url: str | None,
    concurrency: str | None,
    max_cost: float | None,
    max_time: float | None,
    grace: float,
    resume: str | None,
    rerun: str | None,
    cache: bool | None,
    record: Path | None,
    replay: Path | None,
    run_file: Path | None,
    junit: Path | None,
    quiet: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Run the suites below PATHS and judge the replies."""
    chosen = choice(options, base_url=base_url, concurrency=concurrency, cache=cache)
    bounds = app.Bounds(max_cost, max_time, grace)
    sources = app.Sources(record=record, replay=replay)
    with ExitStack() as stack:
        if resume is not None or rerun is not None:
            memory = stack.enter_context(app.earlier_run(resume or app.LATEST, chosen))
            again = frozenset() if rerun is None else app.rerun_ids(memory.labels, rerun)
            memory.forget(again)
            if resume is None:
                chosen = replace(chosen, ids=again)
            else:
                sources = replace(sources, run=memory)
            sources = replace(sources, after=memory.path)
        return report_run(chosen, sources, bounds, Reports(run_file, junit, quiet, as_json))


@dataclass(frozen=True, slots=True)
class Reports:
    """What is to be said about a run, and where."""

    run_file: Path | None = None
    junit: Path | None = None
    is_quiet: bool = False
    as_json: bool = False


def report_run(
    chosen: app.Choice, sources: app.Sources, bounds: app.Bounds, reports: Reports
) -> int:
    """Run what was chosen, say what came of it, and return the exit status."""
    run_file, junit, as_json = reports.run_file, reports.junit, reports.as_json
    outputs = app.Outputs(run_file=run_file, command=sys.argv)
    if not reports.is_quiet and not as_json:
        show = partial(app.progress_on, sys.stderr)
        outputs = app.Outputs(run_file=run_file, command=sys.argv, progress=show)
    plan = app.plan(chosen)
    if junit is not None:
        app.check_report(junit, run_file)
    gc.freeze()  # suites live to the end; looking through them again and again costs 10 %
    result = app.run(plan, outputs, bounds, sources)
    status, trouble = int(result.exit_code), []
    if result.broken is not None:
        trouble.append(result.broken)
    elif junit is not None:
        trouble += _tried(lambda: app.write_junit(result.run_file, junit))
    if as_json:
        trouble += _tried(lambda: _print_document(result, junit, trouble))
    else:
        trouble += _tried(lambda: _print_result(result, junit, quiet=reports.is_quiet))
        for each in trouble:
            click.echo(f"error: {visible(each)}; what came before is kept", err=True)
    return status if not trouble else max(status, int(ExitCode.ERRORED))


def _tried(action: Callable[[], None]) -> list[str]:
    """Do something after a run; what goes wrong then must not hide the run's results."""
    try:
        action()
    except StoreError as error:
        return [str(error)]
    return []


def _print_document(result: app.RunResult, junit: Path | None, trouble: Sequence[str]) -> None:
    report = None if junit is None else str(junit)
    document = {**app.result_data(result), "junit": report}
    if trouble:
        document |= {"error": "; ".join(trouble), "exit_code": int(ExitCode.ERRORED)}
    print(json.dumps(document, indent=2))


def _print_result(result: app.RunResult, junit: Path | None, *, quiet: bool) -> None:
    broken = _tried(lambda: _print_failures(result))
    click.echo(app.totals_text(result) if quiet else app.summary_text(result))
    _print_notes(result, junit)
    if broken and result.broken is None:
        raise StoreError(broken[0])


def _print_failures(result: app.RunResult) -> None:
    for block in app.failure_texts(result):
        head, newline, rest = block.partition("\n")
        click.echo(f"{click.style(head, fg='red', bold=True)}{newline}{rest}\n")


def _print_notes(result: app.RunResult, junit: Path | None) -> None:
    for note in app.result_notes(result):
        click.echo(note)
    if junit is not None and result.broken is None:
        click.echo(f"report: {visible(str(junit))}")
