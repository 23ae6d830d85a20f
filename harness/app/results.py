"""What is said about a run that ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from harness.app.running import RunResult
from harness.errors import ExitCode, SettingsError, StoreError
from harness.reporting.failures import first_reason, rerun_command
from harness.reporting.junit import junit_xml
from harness.reporting.progress import PlainProgress, ShowsProgress, TerminalProgress
from harness.reporting.terminal import failure_blocks, summary_section, totals_line
from harness.source import Excerpts, visible
from harness.store.reader import RunReader


def check_report(path: Path, run_file: Path | None) -> None:
    """Make sure, before anything is sent, that a report can be written.

    Raises:
        SettingsError: It cannot, or it would replace something that is no report.
    """
    fix = "choose another --junit"
    try:
        if run_file is not None and path.resolve() == run_file.resolve():
            raise SettingsError(f"{path} is the run file too", fix)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch()
            path.unlink()
        elif path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                if not file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
                    raise SettingsError(f"{path} exists and is no XML", fix)
    except (OSError, ValueError, RuntimeError) as error:
        words = getattr(error, "strerror", None) or error
        raise SettingsError(f"the report {path} cannot be written: {words}", fix) from error


def write_junit(run_file: Path, path: Path) -> None:
    """Write a JUnit report of a run; a file is there whole or not at all.

    Raises:
        StoreError: The run file cannot be read, or the report not written.
    """
    path = path.resolve()
    is_device = path.exists() and not path.is_file()  # such as /dev/stdout
    temporary = path if is_device else path.with_name(f".{path.name}.tmp")
    with RunReader(run_file) as reader:
        pieces = junit_xml(
            reader.outcomes,
            Excerpts(),
            started=str(reader.run.get("started", "")),
            options=reader.run.get("options", ()),
        )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
            if not is_device:
                temporary.replace(path)
        except OSError as error:
            if not is_device:
                temporary.unlink(missing_ok=True)
            message = f"the report {path} cannot be written: {error.strerror}"
            raise StoreError(message) from error


def write_text(path: Path, text: str) -> None:
    """Write a report that is at hand; a file is there whole or not at all.

    Raises:
        StoreError: It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(f"the report {path} cannot be written: {error.strerror}") from error


def progress_on(stream: IO[str], total: int) -> ShowsProgress:
    """Return what shows the progress of so many trials: a bar on a terminal, else lines."""
    return TerminalProgress(total, stream) if stream.isatty() else PlainProgress(total, stream)


def failure_texts(result: RunResult) -> Iterator[str]:
    """Yield a block of text for each trial that needs a person's attention."""
    yield from failure_blocks(result.problems(), Excerpts(), result.options())


def summary_text(result: RunResult) -> str:
    """Return the table of suites and variants with the totals."""
    return _interruption(result) + summary_section(result.summary, result.seconds)


def totals_text(result: RunResult) -> str:
    """Return the run in one line."""
    return _interruption(result) + totals_line(result.summary, result.seconds)


def result_notes(result: RunResult) -> list[str]:
    """Return what else a person should know of a run: who served it, and where its record is."""
    notes = []
    if result.is_simulated:
        notes.append("note: served by the built-in simulator; no model was asked")
    if result.set_aside is not None:
        notes.append(f"note: an older run file was renamed to {visible(str(result.set_aside))}")
    return [*notes, f"record: {visible(str(result.run_file))}"]


def _interruption(result: RunResult) -> str:
    if result.stopped is None:
        return ""
    left = result.planned - result.summary.total.trials
    what = "INTERRUPTED" if result.exit_code is ExitCode.INTERRUPTED else "STOPPED"
    why = "" if what == "INTERRUPTED" else f"{visible(result.stopped.why)}; "
    return f"{what}: {why}{left:,} of {result.planned:,} trials did not run\n"


def result_data(result: RunResult) -> dict[str, Any]:
    """Return the result as plain data."""
    options = result.options()
    return {
        "exit_code": int(result.exit_code),
        "seconds": result.seconds,
        "simulated": result.is_simulated,
        "run_file": str(result.run_file),
        "planned": result.planned,
        "stopped": None if result.stopped is None else result.stopped.why,
        "error": result.broken,
        **result.summary.as_data(),
        "problems": [
            {
                "id": record["id"],
                "outcome": record["outcome"],
                "path": record["path"],
                "line": record["line"],
                "reason": first_reason(record),
                "rerun": rerun_command(record, options),
            }
            for record in result.problems()
        ],
    }
