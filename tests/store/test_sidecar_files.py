"""Files that lie beside a report, while an older one is there."""

from __future__ import annotations

from pathlib import Path

from harness.store.sidecar_files import SidecarFiles

OLD, NEW, SAME = "d0-0123456789abcdef.js", "d0-fedcba9876543210.js", "t0-0123456789abcdef.js"


def test_files_of_an_older_report_stay_until_the_new_one_is_there(tmp_path: Path) -> None:
    report = tmp_path / "r.html"
    older = SidecarFiles(report)
    older.keep(OLD, b"old")
    older.keep(SAME, b"same")
    (tmp_path / "r_files" / "notes.txt").write_text("somebody's own")

    newer = SidecarFiles(report)
    newer.keep(NEW, b"new")
    newer.keep(SAME, b"same")

    names = {path.name for path in (tmp_path / "r_files").iterdir()}
    assert names == {OLD, NEW, SAME, "notes.txt"}
    newer.sweep()
    names = {path.name for path in (tmp_path / "r_files").iterdir()}
    assert names == {NEW, SAME, "notes.txt"}


def test_a_report_that_needs_no_files_takes_those_of_the_older_one_away(tmp_path: Path) -> None:
    SidecarFiles(tmp_path / "r.html").keep(OLD, b"old")

    SidecarFiles(tmp_path / "r.html").sweep()

    assert not (tmp_path / "r_files").exists()


def test_a_file_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    beside = SidecarFiles(tmp_path / "r.html")
    beside.keep(OLD, b"old")
    (tmp_path / "r_files" / OLD).write_bytes(b"o")

    beside.keep(OLD, b"old")

    assert (tmp_path / "r_files" / OLD).read_bytes() == b"old"
    assert beside.folder == "r_files"
