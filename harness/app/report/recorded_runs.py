"""A run that is on record, as it was when it ended."""

from __future__ import annotations

from pathlib import Path

from harness.app.execute.run_result import RunResult
from harness.app.report.metrics import compute_metrics
from harness.exit_code import ExitCode
from harness.reporting.summary import RunSummary
from harness.running.stopping import INTERRUPTED, Stop
from harness.store.reader import RunReader


def read_result(run_file: Path) -> RunResult:
    """Return what a run that is on record came to.

    Raises:
        StoreError: The run file cannot be read.
    """
    summary = RunSummary()
    with RunReader(run_file) as reader:
        for record in reader.outcomes():
            summary.add(record)
        head, end, notes = reader.head, reader.ending, reader.notes
    summary.finish()
    if end is not None:
        summary.unfinished = end.unfinished
    summary.computed = compute_metrics(head.suites, summary)
    # a run that was killed has no last line, and looks like one that was interrupted
    code = None if end is None else end.exit_code
    exit_code = ExitCode.INTERRUPTED if code is None else ExitCode(code)
    stop = None
    if end is None or not end.is_finished:
        why = None if end is None else end.stopped
        stop = INTERRUPTED if why is None else Stop(why, exit_code)
    planned = None if end is None else end.planned
    return RunResult(
        run_file,
        summary,
        0.0 if end is None else end.seconds,
        exit_code,
        summary.total.trials if planned is None else planned,
        head.simulated or summary.total.simulated > 0,
        stop,
        notes=notes,
    )
