"""The list of runs in the reports folder, made again after each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.errors import StoreError
from harness.reporting.html.history import ListedRun, history_page
from harness.store.atomic_file import write_atomically
from harness.store.run_index import RunIndex

HISTORY_FILE = "index.html"
REPORT_FILE = "report.html"
# what reading a line of another program as one of ours can raise
_ODD = (AttributeError, LookupError, TypeError, ValueError)


def relisted(reports: Path) -> str | None:
    """List the runs of a folder again; return why that was not possible, if so."""
    # the run itself is safe on disk, so its exit status must not depend on a list
    try:
        list_runs(reports)
    except StoreError as error:
        return str(error)
    return None


def list_runs(reports: Path) -> Path:
    """Write the page that lists the runs of a folder; only those that are new are read.

    Raises:
        StoreError: A run cannot be read, or the page not written.
    """
    # The index remembers first and last lines: reading thousands of runs again would take longer
    # than the run that has just ended.
    with RunIndex(reports) as index:
        runs = index.refresh()
    listed = [
        ListedRun(run.folder, run.run, run.end, (reports / run.folder / REPORT_FILE).is_file())
        for run in runs
    ]
    page = reports / HISTORY_FILE
    write_atomically(page, _drawn(listed), "list of runs")
    return page


def _drawn(listed: Sequence[ListedRun]) -> list[bytes]:
    """Return the page; a file that looks like a run but cannot be read is listed as such."""
    try:
        return list(history_page(listed))
    except _ODD:
        # drawing each run alone is slow, so it is tried only where one of them is odd
        readable = [run if _can_be_drawn(run) else replace(run, run=None) for run in listed]
        return list(history_page(readable))


def _can_be_drawn(listed: ListedRun) -> bool:
    try:
        return bool(list(history_page([listed])))
    except _ODD:
        return False
