"""Writes files completely or not at all; streams are written to as they are."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from harness.errors import StoreError

STANDARD_OUTPUT = Path("/dev/stdout")
_DESCRIPTORS = {os.fspath(STANDARD_OUTPUT): 1, "/dev/stderr": 2}
_BLANK_LINE = b"\n\n"
_NUMBERED_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")


def write_atomically(path: Path, pieces: Iterable[bytes], what: str) -> None:
    """Write a file piece by piece under a temporary name, and rename it in one step.

    A link stays, and its target is replaced. A stream is written to directly; it is no error if
    its reader, such as `head`, leaves early.

    Args:
        path: The file; missing folders are created.
        pieces: Its content.
        what: What to call the file in the error.

    Raises:
        StoreError: It cannot be written; an existing file is unchanged.
    """
    try:
        if is_stream(path):
            _write_to_stream(path, pieces)
        else:
            target = Path(os.path.realpath(path))
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_and_rename(target, pieces)
    except OSError as error:
        raise StoreError(f"the {what} {path} cannot be written: {error.strerror}") from error


def append_whole(path: Path, block: bytes, what: str) -> None:
    """Add a block to what a file holds, with a blank line between, completely or not at all.

    Args:
        path: The file; missing folders are created.
        block: Lines of text.
        what: What to call the file in the error.

    Raises:
        StoreError: It cannot be written; an existing file is unchanged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - len(_BLANK_LINE)))
            try:
                # all at once, so that another process that appends cannot come in between
                _write_all(file, _separator(file.read()) + block)
            except OSError:
                file.truncate(size)
                raise
    except OSError as error:
        raise StoreError(f"the {what} {path} cannot be written: {error.strerror}") from error


def _separator(tail: bytes) -> bytes:
    """Return what makes a blank line behind the last bytes of a file."""
    if not tail or tail == _BLANK_LINE:
        return b""
    return b"\n" if tail.endswith(b"\n") else _BLANK_LINE


def _write_all(file: IO[bytes], data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def is_stream(path: Path) -> bool:
    """Return whether a path is an open descriptor, such as `/dev/stdout`, a pipe or a device.

    Such a path has no content that a report could replace, and nothing can lie beside it.
    """
    return _descriptor(path) is not None or (path.exists() and not path.is_file())


def _descriptor(path: Path) -> int | None:
    """Return the open descriptor of this process that a path names."""
    name = os.path.abspath(path)  # noqa: PTH100  # a link to a descriptor must not be followed
    if name in _DESCRIPTORS:
        return _DESCRIPTORS[name]
    numbered = _NUMBERED_DESCRIPTOR.fullmatch(name)
    return None if numbered is None else int(numbered[1])


def _write_to_stream(path: Path, pieces: Iterable[bytes]) -> None:
    descriptor = _descriptor(path)
    # Opened by its name, a file that standard output was redirected to would be written from its
    # beginning, over what `>>` or an earlier command has left there.
    opened = path if descriptor is None else os.dup(descriptor)
    with suppress(BrokenPipeError), open(opened, "wb") as file:  # noqa: PTH123
        file.writelines(pieces)


def _write_and_rename(target: Path, pieces: Iterable[bytes]) -> None:
    _remove_abandoned(target)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _remove_abandoned(target: Path) -> None:
    """Remove the temporary files of processes that were killed while they wrote this file."""
    for temporary in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        pid = temporary.name.split(".")[-2]
        if pid.isdigit() and not _is_alive(int(pid)):
            with suppress(OSError):
                temporary.unlink()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs, but belongs to another user
        return True
    return True
