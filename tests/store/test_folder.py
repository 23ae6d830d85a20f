"""The folder of a run: older files are kept, `latest` is a link, and names find runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.model.run_file import RunHead
from harness.store.folder import find_run, point_latest_to, set_aside
from harness.store.writer import RunWriter
from tests.support.run_files import write_run_file


def test_an_older_run_is_renamed_and_a_stranger_left_alone(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "run.jsonl")

    assert set_aside(path) == tmp_path / "run.jsonl.old"
    assert set_aside(path) is None
    write_run_file(path)
    assert set_aside(path) == tmp_path / "run.jsonl.old2"
    path.write_text("my notes")
    with pytest.raises(StoreError, match="is not a run file"):
        set_aside(path)


def test_a_run_file_in_use_is_not_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    with RunWriter(path) as writer:
        writer.begin(RunHead("r1", pid=4711))

        with pytest.raises(StoreError, match=r"written by another process \(pid 4711\)"):
            set_aside(path)


def test_latest_points_to_the_newest_run(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_run_file(tmp_path / name / "run.jsonl")
        point_latest_to(tmp_path, name)

    assert (tmp_path / "latest").resolve() == tmp_path / "two"


def test_an_empty_file_is_removed_and_a_folder_refused(tmp_path: Path) -> None:
    empty, folder = tmp_path / "empty.jsonl", tmp_path / "folder"
    empty.touch()
    folder.mkdir()

    assert set_aside(empty) is None
    with pytest.raises(StoreError, match="exists and is not a file"):
        set_aside(folder)

    assert not empty.exists()
    assert folder.is_dir()


@pytest.mark.parametrize("name", ["{folder}/a/run.jsonl", "{folder}/a", "a", "latest"])
def test_a_run_is_found_by_its_file_its_folder_its_id_and_as_the_latest(
    tmp_path: Path, name: str
) -> None:
    path = write_run_file(tmp_path / "a" / "run.jsonl")
    point_latest_to(tmp_path, "a")

    assert find_run(name.format(folder=tmp_path), tmp_path) == path


def test_a_run_that_does_not_exist_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no run is called `b`; `ls .*` shows the runs"):
        find_run("b", tmp_path)
    with pytest.raises(StoreError, match="no run is called `b`; there is no run yet"):
        find_run("b", tmp_path / "reports")
