"""Writes a run file line by line, each on the disk within a second."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from harness.errors import StoreError
from harness.json_text import json_bytes
from harness.model.record import OutcomeRecord, ReplyRecord, reply_record
from harness.model.reply import Reply
from harness.model.request import Request
from harness.model.run_file import RunEnd, RunHead
from harness.model.suite_head import SuiteHead
from harness.scrubbing import Scrubber
from harness.store.blobs import SHORTEST, BlobWriter

SYNC_SECONDS = 1.0
FORMAT = 1


class RunWriter:
    """Appends to a new run file; a hidden one gets its name when it is published.

    Secrets are written as `***`, whoever sent them back; every report is made from this file.

    Each line reaches the operating system before `append` returns, so killing the process loses
    nothing. A thread brings it to the disk every second, so a power cut costs no more than that.
    """

    def __init__(
        self, path: Path, scrubber: Scrubber | None = None, *, is_hidden: bool = False
    ) -> None:
        self.path = path
        self.written = path.with_name(f".{path.name}.part") if is_hidden else path
        self._scrubber = scrubber or Scrubber()
        self._blobs = BlobWriter()
        self._is_dirty = threading.Event()
        self._is_closed = threading.Event()
        self._made_folder = not path.parent.exists()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if is_hidden:
                self.written.unlink(missing_ok=True)
            self._file = self.written.open("xb", buffering=0)
            lock(self._file)
        except OSError as error:
            raise StoreError(f"the run file {path} cannot be created: {error.strerror}") from error
        self._syncer = threading.Thread(target=self._sync, name="run-file-sync", daemon=True)
        self._syncer.start()

    def publish(self) -> Path | None:
        """Give a hidden run file its name in one step, and return where an older one went.

        Raises:
            StoreError: It cannot be renamed.
        """
        try:
            os.fsync(self._file.fileno())
            aside = None
            # A second name first, and no renaming: at no moment is there no file of the old name.
            if self.path.exists():
                aside = free_name(self.path)
                os.link(self.path, aside)
            self.written.replace(self.path)
        except OSError as error:
            message = f"the run file {self.path} cannot be created: {error.strerror}"
            raise StoreError(message) from error
        return aside

    def begin(self, head: RunHead) -> None:
        """Write the first line.

        Raises:
            StoreError: It cannot be written; the file and its folder are removed again.
        """
        try:
            self._write({"kind": "run", "format": FORMAT, **head.as_data()})
        except StoreError:
            with suppress(OSError):
                self.written.unlink()
                if self._made_folder:
                    self.path.parent.rmdir()
            raise

    def append(self, record: OutcomeRecord) -> None:
        """Write an outcome.

        Raises:
            StoreError: The disk is full, or the file is gone.
        """
        long: dict[str, Any] = {"request": record["request"], "vars": record["vars"]}
        asked = [verdict.get("asked", ()) for verdict in record["verdicts"]]
        if any(asked):
            long["asked"] = asked  # each question repeats its prompt and the reply
        if len(json_bytes(long)) < SHORTEST:
            self._write(record)  # no text in it can be long enough to be stored apart
            return
        new: dict[str, str] = {}
        shrunk = {**record, **self._blobs.shrink(long, new)}
        if any(asked):
            shrunk["verdicts"] = [
                {**verdict, "asked": calls} if calls else verdict
                for verdict, calls in zip(record["verdicts"], shrunk.pop("asked"), strict=True)
            ]
        # Texts come before the line that refers to them, so a cut file never lacks one.
        for name, text in new.items():
            self._write({"kind": "blob", "name": name, "text": text})
        self._write(shrunk)

    def suite(self, suite: SuiteHead) -> None:
        """Write a suite that was loaded after the first line was written."""
        self._write({"kind": "suite", **suite.as_data()})

    def task(self, key: str, name: str, trial: str) -> None:
        """Write that a task was created, before its result is asked for."""
        self._write({"kind": "task", "key": key, "id": name, "trial": trial})

    def keep(self, request: Request, reply: Reply) -> None:
        """Write a reply that comes some time before the outcome of its trial."""
        if request.awaits_more:
            self._write({"kind": "reply", "trial": request.trial, "reply": reply_record(reply)})

    def carry_over(self, trial: str, reply: ReplyRecord) -> None:
        """Write a reply of a previous run to a trial that has not ended yet."""
        self._write({"kind": "reply", "trial": trial, "reply": reply})

    def end(self, ending: RunEnd) -> None:
        """Write the last line."""
        self._write({"kind": "end", **ending.as_data()})

    def close(self) -> None:
        """Flush everything to the disk and close the file."""
        self._is_closed.set()
        self._is_dirty.set()
        self._syncer.join()
        with self._file:
            _sync_to_disk(self._file)

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
        data = memoryview(self._scrubber.clean(json_bytes(value)) + b"\n")
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
            _sync_to_disk(self._file)
            self._is_closed.wait(SYNC_SECONDS)


def _sync_to_disk(file: IO[bytes]) -> None:
    with suppress(OSError):  # a full disk is reported when a line is written
        os.fsync(file.fileno())


def free_name(path: Path) -> Path:
    """Return an unused name beside a run file, to rename it to."""
    aside = path.with_name(f"{path.name}.old")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.old{number}")
    return aside


def lock(file: IO[bytes]) -> None:
    """Lock a file against other processes until it is closed or this process ends.

    Raises:
        OSError: Another process has it.
    """
    try:
        import fcntl
    except ImportError:
        return  # no such locks on this platform
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
