"""Writes files completely or not at all."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from harness.errors import StoreError


def write_atomically(path: Path, pieces: Iterable[bytes], what: str) -> None:
    """Write a file piece by piece under a temporary name, and rename it in one step.

    A device, such as `/dev/stdout`, is written to directly. A link stays, and its target is
    replaced.

    Args:
        path: The file; missing folders are created.
        pieces: Its content.
        what: What to call the file in the error.

    Raises:
        StoreError: It cannot be written; an existing file is unchanged.
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
