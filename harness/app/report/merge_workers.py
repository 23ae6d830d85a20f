"""Merges the run files of pytest-xdist's workers into that of one run."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from harness.app.execute.run_result import RunResult
from harness.app.report.merged_run import MergedRun, merged_head
from harness.store.reader import RunReader


def merge_parts(
    parts: Sequence[Path], target: Path, seconds: float, *, is_interrupted: bool = False
) -> RunResult:
    """Write the outcomes of all parts into one new run file, and remove the parts.

    A part without an end, such as that of a worker that crashed, contributes the outcomes it has;
    the run then counts as interrupted.

    Args:
        parts: Run files, at least one; of two outcomes of one trial the later part's is kept.
        target: The run file to write, in the run's folder.
        seconds: How long the whole run took.
        is_interrupted: Whether the run was ended before its time, even if every part finished.

    Raises:
        StoreError: A part cannot be read, or the run file cannot be written.
    """
    with ExitStack() as stack:
        readers = [stack.enter_context(RunReader(part)) for part in parts]
        # Under pytest a trial may run again, also in another worker; only one outcome may count.
        latest = {index: reader for reader in readers for index in reader.indexes()}
        head = replace(merged_head(readers), id=target.parent.name)
        outcomes = (latest[index].outcome(index) for index in sorted(latest))
        merged = MergedRun(head, readers, seconds, is_interrupted)
        result = merged.write(target, outcomes, target.parent.parent)
    # Only now: while the merged file is not complete, the parts are all there is of the run.
    for part in parts:
        part.unlink()
    return result


def is_written(parts: Sequence[Path]) -> bool:
    """Return whether a process still writes to one of the parts."""
    for part in parts:
        with RunReader(part) as reader:
            if reader.is_in_use:
                return True
    return False
