"""Files that belong to a report and lie in a folder beside it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from harness.store.atomic_file import write_atomically

_OURS = re.compile(r"[a-z]+\d+-[0-9a-f]{16}\.js")


class SidecarFiles:
    """The folder `NAME_files` beside a report called `NAME.html`.

    The names of the files say what is in them, so those of an older report are never written over:
    it can be opened until the new one has taken its place, and then `sweep` removes them.
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
    def is_there(self) -> bool:
        """Whether there is such a folder."""
        return self._path.is_dir()

    def keep(self, name: str, data: bytes) -> None:
        """Write a file; one of that name holds the same.

        Raises:
            StoreError: It cannot be written.
        """
        path = self._path / name
        self._kept.add(name)
        try:
            is_there = path.stat().st_size == len(data)
        except OSError:
            is_there = False
        if not is_there:
            write_atomically(path, [data], "part of a report")

    def sweep(self) -> None:
        """Remove the files of an older report, and the folder if it is empty then."""
        if not self._path.is_dir():
            return
        for path in self._path.iterdir():
            if _OURS.fullmatch(path.name) and path.name not in self._kept:
                with suppress(OSError):
                    path.unlink()
        with suppress(OSError):
            self._path.rmdir()
