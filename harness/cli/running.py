"""A run from its plan to its exit status."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from harness import app
from harness.cli.attempts import errors_of
from harness.cli.baseline_options import BaselineOptions
from harness.cli.plan_warnings import print_warnings
from harness.cli.report_files import write_reports
from harness.cli.report_options import ReportOptions
from harness.cli.run_output import print_annotations, print_document, print_result
from harness.cli.vocabulary import shown
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.printable import visible

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import BaselineCheck, BaselineResult

_FINISHED = frozenset(
    {ExitCode.PASSED, ExitCode.FAILED, ExitCode.NOTHING_SELECTED}
)  # they came to their end


def run_and_report(
    chosen: app.RunOptions,
    sources: app.Sources,
    budget: app.Budget,
    reports: ReportOptions,
    baseline: BaselineOptions,
) -> int:
    """Run the selected trials, report the results, and return the exit status."""
    return run_plan(app.plan_run(chosen), sources, budget, reports, baseline)


def run_plan(
    plan: app.Plan,
    sources: app.Sources,
    budget: app.Budget,
    reports: ReportOptions,
    baseline: BaselineOptions,
) -> int:
    """Run a plan, report the results, and return the exit status."""
    # before anything is sent: a run that cannot be reported or compared would be paid for nothing
    reports.check(plan.suites)
    check = baseline.check(plan, is_offline=sources.is_offline)
    if not reports.as_json:  # the document has them
        print_warnings(plan, on_stderr=True)
    outputs = outputs_for(reports)
    gc.freeze()  # suites live to the end; looking through them again and again costs 10 %
    result = app.run(plan, outputs, budget, sources)
    errors = [] if result.broken is None else [result.broken]
    baseline_result = None
    if check is not None:
        baseline_result = compared(lambda: _compared(check, plan, result, budget, outputs), errors)
    return report_result(result, baseline_result, reports, errors)


def compared(compare: Callable[[], BaselineResult], errors: list[str]) -> BaselineResult | None:
    """Compare a run that has ended; what goes wrong is added to its errors."""
    try:
        return compare()
    except StoreError as error:
        errors.append(shown(error))
        return None


def report_result(
    result: app.RunResult,
    baseline_result: BaselineResult | None,
    reports: ReportOptions,
    errors: Sequence[str] = (),
) -> int:
    """Report a run in files and on the terminal, and return the exit status.

    Files are written first, so that what is printed, a JSON document above all, can hold what went
    wrong with them.

    Args:
        result: The run.
        baseline_result: What its baseline says.
        reports: What to write where.
        errors: What went wrong until now.
    """
    errors = list(errors)
    if result.broken is None:
        errors += write_reports(result, baseline_result, reports)
    if reports.as_json:
        errors += errors_of(lambda: print_document(result, baseline_result, reports, errors))
    else:
        errors += errors_of(lambda: print_result(result, baseline_result, reports))
        for error in errors:
            click.echo(f"error: {visible(error)}; what came before is kept", err=True)
    errors += errors_of(lambda: print_annotations(result, baseline_result, as_json=reports.as_json))
    status = app.run_status(result, baseline_result).exit_code
    # what could not be written goes before what was judged, but not before an early end
    return int(ExitCode.ERRORED if errors and status in _FINISHED else status)


def outputs_for(reports: ReportOptions) -> app.OutputOptions:
    """Return where a run goes, and whether its progress is shown."""
    if reports.is_quiet or reports.as_json:
        return app.OutputOptions(run_file=reports.run_file, command=sys.argv)
    show = partial(app.progress_on, sys.stderr)
    return app.OutputOptions(run_file=reports.run_file, command=sys.argv, progress=show)


def _compared(
    check: BaselineCheck,
    plan: app.Plan,
    result: app.RunResult,
    budget: app.Budget,
    outputs: app.OutputOptions,
) -> BaselineResult:
    from harness.app.compare import baseline_check  # most runs do without

    return baseline_check.check_run(check, plan, result, budget, outputs)
