"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.atomic_file import append_whole, is_stream, write_atomically


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


def test_a_descriptor_goes_on_where_its_file_ends(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"before\n")

    with path.open("ab") as file:
        write_atomically(Path(f"/dev/fd/{file.fileno()}"), [b"o", b"ne\n"], "report")
        write_atomically(Path(f"/proc/self/fd/{file.fileno()}"), [b"two\n"], "report")

    assert path.read_bytes() == b"before\none\ntwo\n"


def test_a_descriptor_that_is_not_open_is_told() -> None:
    with pytest.raises(StoreError, match="/dev/fd/987654 cannot be written: Bad file descriptor"):
        write_atomically(Path("/dev/fd/987654"), [b"x"], "report")


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    write_atomically(Path(f"/dev/fd/{writing}"), [b"x" * 100_000, b"y"], "report")

    os.close(writing)
    assert list(tmp_path.iterdir()) == []


def test_descriptors_and_devices_are_streams_and_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert all(is_stream(Path(name)) for name in ("/dev/stdout", "/dev/fd/7", os.devnull))
    assert not is_stream(tmp_path / "file")
    assert not is_stream(tmp_path / "new")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"new\n"),
        (b"old", b"old\n\nnew\n"),
        (b"old\n", b"old\n\nnew\n"),
        (b"old\n\n", b"old\n\nnew\n"),
        (b"\n", b"\n\nnew\n"),
    ],
)
def test_a_block_is_added_after_a_blank_line(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(before)

    append_whole(path, b"new\n", "report")

    assert path.read_bytes() == after


def test_a_block_may_be_the_first_of_a_file(tmp_path: Path) -> None:
    append_whole(tmp_path / "new" / "summary.md", b"new\n", "report")

    assert (tmp_path / "new" / "summary.md").read_bytes() == b"new\n"


def test_a_block_that_does_not_fit_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"old\n")
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from harness.errors import StoreError\n"
        "from harness.store.atomic_file import append_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    append_whole(Path(sys.argv[1]), b'x' * 2000, 'report')\n"
        "except StoreError as error:\n"
        "    print(error)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )

    assert "summary.md cannot be written: File too large" in done.stdout
    assert path.read_bytes() == b"old\n"
