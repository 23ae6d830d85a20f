"""The list of runs, whatever lies in the reports folder."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from harness.app.report.history import list_runs, relisted
from harness.errors import StoreError
from harness.store.run_index import INDEX_FILE, RunIndex
from tests.app.report.test_merge_shards import in_suite_order, write_run
from tests.support.page_runs import mixed

ODD = [
    {"kind": "end", "status": "finished", "groups": [{"suite": "a"}], "exit_code": 0},
    {"kind": "end", "status": "finished", "groups": 5, "exit_code": 0},
    {"kind": "end", "status": "finished", "groups": ["x"], "exit_code": [1]},
    {"kind": "end", "status": "finished", "groups": [], "exit_code": 0, "total": "many"},
]


@pytest.mark.parametrize("end", ODD)
def test_a_run_file_of_an_odd_shape_does_not_keep_the_others_from_being_listed(
    tmp_path: Path, end: dict[str, object]
) -> None:
    write_run(tmp_path / "good" / "run.jsonl", in_suite_order(mixed()), id="good")
    odd = tmp_path / "odd" / "run.jsonl"
    odd.parent.mkdir()
    head = {"kind": "run", "id": "odd", "started": 5, "suites": "none"}
    odd.write_text(f"{json.dumps(head)}\n{json.dumps(end)}\n")

    assert relisted(tmp_path) is None

    page = (tmp_path / "index.html").read_text()
    assert "desk" in page  # the trend of the one that is right
    assert "odd" in page


def test_an_index_that_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    write_run(tmp_path / "good" / "run.jsonl", in_suite_order(mixed()))
    list_runs(tmp_path)
    before = (tmp_path / INDEX_FILE).stat().st_ino
    other = sqlite3.connect(tmp_path / INDEX_FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    try:
        with pytest.raises(StoreError, match="locked"):
            RunIndex(tmp_path, patience=0.05)
    finally:
        other.close()

    assert (tmp_path / INDEX_FILE).stat().st_ino == before
