from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pytest

from harness.pytest_plugin.keys import PARTS_POINTER_OF_CONTROLLER, RUN_ID_OF_CONTROLLER
from harness.pytest_plugin.workers import Worker, worker_of


@dataclass
class FakeConfig:
    """What pytest-xdist leaves in the configuration of a worker."""

    workerinput: dict[str, Any]


def test_a_process_that_is_not_a_worker_is_none() -> None:
    assert worker_of(cast("pytest.Config", object())) is None


def test_a_worker_writes_the_run_that_its_controller_named(tmp_path: Path) -> None:
    controller = {RUN_ID_OF_CONTROLLER: "run-1", PARTS_POINTER_OF_CONTROLLER: str(tmp_path / "p")}
    config = FakeConfig({"workerid": "gw1", "workercount": "4", **controller})

    worker = worker_of(cast("pytest.Config", config))

    assert worker == Worker("gw1", 4, "run-1", tmp_path / "p")


def test_a_worker_of_a_controller_without_the_plugin_has_a_run_of_its_own() -> None:
    config = FakeConfig({"workerid": "gw0", "workercount": 1})

    worker = worker_of(cast("pytest.Config", config))

    assert worker is not None
    assert worker.run_id
    assert worker.parts_pointer is None


@pytest.mark.parametrize(("most", "share"), [(50, 12), (4, 1), (3, 1), (1, 1)])
def test_what_all_workers_share_is_divided_and_never_nothing(most: int, share: int) -> None:
    assert Worker("gw0", 4, "run-1").share(most) == share


def test_workers_never_use_the_same_index() -> None:
    indexes = [set(islice(Worker(f"gw{n}", 3, "r").own_indexes(), 1000)) for n in range(3)]

    assert len(set.union(*indexes)) == 3000
    assert min(set.union(*indexes)) > 10**6  # far from those that all workers collect alike


def test_a_part_lies_below_the_reports_and_the_pointer_says_where(tmp_path: Path) -> None:
    worker = Worker("gw2", 3, "run-1", tmp_path / "pointer")

    part = worker.part_below(tmp_path / "reports")

    assert part == tmp_path / "reports" / "run-1" / "gw2.part.jsonl"
    assert (tmp_path / "pointer").read_text() == str(part.parent)
