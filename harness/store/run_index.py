"""What the runs of a folder came to, kept in SQLite so that only new run files are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import StoreError
from harness.json_text import json_value
from harness.store.folder import RUN_FILE

if TYPE_CHECKING:
    import sqlite3

INDEX_FILE = ".index.sqlite"
_FORMAT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    folder TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    ends TEXT NOT NULL
) WITHOUT ROWID
"""
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class RunEnds:
    """The first and the last line of a run file.

    Attributes:
        folder: The name of the run's folder.
        run: Where it comes from; None if the file is no run file.
        end: What it came to; None if it did not come to its end.
    """

    folder: str
    run: dict[str, Any] | None
    end: dict[str, Any] | None


def ends_of(path: Path) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the first and the last line of a run file without reading what is between.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        first = _object(file.readline(), "run")
        position = file.seek(0, 2)
        tail = b""
        while position > 0 and tail.count(b"\n") < 2:
            length = min(_BLOCK, position)
            position = file.seek(position - length)
            tail = file.read(length) + tail
    last = tail.removesuffix(b"\n").rpartition(b"\n")[2] if tail.endswith(b"\n") else b""
    return first, _object(last, "end")


def _object(line: bytes, kind: str) -> dict[str, Any] | None:
    try:
        value = json_value(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.get("kind") == kind else None


class RunIndex:
    """The runs below a reports folder; what is kept of them is made again if it is lost."""

    def __init__(self, reports: Path, patience: float = 10.0) -> None:
        """Open the index, or make it.

        Args:
            reports: The folder that holds the runs.
            patience: Seconds to wait for another process that writes it.

        Raises:
            StoreError: It cannot be made.
        """
        self._reports, self._patience = reports, patience
        self._path = reports / INDEX_FILE
        with self._told():
            self._file = self._opened()

    def __enter__(self) -> RunIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def refresh(self) -> list[RunEnds]:
        """Look for runs that are new, changed or gone, and return all of them, the newest first.

        Raises:
            StoreError: The folder or the index cannot be read.
        """
        with self._told():
            known = {
                folder: (size, changed)
                for folder, size, changed in self._file.execute(
                    "SELECT folder, size, changed FROM runs"
                )
            }
            seen = dict(self._run_files())
            with self._file:
                for folder, found in seen.items():
                    if known.get(folder) != found:
                        ends = json.dumps(ends_of(self._reports / folder / RUN_FILE))
                        row = (folder, *found, ends)
                        self._file.execute("REPLACE INTO runs VALUES (?, ?, ?, ?)", row)
                gone = [(folder,) for folder in known.keys() - seen.keys()]
                self._file.executemany("DELETE FROM runs WHERE folder = ?", gone)
            rows = self._file.execute("SELECT folder, ends FROM runs").fetchall()
        runs = [RunEnds(folder, *json.loads(ends)) for folder, ends in rows]
        return sorted(runs, key=_when, reverse=True)

    def _run_files(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for folder in self._reports.iterdir():
            if folder.is_symlink():
                continue  # `latest` is one of the others
            with suppress(FileNotFoundError, NotADirectoryError):
                status = (folder / RUN_FILE).stat()
                yield folder.name, (status.st_size, status.st_mtime_ns)

    def _opened(self) -> sqlite3.Connection:
        import sqlite3

        try:
            return self._prepared()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise  # another process is writing it
            # damaged, foreign or newer: all of it can be read again
            self._path.unlink(missing_ok=True)
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        import sqlite3

        file = sqlite3.connect(self._path, timeout=self._patience)
        try:
            (version,) = file.execute("PRAGMA user_version").fetchone()
            if version not in (0, _FORMAT):
                raise sqlite3.DatabaseError("made by another version")
            with file:
                file.execute(_SCHEMA)
                file.execute("SELECT folder, size, changed, ends FROM runs LIMIT 0")
                file.execute(f"PRAGMA user_version={_FORMAT}")
        except BaseException:
            file.close()
            raise
        return file

    @contextmanager
    def _told(self) -> Iterator[None]:
        import sqlite3

        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"the runs in {self._reports} cannot be listed: {error}") from error


def _when(run: RunEnds) -> tuple[str, str]:
    return (str((run.run or {}).get("started", "")), run.folder)
