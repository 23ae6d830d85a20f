"""The parts that the workers of pytest-xdist wrote, made one run by their controller."""

from __future__ import annotations

import os
import time
from pathlib import Path

from harness import app
from harness.errors import HarnessError
from harness.pytest_plugin.reports import (
    Compares,
    SessionReport,
    has_suite_tests,
    with_baseline,
)
from harness.pytest_plugin.vocabulary import shown
from harness.pytest_plugin.workers import PART

_SECONDS_TO_END = 4.0
_SECONDS_BETWEEN_LOOKS = 0.05


def merged_report(
    compare: Compares,
    pointer: Path,
    began: float,
    *,
    is_interrupted: bool,
    has_run_tests: bool,
) -> SessionReport:
    """Merge the parts into one run and return its report.

    Parts of workers that died are merged like the others. A worker that is still ending, as after
    Ctrl-C, is waited for.

    Args:
        compare: Compares the run with the session's baseline, if there is one.
        pointer: The file that says where the parts are.
        began: When the session began, by the monotonic clock.
        is_interrupted: Whether the session was.
        has_run_tests: Whether a worker ran a test of a suite.
    """
    folder = Path(os.path.relpath(pointer.read_text("utf-8")))
    pointer.unlink()
    parts = sorted(folder.glob(f"*{PART}"))
    if not parts:
        return SessionReport()  # no worker could make one; its tests have said why
    until = time.monotonic() + _SECONDS_TO_END
    try:
        while app.is_written(parts) and time.monotonic() < until:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        seconds = time.monotonic() - began
        result = app.merge_parts(
            parts, folder / app.RUN_FILE, seconds, is_interrupted=is_interrupted
        )
    except HarnessError as error:
        message = f"error: {shown(error)}; the parts are kept in {folder}"
        return SessionReport([message], has_failed=True)
    has_tests = has_suite_tests(result, has_run_tests=has_run_tests)
    summary = app.summary_text(result, may_be_unjudged=not has_tests)
    lines = [*summary.split("\n"), *app.result_notes(result)]
    return with_baseline(compare, result, lines, has_run_tests=has_run_tests)
