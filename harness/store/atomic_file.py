"""Files that are there whole, or as they were before."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from harness.errors import StoreError


def write_atomically(path: Path, pieces: Iterable[bytes], what: str) -> None:
    """Write a file piece by piece under another name, and give it its own in one step.

    What is no file, such as `/dev/stdout`, is written to as it is; a link's target is replaced.

    Args:
        path: The file; folders that are missing are made.
        pieces: What it is to hold.
        what: What it is, for the error.

    Raises:
        StoreError: It cannot be written; an older file is left as it was.
    """
    is_device = path.exists() and not path.is_file()
    target = path if is_device else Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_device:
            with target.open("wb") as file:
                file.writelines(pieces)
        else:
            _write_and_rename(target, pieces)
    except OSError as error:
        raise StoreError(f"the {what} {path} cannot be written: {error.strerror}") from error


def _write_and_rename(target: Path, pieces: Iterable[bytes]) -> None:
    _sweep(target)
    written = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with written.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        written.replace(target)
    except BaseException:
        with suppress(OSError):
            written.unlink(missing_ok=True)
        raise


def _sweep(target: Path) -> None:
    """Remove what processes left that were killed while they wrote this file."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        pid = left.name.split(".")[-2]
        if pid.isdigit() and not _is_alive(int(pid)):
            with suppress(OSError):
                left.unlink()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
