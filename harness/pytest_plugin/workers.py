"""The processes of pytest-xdist: each runs some of the tests and writes a part of one run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from harness.model.run_id import new_run_id
from harness.pytest_plugin.keys import PARTS_POINTER_OF_CONTROLLER, RUN_ID_OF_CONTROLLER

PART = ".part.jsonl"
_TRIALS_OF_A_WORKER = 10**9  # more than a worker will ever run, so that no two indexes meet


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the processes that pytest-xdist runs tests in.

    Attributes:
        name: As pytest-xdist calls it, such as `gw0`.
        workers: How many there are.
        run_id: Of the run that all of them write together.
        parts_pointer: A file that says where the parts are; the controller finds them by it even if
            this process dies.
    """

    name: str
    workers: int
    run_id: str
    parts_pointer: Path | None = None

    def share(self, most: int) -> int:
        """Return what this worker may take of something that all of them share."""
        return max(1, most // self.workers)

    def own_indexes(self) -> Iterator[int]:
        """Return indexes for trials that no other worker has."""
        return count((1 + int(self.name.removeprefix("gw"))) * _TRIALS_OF_A_WORKER)

    def part_below(self, reports: Path) -> Path:
        """Return the run file of this worker's part, and write into the pointer where it is."""
        folder = reports.resolve() / self.run_id
        if self.parts_pointer is not None:
            self.parts_pointer.write_text(str(folder), "utf-8")
        return folder / f"{self.name}{PART}"


def worker_of(config: pytest.Config) -> Worker | None:
    """Return which worker this process is; None outside of pytest-xdist and in its controller."""
    from_controller = getattr(config, "workerinput", None)
    if from_controller is None:
        return None
    pointer = from_controller.get(PARTS_POINTER_OF_CONTROLLER)
    return Worker(
        from_controller["workerid"],
        int(from_controller["workercount"]),
        from_controller.get(RUN_ID_OF_CONTROLLER) or new_run_id(datetime.now(UTC)),
        None if pointer is None else Path(pointer),
    )
