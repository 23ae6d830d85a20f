"""Reads run files, whole or torn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from harness.errors import StoreError
from harness.json_text import json_value
from harness.model.record import OutcomeRecord
from harness.store.blobs import expand, references_in
from harness.store.writer import FORMAT, lock

_OUTCOME = b'{"kind":"outcome","index":'
_BLOB = b'{"kind":"blob","name":"'
_TASK = b'{"kind":"task"'
_REPLY = b'{"kind":"reply"'
_SUITE = b'{"kind":"suite"'
_NAME_LENGTH = 64


@dataclass(slots=True)
class _Places:
    """Where lines begin: outcomes by their index, texts by their name."""

    outcomes: dict[int, int] = field(default_factory=dict)
    blobs: dict[str, int] = field(default_factory=dict)
    tasks: list[int] = field(default_factory=list)
    replies: list[int] = field(default_factory=list)
    suites: list[int] = field(default_factory=list)
    end: int | None = None
    is_torn: bool = False


class RunReader:
    """A run file, read by the places of its lines, so that memory holds one outcome at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise StoreError(f"the run file {path} cannot be read: {error.strerror}") from error
        try:
            self.run = self._first_line()
            self._places = self._find_places()
            later = [self.line_at(offset) for offset in self._places.suites]
            self.run["suites"] = [*self.run.get("suites", ()), *later]
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> RunReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_in_use(self) -> bool:
        """Whether a process is still writing to it."""
        try:
            lock(self._file)
        except OSError:
            return True
        return False

    @property
    def is_torn(self) -> bool:
        """Whether the last line was cut off; it is left out."""
        return self._places.is_torn

    @property
    def end(self) -> dict[str, Any] | None:
        """The last line, or None if the run did not come to its end."""
        return None if self._places.end is None else self.line_at(self._places.end)

    def __len__(self) -> int:
        return len(self._places.outcomes)

    def indexes(self) -> Iterable[int]:
        """Return the places in suite order of the outcomes it has."""
        return self._places.outcomes.keys()

    def outcome(self, index: int) -> OutcomeRecord:
        """Return the outcome with this place in suite order."""
        return self.outcome_at(self._places.outcomes[index])

    def outcomes(self) -> Iterator[OutcomeRecord]:
        """Yield the outcomes in suite order, with the texts that are kept apart put in."""
        for index in sorted(self._places.outcomes):
            yield self.outcome_at(self._places.outcomes[index])

    def places(self) -> Iterator[tuple[int, OutcomeRecord]]:
        """Yield where the line of each outcome begins, and the line as it stands there."""
        for offset in self._places.outcomes.values():
            yield offset, cast("OutcomeRecord", self.line_at(offset))

    def tasks(self) -> Iterator[dict[str, Any]]:
        """Yield the tasks that were made."""
        for offset in self._places.tasks:
            yield self.line_at(offset)

    def turns(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield replies that were there before their trials ended, and where the lines begin."""
        for offset in self._places.replies:
            yield offset, self.line_at(offset)

    def outcome_at(self, offset: int) -> OutcomeRecord:
        """Return the outcome whose line begins at `offset`, with the texts that are kept apart."""
        record = self.line_at(offset)
        asked = [each["asked"] for each in record["verdicts"] if each.get("asked")]
        names = set(references_in([record.get("request"), record.get("vars"), asked]))
        if names:
            texts = {
                name: str(self.line_at(self._places.blobs[name])["text"])
                for name in names
                if name in self._places.blobs
            }
            record["request"] = expand(record["request"], texts)
            record["vars"] = expand(record.get("vars"), texts)
            for verdict in record["verdicts"]:
                if verdict.get("asked"):
                    verdict["asked"] = expand(verdict["asked"], texts)
        return cast("OutcomeRecord", record)

    def _first_line(self) -> dict[str, Any]:
        try:
            first = json_value(self._file.readline())
        except ValueError:
            first = None
        if not isinstance(first, dict) or first.get("kind") != "run":
            raise StoreError(f"{self.path} is no run file: its first line is no run")
        if first.get("format", 0) > FORMAT:
            raise StoreError(f"{self.path} was written by a newer version of harness; update it")
        return first

    def _find_places(self) -> _Places:
        places = _Places()
        offset = self._file.tell()
        for line in self._file:
            if not line.endswith(b"\n"):
                places.is_torn = True
            elif line.startswith(_OUTCOME):
                places.outcomes[self._index(line, offset)] = offset
            elif line.startswith(_BLOB):
                name = line[len(_BLOB) : len(_BLOB) + _NAME_LENGTH].decode("ascii")
                places.blobs[name] = offset
            elif line.startswith(_TASK):
                places.tasks.append(offset)
            elif line.startswith(_REPLY):
                places.replies.append(offset)
            elif line.startswith(_SUITE):
                places.suites.append(offset)
            elif line.startswith(b'{"kind":"end"'):
                places.end = offset
            else:
                raise self.damaged(offset)
            offset += len(line)
        return places

    def _index(self, line: bytes, offset: int) -> int:
        try:
            return int(line[len(_OUTCOME) : line.index(b",", len(_OUTCOME))])
        except ValueError as error:
            raise self.damaged(offset) from error

    def damaged(self, offset: int) -> StoreError:
        """Return the error of a line that does not hold what it should."""
        return StoreError(f"{self.path} is damaged at byte {offset}")

    def line_at(self, offset: int) -> dict[str, Any]:
        """Return the line that begins at `offset`."""
        self._file.seek(offset)
        try:
            line: dict[str, Any] = json_value(self._file.readline())
        except ValueError as error:
            raise self.damaged(offset) from error
        return line
