"""Writes a run file: a line as soon as there is one, on the disk within a second."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from harness.errors import StoreError
from harness.model.record import OutcomeRecord
from harness.store.blobs import BlobWriter

SYNC_SECONDS = 1.0
FORMAT = 1


class RunWriter:
    """Appends to a new run file.

    Each line reaches the operating system before `append` returns, so that a killed process loses
    nothing; a thread asks every second that it reaches the disk, so that a power cut costs no more
    than that.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._blobs = BlobWriter()
        self._is_dirty = threading.Event()
        self._is_closed = threading.Event()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb", buffering=0)
        except FileExistsError as error:
            raise StoreError(f"the run file {path} exists already") from error
        except OSError as error:
            raise StoreError(f"the run file {path} cannot be made: {error.strerror}") from error
        self._syncer = threading.Thread(target=self._sync, name="run-file-sync", daemon=True)
        self._syncer.start()

    def begin(self, run: Mapping[str, Any]) -> None:
        """Write the first line."""
        self._write({"kind": "run", "format": FORMAT, **run})

    def append(self, record: OutcomeRecord) -> None:
        """Write an outcome.

        Raises:
            StoreError: The disk is full, or the file is gone.
        """
        new: dict[str, str] = {}
        shrunk = {**record, "request": self._blobs.shrink(record["request"], new)}
        for name, text in new.items():
            self._write({"kind": "blob", "name": name, "text": text})
        self._write(shrunk)

    def end(self, totals: Mapping[str, Any]) -> None:
        """Write the last line."""
        self._write({"kind": "end", **totals})

    def close(self) -> None:
        """Bring everything to the disk and close the file."""
        self._is_closed.set()
        self._is_dirty.set()
        self._syncer.join()
        os.fsync(self._file.fileno())
        self._file.close()

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, value: Mapping[str, Any]) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        data = memoryview(line.encode("utf-8", "backslashreplace") + b"\n")
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            message = f"the run file {self.path} cannot be written: {error.strerror}"
            raise StoreError(message) from error
        self._is_dirty.set()

    def _sync(self) -> None:
        while not self._is_closed.is_set():
            self._is_dirty.wait()
            self._is_dirty.clear()
            os.fsync(self._file.fileno())
            self._is_closed.wait(SYNC_SECONDS)
