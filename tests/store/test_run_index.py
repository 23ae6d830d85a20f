"""The index of runs: only what is new is read, and what is lost is made again."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from harness.model.run_file import RunEnd, RunHead
from harness.store.run_index import INDEX_FILE, RunIndex, ends_of


def write_run(reports: Path, name: str, started: str = "2026-11-01", *, ended: bool = True) -> Path:
    path = reports / name / "run.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        {"kind": "run", "id": name, "started": started},
        {"kind": "outcome", "index": 0, "text": "x" * 200_000},
        *([{"kind": "end", "exit_code": 0}] if ended else []),
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def folders(reports: Path) -> list[str]:
    with RunIndex(reports) as index:
        return [run.folder for run in index.refresh()]


def test_runs_are_listed_with_the_newest_first(tmp_path: Path) -> None:
    write_run(tmp_path, "a", "2026-11-02")
    write_run(tmp_path, "b", "2026-11-03")
    write_run(tmp_path, "c", "2026-11-01")
    (tmp_path / "latest").symlink_to("b")
    (tmp_path / "other").mkdir()

    assert folders(tmp_path) == ["b", "a", "c"]


def test_what_is_new_changed_or_gone_is_noticed(tmp_path: Path) -> None:
    first = write_run(tmp_path, "a", ended=False)
    with RunIndex(tmp_path) as index:
        assert [run.end for run in index.refresh()] == [None]

        write_run(tmp_path, "a")
        write_run(tmp_path, "b", "2026-11-09")
        assert [(run.folder, run.end) for run in index.refresh()] == [
            ("b", {"kind": "end", "exit_code": 0}),
            ("a", {"kind": "end", "exit_code": 0}),
        ]

        first.unlink()
        assert [run.folder for run in index.refresh()] == ["b"]


def test_a_run_that_is_known_is_not_read_again(tmp_path: Path) -> None:
    path = write_run(tmp_path, "a")
    before = path.stat()
    assert folders(tmp_path) == ["a"]
    path.write_bytes(b"x" * before.st_size)
    import os

    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    with RunIndex(tmp_path) as index:
        (listed,) = index.refresh()

    assert listed.run is not None


@pytest.mark.parametrize("data", [b"", b"no run file\n", b'{"kind": "end"}\n', b"\xff\xfe\n"])
def test_a_file_that_is_not_a_run_file_is_listed_as_such(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "run.jsonl").write_bytes(data)

    with RunIndex(tmp_path) as index:
        (listed,) = index.refresh()

    assert listed.run is None


@pytest.mark.parametrize("damage", [b"", b"no database, but long enough to be one" * 100])
def test_an_index_that_is_damaged_is_made_again(tmp_path: Path, damage: bytes) -> None:
    write_run(tmp_path, "a")
    assert folders(tmp_path) == ["a"]
    (tmp_path / INDEX_FILE).write_bytes(damage)

    assert folders(tmp_path) == ["a"]


def test_the_ends_of_a_torn_file_are_its_first_line(tmp_path: Path) -> None:
    path = write_run(tmp_path, "a")
    path.write_bytes(path.read_bytes()[:-3])

    run, end = ends_of(path)

    assert run is not None
    assert end is None


def test_ends_are_read_with_their_types(tmp_path: Path) -> None:
    write_run(tmp_path, "a")

    with RunIndex(tmp_path) as index:
        (listed,) = index.refresh()

    assert listed.head == RunHead("a", started="2026-11-01")
    assert listed.ending == RunEnd("interrupted", 0)  # the line does not say that it finished


def test_an_index_that_an_earlier_version_made_is_made_again(tmp_path: Path) -> None:
    write_run(tmp_path, "a")
    folders(tmp_path)
    file = sqlite3.connect(tmp_path / INDEX_FILE, isolation_level=None)
    file.execute("UPDATE runs SET ends = '[null, null]'")
    file.execute("PRAGMA user_version=1")
    file.close()

    with RunIndex(tmp_path) as index:
        (listed,) = index.refresh()

    assert listed.run is not None
