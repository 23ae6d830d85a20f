"""Prompt tests in the workers of pytest-xdist: each writes a part of one run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.model.run_id import new_run_id
from harness.pytest_plugin.keys import RUN_ID_OF_CONTROLLER, SIGNPOST_OF_CONTROLLER

if TYPE_CHECKING:
    from harness.pytest_plugin.reports import SessionReport
    from harness.pytest_plugin.session import PromptSession

_PART = ".part.jsonl"
_TRIALS_OF_A_WORKER = 10**9
_SECONDS_TO_END = 4.0


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the processes that pytest-xdist runs tests in.

    Attributes:
        signpost: A file that tells the controller where the parts are, whatever becomes of us.
    """

    name: str
    workers: int
    run_id: str
    signpost: Path | None = None

    def share(self, most: int) -> int:
        """Return what this worker may take of something that all of them share."""
        return max(1, most // self.workers)

    def own_indexes(self) -> Iterator[int]:
        """Return numbers for trials that no other worker has."""
        return count((1 + int(self.name.removeprefix("gw"))) * _TRIALS_OF_A_WORKER)

    def part_below(self, reports: Path) -> Path:
        """Return the run file of this worker's part, and say to the controller where it is."""
        folder = reports.resolve() / self.run_id
        if self.signpost is not None:
            self.signpost.write_text(str(folder), "utf-8")
        return folder / f"{self.name}{_PART}"


def worker_of(config: pytest.Config) -> Worker | None:
    """Return which worker this process is; None if it is none."""
    told = getattr(config, "workerinput", None)
    if told is None:
        return None
    run_id = told.get(RUN_ID_OF_CONTROLLER) or new_run_id(datetime.now(UTC))
    signpost = told.get(SIGNPOST_OF_CONTROLLER)
    return Worker(
        told["workerid"],
        int(told["workercount"]),
        run_id,
        None if signpost is None else Path(signpost),
    )


def merged_report(
    prompts: Callable[[], PromptSession], signpost: Path, began: float, *, is_interrupted: bool
) -> SessionReport:
    """Make one run of the parts and return what it came to.

    Parts of workers that died lie beside the others, and are taken too. A worker that is still
    ending, as after Ctrl-C, is waited for.
    """
    from harness import app
    from harness.errors import HarnessError
    from harness.pytest_plugin.reports import SessionReport, with_baseline
    from harness.pytest_plugin.vocabulary import shown

    folder = Path(os.path.relpath(signpost.read_text("utf-8")))
    signpost.unlink()
    found = sorted(folder.glob(f"*{_PART}"))
    if not found:
        return SessionReport()  # none could be made, which the tests have told
    until = time.monotonic() + _SECONDS_TO_END
    try:
        while app.is_written(found) and time.monotonic() < until:
            time.sleep(0.05)
        seconds = time.monotonic() - began
        result = app.merge_parts(
            found, folder / app.RUN_FILE, seconds, is_interrupted=is_interrupted
        )
    except HarnessError as error:
        told = f"error: {shown(error)}; the parts are kept in {folder}"
        return SessionReport([told], has_failed=True)
    lines = [*app.summary_text(result).split("\n"), *app.result_notes(result)]
    return with_baseline(lambda: prompts().baseline(), result, lines)
