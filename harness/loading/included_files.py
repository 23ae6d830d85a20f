"""The files that a suite includes, by the hashes of their content."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file that was read: its resolved path, what it held, and its state at that moment."""

    path: Path
    content: bytes
    status: os.stat_result


class _Collection(threading.local):
    """What a thread collects: under pytest others run trials while it loads a suite."""

    folder: Path | None = None

    def __init__(self) -> None:
        self.names: set[tuple[Path, str]] = set()
        self.files: dict[str, str] = {}


class IncludedFiles:
    """Collects the files that are read while a suite is loaded and checked."""

    def __init__(self) -> None:
        self._collection = _Collection()
        self._hashes: dict[tuple[Path, int, int, bool], str] = {}

    @contextmanager
    def collecting(self, folder: Path) -> Iterator[None]:
        """Collect what this thread reads for a suite in a folder."""
        collection = self._collection
        collection.folder, collection.names, collection.files = folder, set(), {}
        try:
            yield
        finally:
            collection.folder, collection.names, collection.files = None, set(), {}

    def collected(self) -> dict[str, str]:
        """Return the hashes by path; the mapping fills until the suite is checked."""
        return self._collection.files

    def is_new(self, folder: Path, name: str) -> bool:
        """Return whether a file that is read now is still to be added."""
        collection = self._collection
        return collection.folder is not None and (folder, name) not in collection.names

    def add(self, folder: Path, name: str, file: FileContent, text: str | None = None) -> None:
        """Add a file, if this thread collects files and does not have it.

        Args:
            folder: Where the name is relative to.
            name: The file as the suite names it.
            file: What was read.
            text: What was made of it, which is hashed instead: where git converts line ends, the
                same text has other bytes.
        """
        collection = self._collection
        if collection.folder is None or not self.is_new(folder, name):
            return
        collection.names.add((folder, name))
        # By its path from the suite: each machine has the project in a folder of its own.
        relative = Path(os.path.relpath(folder / name, collection.folder)).as_posix()
        collection.files[relative] = self._hash(file, text)

    def _hash(self, file: FileContent, text: str | None) -> str:
        # Suites share prompts and attachments: each file is hashed once, until it changes.
        key = (file.path, file.status.st_mtime_ns, file.status.st_size, text is not None)
        if key not in self._hashes:
            hashed = file.content if text is None else text.encode()
            self._hashes[key] = hashlib.sha256(hashed).hexdigest()
        return self._hashes[key]
