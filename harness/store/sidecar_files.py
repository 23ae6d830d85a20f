"""Files of a report in a folder beside it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from harness.store.atomic_file import write_atomically

_OURS = re.compile(r"[a-z]+\d+-[0-9a-f]{16}\.js")


class SidecarFiles:
    """The folder `NAME_files` beside a report called `NAME.html`.

    Names contain a hash of the content, so files of an older report are never overwritten: that
    report works until the new one has replaced it, and then `sweep` removes its files.
    """

    def __init__(self, report: Path) -> None:
        target = Path(os.path.realpath(report))
        self._path = target.with_name(f"{target.stem}_files")
        self._kept: set[str] = set()

    @property
    def folder(self) -> str:
        """The folder's name."""
        return self._path.name

    @property
    def exists(self) -> bool:
        """Whether the folder exists."""
        return self._path.is_dir()

    def keep(self, name: str, data: bytes) -> None:
        """Write a file, unless there is one of that name, which has the same content.

        Raises:
            StoreError: It cannot be written.
        """
        path = self._path / name
        self._kept.add(name)
        try:
            is_written = path.stat().st_size == len(data)
        except OSError:
            is_written = False
        if not is_written:
            write_atomically(path, [data], "part of a report")

    def sweep(self) -> None:
        """Remove the files of an older report, and the folder if that leaves it empty."""
        if not self._path.is_dir():
            return
        for path in self._path.iterdir():
            if _OURS.fullmatch(path.name) and path.name not in self._kept:
                with suppress(OSError):
                    path.unlink()
        with suppress(OSError):
            self._path.rmdir()
