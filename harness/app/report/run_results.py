"""What is said about a run that ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from harness.app.execute.running import RunResult
from harness.app.report.metrics import compute_metrics
from harness.errors import SettingsError
from harness.exit_code import ExitCode
from harness.reporting.failures import first_reason, rerun_command
from harness.reporting.progress import PlainProgress, ShowsProgress, TerminalProgress
from harness.reporting.summary import warnings_of_run
from harness.reporting.terminal import failure_blocks, summary_section, totals_line
from harness.source import Excerpts, visible
from harness.store.atomic_file import write_atomically
from harness.store.reader import RunReader
from harness.wording import Option, Wording

if TYPE_CHECKING:
    from harness.app.compare.baseline_result import BaselineResult

_HEADLINES = {
    ExitCode.PASSED: "PASSED",
    ExitCode.FAILED: "FAILED",
    ExitCode.ERRORED: "ERRORED: not everything could be judged",
    ExitCode.STOPPED: "STOPPED, or not to tell",
    ExitCode.INTERRUPTED: "INTERRUPTED",
    ExitCode.NOTHING_SELECTED: "NOTHING SELECTED",
    ExitCode.UNUSABLE: "UNUSABLE",
}


def check_report(path: Path, run_file: Path | None, option: str = "junit") -> None:
    """Make sure, before anything is sent, that a report can be written.

    Raises:
        SettingsError: It cannot, or it would replace something that is no report; `option` is the
            one that names the path.
    """
    fix = Wording("choose another {option}", option=Option(option))
    try:
        if run_file is not None and path.resolve() == run_file.resolve():
            raise SettingsError(f"{path} is the run file too", fix)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch()
            path.unlink()
        elif option == "junit" and path.is_file() and path.stat().st_size:
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
    from harness.reporting.junit import junit_xml  # most runs do without

    with RunReader(run_file) as reader:
        pieces = junit_xml(
            reader.outcomes,
            Excerpts(),
            started=str(reader.run.get("started", "")),
            options=reader.run.get("options", ()),
            compute=partial(compute_metrics, reader.run.get("suites", ())),
        )
        write_atomically(path, (piece.encode() for piece in pieces), "report")


def write_text(path: Path, text: str) -> None:
    """Write a report that is at hand; a file is there whole or not at all.

    Raises:
        StoreError: It cannot be written.
    """
    write_atomically(path, [text.encode()], "report")


def progress_on(stream: IO[str], total: int) -> ShowsProgress:
    """Return what shows the progress of so many trials: a bar on a terminal, else lines."""
    return TerminalProgress(total, stream) if stream.isatty() else PlainProgress(total, stream)


def failure_texts(result: RunResult, held: BaselineResult | None = None) -> Iterator[str]:
    """Yield a block of text for each trial that needs a person's attention."""
    known = held.known_failures if held is not None else frozenset()
    yield from failure_blocks(result.problems(known), Excerpts(), result.options())
    yield from metric_texts(result)


def metric_texts(result: RunResult) -> Iterator[str]:
    """Yield a line for each computed metric that misses what is asked for."""
    yield from (f"METRIC {visible(metric.line)}" for metric in result.summary.missed)


def run_markdown_text(result: RunResult, held: BaselineResult | None = None) -> str:
    """Return a run as Markdown, with what its baseline has to say."""
    from harness.reporting.markdown import run_markdown  # most runs do without

    status = result.exit_code if held is None else held.exit_code
    known = held.known_failures if held is not None else frozenset()
    return run_markdown(
        result.summary,
        result.seconds,
        _HEADLINES[status],
        result.problems(known),
        comparison="" if held is None else held.markdown(),
        notes=result_notes(result),
        options=result.options(),
    )


def annotation_lines(
    result: RunResult, held: BaselineResult | None, environment: Mapping[str, str]
) -> list[str]:
    """Return what GitHub Actions shows beside the suites; nothing where it does not run."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return []
    from harness.reporting.annotations import workflow_commands

    known = held.known_failures if held is not None else frozenset()
    root = Path(environment.get("GITHUB_WORKSPACE") or ".")
    errors, warnings = ([], []) if held is None else (held.regressions(), held.warnings())
    return list(workflow_commands(result.problems(known), errors, warnings, root))


def summary_text(result: RunResult) -> str:
    """Return the table of suites and variants with the totals."""
    return _interruption(result) + summary_section(result.summary, result.seconds)


def totals_text(result: RunResult) -> str:
    """Return the run in one line."""
    return _interruption(result) + totals_line(result.summary, result.seconds)


def result_notes(result: RunResult) -> list[str]:
    """Return what else a person should know of a run: who served it, and where its record is."""
    notes = [] if result.broken else [f"note: {each}" for each in warnings_of_run(result.head())]
    if result.is_simulated:
        notes.append("note: served by the built-in simulator; no model was asked")
    if result.set_aside is not None:
        notes.append(f"note: an older run file was renamed to {visible(str(result.set_aside))}")
    if result.unlisted is not None:
        notes.append(f"note: {visible(result.unlisted)}")
    return [*notes, f"record: {visible(str(result.run_file))}"]


def _interruption(result: RunResult) -> str:
    if result.stopped is None:
        return ""
    left = result.planned - result.summary.total.trials
    what = "INTERRUPTED" if result.exit_code is ExitCode.INTERRUPTED else "STOPPED"
    why = "" if what == "INTERRUPTED" else f"{visible(result.stopped.why)}; "
    return f"{what}: {why}{left:,} of {result.planned:,} trials did not run\n"


def result_data(result: RunResult, held: BaselineResult | None = None) -> dict[str, Any]:
    """Return the result as plain data."""
    options = result.options()
    return {
        "exit_code": int(result.exit_code if held is None else held.exit_code),
        "baseline": None if held is None else held.data(),
        "seconds": result.seconds,
        "simulated": result.is_simulated,
        "run_file": str(result.run_file),
        "planned": result.planned,
        "stopped": None if result.stopped is None else result.stopped.why,
        "error": result.broken,
        **result.summary.as_data(),
        "unstable": [case.as_data() for case in result.summary.unstable],
        "problems": [
            {
                "id": record["id"],
                "outcome": record["outcome"],
                "path": record["path"],
                "line": record["line"],
                "reason": first_reason(record),
                "rerun": rerun_command(record, options),
            }
            for record in result.problems(frozenset() if held is None else held.known_failures)
        ],
    }
