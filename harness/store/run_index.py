"""What the runs of a folder came to, kept in SQLite so that only new run files are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import StoreError
from harness.model.run_file import RunEnd, RunHead
from harness.store.folder import RUN_FILE
from harness.store.run_lines import DamagedLineError, first_line, last_object

if TYPE_CHECKING:
    import sqlite3

INDEX_FILE = ".index.sqlite"
# Raised when files are read in another way, because what is indexed would stay as it was read.
_FORMAT = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    folder TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    ends TEXT NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class RunEnds:
    """The first and the last line of a run file.

    Attributes:
        folder: The name of the run's folder.
        run: Where it comes from, as plain data; None if the file is not a run file.
        end: What it came to, as plain data; None if it did not come to its end.
    """

    folder: str
    run: dict[str, Any] | None
    end: dict[str, Any] | None

    @property
    def head(self) -> RunHead | None:
        """Where the run comes from.

        Raises:
            ValueError: Something in it has the wrong type.
        """
        return None if self.run is None else RunHead.from_data(self.run)

    @property
    def ending(self) -> RunEnd | None:
        """What the run came to.

        Raises:
            ValueError: Something in it has the wrong type.
        """
        return None if self.end is None else RunEnd.from_data(self.end)


def ends_of(path: Path) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the first and the last line of a run file without reading what is between.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        try:
            first = first_line(file).value
        except DamagedLineError:
            first = None
        return first, last_object(file)


class RunIndex:
    """The runs below a reports folder; an index that is lost or damaged is built anew."""

    def __init__(self, reports: Path, patience: float = 10.0) -> None:
        """Open the index, or create it.

        Args:
            reports: The folder that holds the runs.
            patience: Seconds to wait for another process that writes it.

        Raises:
            StoreError: It cannot be created.
        """
        self._reports, self._patience = reports, patience
        self._path = reports / INDEX_FILE
        with self._errors_translated():
            self._file = self._open()

    def __enter__(self) -> RunIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def refresh(self) -> list[RunEnds]:
        """Read the runs that are new or changed, and return all of them, the newest first.

        Raises:
            StoreError: The folder or the index cannot be read.
        """
        with self._errors_translated():
            indexed = {
                folder: (size, changed)
                for folder, size, changed in self._file.execute(
                    "SELECT folder, size, changed FROM runs"
                )
            }
            on_disk = dict(self._run_files())
            with self._file:
                for folder, status in on_disk.items():
                    if indexed.get(folder) != status:
                        ends = json.dumps(ends_of(self._reports / folder / RUN_FILE))
                        row = (folder, *status, ends)
                        self._file.execute("REPLACE INTO runs VALUES (?, ?, ?, ?)", row)
                gone = [(folder,) for folder in indexed.keys() - on_disk.keys()]
                self._file.executemany("DELETE FROM runs WHERE folder = ?", gone)
            rows = self._file.execute("SELECT folder, ends FROM runs").fetchall()
        runs = [RunEnds(folder, *json.loads(ends)) for folder, ends in rows]
        return sorted(runs, key=_when, reverse=True)

    def _run_files(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for folder in self._reports.iterdir():
            if folder.is_symlink():
                continue  # `latest` links to one of the others
            with suppress(FileNotFoundError, NotADirectoryError):
                status = (folder / RUN_FILE).stat()
                yield folder.name, (status.st_size, status.st_mtime_ns)

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        try:
            return self._prepare()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise  # another process is writing it
            # Damaged, foreign or of another version: everything in it can be read again.
            self._path.unlink(missing_ok=True)
            return self._prepare()

    def _prepare(self) -> sqlite3.Connection:
        import sqlite3

        file = sqlite3.connect(self._path, timeout=self._patience)
        try:
            (version,) = file.execute("PRAGMA user_version").fetchone()
            if version not in (0, _FORMAT):
                raise sqlite3.DatabaseError("created by another version")
            with file:
                file.execute(_SCHEMA)
                file.execute("SELECT folder, size, changed, ends FROM runs LIMIT 0")
                file.execute(f"PRAGMA user_version={_FORMAT}")
        except BaseException:
            file.close()
            raise
        return file

    @contextmanager
    def _errors_translated(self) -> Iterator[None]:
        import sqlite3

        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"the runs in {self._reports} cannot be listed: {error}") from error


def _when(run: RunEnds) -> tuple[str, str]:
    return (str((run.run or {}).get("started", "")), run.folder)
