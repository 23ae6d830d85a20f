"""`harness merge`."""

from __future__ import annotations

import os
from typing import Any

import click

from harness import app
from harness.cli.options import reporting
from harness.cli.report_options import ReportOptions
from harness.cli.running import report_result

_EPILOG = """\b
Examples:
  harness run suites --shard 1/2 --run-file one.jsonl      on one machine
  harness run suites --shard 2/2 --run-file two.jsonl      on another one
  harness merge one.jsonl two.jsonl --html report.html
"""


@click.command("merge", epilog=_EPILOG)
@click.argument("runs", nargs=-1, required=True, metavar="RUN…")
@click.option(
    "--on-duplicate",
    type=click.Choice(["keep-last", "keep-all"]),
    help="For trials that are in several runs: keep the one of the newest run, or all as repeats.",
)
@click.option(
    "--allow-missing", is_flag=True, help="Merge even if shards are missing or unfinished."
)
@reporting
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def merge_command(
    runs: tuple[str, ...], on_duplicate: Any, *, allow_missing: bool, **options: Any
) -> int:
    """Merge runs into one: the shards of a run, or runs of different suites.

    A run is a file, a folder, an id or `latest`. The merged runs are not changed. The exit status
    is that of the whole.
    """
    from harness.app.report.merge_shards import merge_runs  # only this command needs it

    reports = ReportOptions.of(options)
    reports.check()
    result = merge_runs(
        runs,
        app.RunOptions((), environment=os.environ),
        reports.run_file,
        on_duplicate=on_duplicate,
        allow_missing=allow_missing,
    )
    return report_result(result, None, reports)
