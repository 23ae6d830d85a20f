"""What is said about a run that ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from harness.app.running import RunResult
from harness.errors import StoreError
from harness.reporting.failures import first_reason, rerun_command
from harness.reporting.junit import junit_xml
from harness.reporting.progress import PlainProgress, ShowsProgress, TerminalProgress
from harness.reporting.terminal import failure_blocks, summary_section, totals_line
from harness.source import Excerpts
from harness.store.reader import RunReader


def write_junit(run_file: Path, path: Path) -> None:
    """Write a JUnit report of a run; the file is there whole or not at all.

    Raises:
        StoreError: The run file cannot be read, or the report not written.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    with RunReader(run_file) as reader:
        pieces = junit_xml(reader.outcomes, Excerpts(), started=str(reader.run.get("started", "")))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
            temporary.replace(path)
        except OSError as error:
            message = f"the report {path} cannot be written: {error.strerror}"
            raise StoreError(message) from error


def progress_on(stream: IO[str], total: int) -> ShowsProgress:
    """Return what shows the progress of so many trials: a bar on a terminal, else lines."""
    return TerminalProgress(total, stream) if stream.isatty() else PlainProgress(total, stream)


def failure_texts(result: RunResult) -> Iterator[str]:
    """Yield a block of text for each trial that needs a person's attention."""
    yield from failure_blocks(result.problems(), Excerpts())


def summary_text(result: RunResult) -> str:
    """Return the table of suites and variants with the totals."""
    return summary_section(result.summary, result.seconds)


def totals_text(result: RunResult) -> str:
    """Return the run in one line."""
    return totals_line(result.summary, result.seconds)


def result_data(result: RunResult) -> dict[str, Any]:
    """Return the result as plain data."""
    return {
        "exit_code": int(result.exit_code),
        "seconds": result.seconds,
        "simulated": result.is_simulated,
        "run_file": str(result.run_file),
        "error": result.broken,
        **result.summary.as_data(),
        "problems": [
            {
                "id": record["id"],
                "outcome": record["outcome"],
                "path": record["path"],
                "line": record["line"],
                "reason": first_reason(record),
                "rerun": rerun_command(record),
            }
            for record in result.problems()
        ],
    }
