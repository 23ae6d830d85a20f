"""Prompt tests in the workers of pytest-xdist: each writes a part of one run."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

RUN_ID = "harness_run_id"
_PART = ".part.jsonl"
_TRIALS_OF_A_WORKER = 10**9


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the processes that pytest-xdist runs tests in."""

    name: str
    workers: int
    run_id: str

    def share(self, most: int) -> int:
        """Return how many requests this worker may have under way, of so many for all."""
        return max(1, most // self.workers)

    def own_indexes(self) -> Iterator[int]:
        """Return numbers for trials that no other worker has."""
        return count((1 + int(self.name.removeprefix("gw"))) * _TRIALS_OF_A_WORKER)

    def part_below(self, reports: Path) -> Path:
        """Return the run file of this worker's part."""
        return reports / self.run_id / f"{self.name}{_PART}"


def worker_of(config: pytest.Config) -> Worker | None:
    """Return which worker this process is; None if it is none."""
    told = getattr(config, "workerinput", None)
    if told is None:
        return None
    return Worker(told["workerid"], int(told["workercount"]), told.get(RUN_ID) or new_run_id())


def merged_lines(parts: Sequence[str], began: float) -> list[str]:
    """Make one run of the parts and return what it came to.

    Parts of workers that died lie beside the others, and are taken too.
    """
    from harness import app
    from harness.errors import HarnessError

    folder = Path(parts[0]).parent
    found = sorted(folder.glob(f"*{_PART}"))
    try:
        result = app.merge_parts(found, folder / app.RUN_FILE, now() - began)
    except HarnessError as error:
        return [f"error: {error}; the parts are kept in {folder}"]
    return [*app.summary_text(result).split("\n"), *app.result_notes(result)]


def new_run_id() -> str:
    """Return an id that sorts by time; the controller makes it without importing anything."""
    moment = datetime.now(UTC)
    return f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}-{secrets.token_hex(2)}"


def now() -> float:
    """Return the time in seconds, counted from somewhere."""
    return time.monotonic()
