"""Several run files that hold the parts of one run, made one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from harness.app.provenance import end_line
from harness.app.running import RunResult
from harness.errors import ExitCode
from harness.reporting.summary import RunSummary
from harness.running.stopping import INTERRUPTED, Stop
from harness.store.folder import point_latest_to, set_aside
from harness.store.reader import RunReader
from harness.store.writer import RunWriter


def merge_parts(
    parts: Sequence[Path], target: Path, seconds: float, *, is_interrupted: bool = False
) -> RunResult:
    """Write the outcomes of all parts into one new run file, and remove the parts.

    A part that did not come to its end, as of a process that died, gives what it has; the whole is
    then marked as interrupted.

    Args:
        parts: Run files, one at least; of two outcomes of one trial the later part's is kept.
        target: The run file to write, in the run's folder.
        seconds: How long the whole run took.
        is_interrupted: Whether the run was ended before its time, whatever the parts know of it.

    Raises:
        StoreError: A part cannot be read, or the run file not written.
    """
    summary = RunSummary()
    with ExitStack() as stack:
        readers = [stack.enter_context(RunReader(part)) for part in parts]
        latest = {index: reader for reader in readers for index in reader.indexes()}
        suites = {suite["name"]: suite for each in readers for suite in each.run["suites"]}
        first = {key: value for key, value in readers[0].run.items() if key != "kind"}
        aside = set_aside(target)
        writer = stack.enter_context(RunWriter(target))
        writer.begin({**first, "id": target.parent.name, "suites": list(suites.values())})
        for index in sorted(latest):
            record = latest[index].outcome(index)
            writer.append(record)
            summary.add(record)
        summary.finish()
        known = INTERRUPTED if is_interrupted else None
        stop = next((each for each in map(_stop_of, readers) if each is not None), known)
        exit_code = summary.exit_code() if stop is None else stop.exit_code
        planned = sum((each.end or {}).get("planned", len(each)) for each in readers)
        writer.end(end_line(summary, exit_code, stop, seconds, planned))
    for part in parts:
        part.unlink()
    point_latest_to(target.parent.parent, target.parent.name)
    is_simulated = bool(first.get("simulated"))
    return RunResult(
        target, summary, seconds, exit_code, planned, is_simulated, stop, set_aside=aside
    )


def is_written(parts: Sequence[Path]) -> bool:
    """Return whether a process still writes to one of the parts."""
    for part in parts:
        with RunReader(part) as reader:
            if reader.is_in_use:
                return True
    return False


def _stop_of(part: RunReader) -> Stop | None:
    end = part.end
    if end is None:
        return INTERRUPTED
    if end["status"] == "finished":
        return None
    return Stop(str(end["stopped"]), ExitCode(end["exit_code"]))
