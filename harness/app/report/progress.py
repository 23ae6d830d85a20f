"""What shows the progress of a run."""

from __future__ import annotations

from typing import IO

from harness.reporting.progress import PlainProgress, ShowsProgress, TerminalProgress


def progress_on(stream: IO[str], total: int) -> ShowsProgress:
    """Return what shows the progress of `total` trials: a bar on a terminal, else lines."""
    return TerminalProgress(total, stream) if stream.isatty() else PlainProgress(total, stream)
