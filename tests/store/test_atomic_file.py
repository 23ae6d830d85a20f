"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.atomic_file import write_atomically


def test_a_file_is_replaced_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"

    write_atomically(path, [b"one"], "report")
    write_atomically(path, [b"t", b"wo"], "report")

    assert path.read_bytes() == b"two"
    assert [file.name for file in path.parent.iterdir()] == ["a.txt"]


def test_what_breaks_off_leaves_the_older_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match=r"the report .*a\.txt cannot be written: No space left"):
        write_atomically(path, pieces(), "report")

    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")

    write_atomically(tmp_path / "link", [b"new"], "report")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_device_is_written_to_as_it_is() -> None:
    write_atomically(Path(os.devnull), [b"x"], "report")

    assert not Path(os.devnull).is_file()


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be written"):
        write_atomically(tmp_path / "file" / "x", [b"x"], "baseline")
