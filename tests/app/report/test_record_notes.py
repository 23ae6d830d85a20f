"""Notes about records and baselines that are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.plan.options import RunOptions
from harness.app.report.record_notes import record_notes
from harness.errors import StoreError
from harness.store.baseline import write_baseline
from tests.support.run_files import write_run_file
from tests.support.trials import record

UNKNOWN = '{"kind":"from_the_future"}\n'


def test_lines_that_are_left_out_of_a_run_are_mentioned(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "run.jsonl", record(0))
    assert record_notes(str(path), RunOptions(())) == ()

    with path.open("a") as file:
        file.write(UNKNOWN)

    (note,) = record_notes(str(path), RunOptions(()))
    assert note.startswith(f"1 line was left out of {path}: ")


def test_lines_that_are_left_out_of_a_baseline_are_mentioned(tmp_path: Path) -> None:
    path = tmp_path / "main.baseline.jsonl"
    write_baseline(path, {}, [])
    with path.open("a") as file:
        file.write(UNKNOWN)

    (note,) = record_notes(str(path), RunOptions(()))
    assert note.startswith(f"1 line was left out of {path}: ")


def test_of_a_baseline_in_git_nothing_is_known() -> None:
    assert record_notes("git:HEAD", RunOptions(())) == ()


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no run is called"):
        record_notes(str(tmp_path / "nowhere"), RunOptions(()))
