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
        run, end, notes = reader.run, reader.end or {}, reader.notes
    summary.finish()
    summary.computed = compute_metrics(run.get("suites", ()), summary)
    # a run that was killed has no last line, and looks like one that was interrupted
    status, code = end.get("status"), end.get("exit_code")
    exit_code = ExitCode.INTERRUPTED if code is None else ExitCode(code)
    stop = None
    if status != "finished":
        why = end.get("stopped")
        stop = INTERRUPTED if why is None else Stop(str(why), exit_code)
    return RunResult(
        run_file,
        summary,
        float(end.get("seconds", 0.0)),
        exit_code,
        int(end.get("planned", summary.total.trials)),
        bool(run.get("simulated")),
        stop,
        notes=notes,
    )
