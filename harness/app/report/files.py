"""Any report of a run, made from its record; nothing is asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from harness.app.compare.baseline_check import check_recorded_run, open_baseline
from harness.app.compare.baseline_result import BaselineResult
from harness.app.compare.baselines import Baseline
from harness.app.execute.running import RunResult
from harness.app.plan.planning import RunOptions, project_settings
from harness.app.report.history import REPORT_FILE, list_runs
from harness.app.report.metrics import compute_metrics
from harness.app.report.run_results import run_markdown_text, write_junit, write_text
from harness.exit_code import ExitCode
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.reporting.case_results import key_of
from harness.reporting.html.page import Against, html_report
from harness.reporting.summary import RunSummary
from harness.reporting.tables import csv_lines, json_document, json_lines
from harness.running.stopping import INTERRUPTED, Stop
from harness.store.atomic_file import write_atomically
from harness.store.folder import find_run
from harness.store.reader import RunReader
from harness.store.sidecar_files import SidecarFiles

_MOST_REPLIES = 2_000
_LONGEST_REPLY = 20_000
_LARGE = 25_000_000  # bytes of a page that are slow to send and to open
_TABLES: dict[str, Callable[[Iterable[OutcomeRecord]], Iterator[str]]] = {
    "csv": csv_lines,
    "json": json_document,
    "jsonl": json_lines,
}
FORMATS = ("html", "markdown", "junit", *_TABLES)


def write_report(run: str, form: str, path: Path, choice: RunOptions, baseline: str | None) -> Path:
    """Write a report of a run and return where its record is.

    Args:
        run: A file, a folder, an id or `latest`.
        form: One of `FORMATS`.
        path: Where it goes.
        choice: Says where runs are kept.
        baseline: What the run is compared with, if anything; `html` and `markdown` show it.

    Raises:
        StoreError: The run or the baseline cannot be read, or the report not written.
    """
    settings = project_settings(choice)
    run_file = find_run(run, settings.reports)
    held = None
    if baseline is not None:
        known = open_baseline(baseline, settings)
        held = check_recorded_run(known, read_result(run_file))
    if form == "html":
        write_html(run_file, path, held)
        _relist(path, settings.reports)
    elif form == "markdown":
        write_text(path, run_markdown_text(read_result(run_file), held))
    elif form == "junit":
        write_junit(run_file, path)
    else:
        write_table(run_file, path, form)
    return run_file


def _relist(page: Path, reports: Path) -> None:
    """Link a page that lies where the list of runs looks for it."""
    folder = page.resolve().parent
    if page.name == REPORT_FILE and folder.parent == reports.resolve():
        list_runs(reports)


def write_table(run_file: Path, path: Path, form: str) -> None:
    """Write the trials of a run as `csv`, `json` or `jsonl`.

    Raises:
        StoreError: The run file cannot be read, or the table not written.
    """
    with RunReader(run_file) as reader:
        lines = _TABLES[form](reader.outcomes())
        write_atomically(
            path, (line.encode("utf-8", "backslashreplace") for line in lines), "report"
        )


def write_html(run_file: Path, path: Path, held: BaselineResult | None = None) -> None:
    """Write the page that shows a run, with what its baseline has to say.

    Details that are too many for one file go into a folder beside it.

    Raises:
        StoreError: The run file cannot be read, or the page not written.
    """
    is_device = path.exists() and not path.is_file()
    beside = None if is_device else SidecarFiles(path)
    with RunReader(run_file) as reader:
        pieces = html_report(reader.run, reader.end, reader.outcomes(), _against(held), beside)
        write_atomically(path, pieces, "report")
    if beside is not None:
        beside.sweep()


def page_notes(path: Path) -> list[str]:
    """Return what to know of a page that was written: that it is large, or not one file."""
    if SidecarFiles(path).is_there:
        folder = SidecarFiles(path).folder
        return [f"note: its details are too many for one file; {folder} belongs beside it"]
    size = path.stat().st_size if path.is_file() else 0
    if size <= _LARGE:
        return []
    megabytes = f"{size / 1e6:.0f} MB"
    return [f"note: {path.name} is {megabytes}; a part of the run is smaller (`harness run -k …`)"]


def read_result(run_file: Path) -> RunResult:
    """Return what a run that is on record came to.

    Raises:
        StoreError: The run file cannot be read.
    """
    summary = RunSummary()
    with RunReader(run_file) as reader:
        for record in reader.outcomes():
            summary.add(record)
        run, end = reader.run, reader.end or {}
    summary.finish()
    summary.computed = compute_metrics(run.get("suites", ()), summary)
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
    )


def _against(held: BaselineResult | None) -> Against | None:
    if held is None:
        return None
    return Against(held.data(), held.headlines(), int(held.exit_code), _replies_before(held))


def _replies_before(held: BaselineResult) -> dict[str, list[str]]:
    """Return what the baseline was told for the cases that changed, as far as it is known."""
    wanted = {
        pair.new.key: str(pair.new.key)
        for each in (held.first or held.comparisons)
        for pair in each.pairs_that_changed()
    }
    found: dict[str, list[str]] = {}
    for key, text in _texts(held.check.baseline):
        name = wanted.get(key)
        is_full = len(found) >= _MOST_REPLIES and name not in found
        if name is not None and not is_full:
            found.setdefault(name, []).append(text[:_LONGEST_REPLY])
    return found


def _texts(baseline: Baseline) -> Iterator[tuple[CaseKey, str]]:
    for key, texts in (baseline.texts or {}).items():
        yield from ((key, text) for text in texts)
    if baseline.run_file is not None:
        with RunReader(baseline.run_file) as reader:
            for record in reader.outcomes():
                if record["reply"] is not None:
                    yield key_of(record), record["reply"]["text"]
