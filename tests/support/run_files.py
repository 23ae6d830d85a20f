"""Run files written for a test."""

from __future__ import annotations

from pathlib import Path

from harness.model.record import OutcomeRecord
from harness.model.run_file import RunEnd, RunHead
from harness.store.writer import RunWriter

HEAD = RunHead("r1", started="2026-11-01T10:15:00.000+00:00")


def write_run_file(
    path: Path, *records: OutcomeRecord, head: RunHead = HEAD, end: RunEnd | None = None
) -> Path:
    """Write a run file that came to its end, and return its path."""
    with RunWriter(path) as writer:
        writer.begin(head)
        for outcome in records:
            writer.append(outcome)
        writer.end(end or RunEnd("finished", 0))
    return path


def write_unfinished(path: Path, *records: OutcomeRecord, head: RunHead = HEAD) -> Path:
    """Write a run file as a process leaves it that is killed, and return its path."""
    with RunWriter(path) as writer:
        writer.begin(head)
        for outcome in records:
            writer.append(outcome)
    return path
