"""`harness merge`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from harness import app
from harness.cli.baseline_options import BaselineOptions
from harness.cli.options import comparing_with_baseline, confirming, reporting
from harness.cli.report_options import ReportOptions
from harness.cli.running import compared, outputs_for, report_result
from harness.errors import SettingsError

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import BaselineCheck, BaselineResult, RerunSetup

_EPILOG = """\b
Examples:
  harness run suites --shard 1/2 --run-file one.jsonl      on one machine
  harness run suites --shard 2/2 --run-file two.jsonl      on another one
  harness merge one.jsonl two.jsonl --html report.html
  harness merge one.jsonl two.jsonl --baseline main --fail-on broken --confirm 5
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
@comparing_with_baseline
@confirming
@click.option(
    "--base-url", help="With --confirm: API server to ask.  [default: the one that the runs asked]"
)
@reporting
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def merge_command(
    runs: tuple[str, ...],
    on_duplicate: Any,
    base_url: str | None,
    *,
    allow_missing: bool,
    **options: Any,
) -> int:
    """Merge runs into one: the shards of a run, or runs of different suites.

    A run is a file, a folder, an id or `latest`. The merged runs are not changed. The exit status
    is that of the whole. With --confirm, the suites must be as they were in the runs.
    """
    from harness.app.report.merge_shards import merge_runs  # only this command needs it

    reports, baseline = ReportOptions.of(options), BaselineOptions.of(options)
    reports.check()
    if base_url is not None and not baseline.confirm:
        raise SettingsError(
            "--base-url says where to ask cases again", "add --confirm, or leave it out"
        )
    chosen = app.RunOptions((), flags={"base_url": base_url}, environment=os.environ)
    # before the merged run, which may become the next `latest` itself
    check = baseline.read(app.project_settings(chosen))
    setup = None if check is None or not check.confirm else _rerun_setup(runs, chosen, reports)
    result = merge_runs(
        runs, chosen, reports.run_file, on_duplicate=on_duplicate, allow_missing=allow_missing
    )
    if check is None:
        return report_result(result, None, reports)
    errors: list[str] = []
    baseline_result = compared(lambda: _compared(check, result, setup), errors)
    return report_result(result, baseline_result, reports, errors)


def _rerun_setup(runs: Sequence[str], chosen: app.RunOptions, reports: ReportOptions) -> RerunSetup:
    from harness.app.compare.baseline_check import RerunSetup
    from harness.app.compare.recorded_plan import plan_of_runs

    return RerunSetup(plan_of_runs(runs, chosen), app.Budget(), outputs_for(reports))


def _compared(
    check: BaselineCheck, result: app.RunResult, setup: RerunSetup | None
) -> BaselineResult:
    from harness.app.compare import baseline_check  # most merges do without

    return baseline_check.check_merged_run(check, result, setup)
