"""Reads run files, whole or torn, as this or another program wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

from harness.errors import StoreError
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunEnd, RunHead
from harness.model.suite_head import SuiteHead
from harness.store.blobs import expand, references_in
from harness.store.outcome_fields import OutcomeFields, deep_problem_in
from harness.store.run_lines import (
    DamagedLineError,
    FirstLine,
    LineOffsets,
    first_line,
    locate_lines,
    parsed_object,
    unknown_kinds_notes,
)
from harness.store.writer import FORMAT, lock

_BY_DAMAGE = (AttributeError, LookupError, TypeError, ValueError)
_BLOCK = 1 << 20
_READ_AHEAD = 1 << 16  # outcomes are mostly read in the order in which they were written


def is_run_file(path: Path) -> bool:
    """Return whether a file begins like a run file."""
    # A device, such as a terminal or a pipe, would wait for input.
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            first_line(file)
    except (OSError, DamagedLineError):
        return False
    return True


class RunReader:
    """A run file, read by the offsets of its lines, so that memory holds one outcome at a time.

    Attributes:
        run: The first line as plain data, with the suites that were loaded later.
        head: The same, typed.
    """

    def __init__(self, path: Path) -> None:
        """Open a run file and find its lines.

        Raises:
            StoreError: It cannot be read, is damaged or newer than this version.
        """
        self.path, self._fields = path, OutcomeFields()
        try:
            self._file: BinaryIO = path.open("rb", buffering=_READ_AHEAD)
        except OSError as error:
            raise StoreError(f"the run file {path} cannot be read: {error.strerror}") from error
        try:
            self._first_line = self._read_first_line()
            self.run = self._first_line.value
            self.head = self._read_head()
            self._offsets = self._locate_lines()
            self._add_later_suites()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file, and with it give up the lock that `is_in_use` may have taken."""
        self._file.close()

    def __enter__(self) -> RunReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file.

        Raises:
            StoreError: What read the outcomes broke on one that does not hold what it should.
        """
        try:
            if isinstance(error, _BY_DAMAGE):
                self._check_all(error)
        finally:
            self.close()

    def _check_all(self, error: Exception) -> None:
        """Raise an error that names the first outcome that is damaged, if one is."""
        # Only now: to look at everything in each outcome would double the time that reading takes.
        for offset in self._offsets.outcomes.values():
            problem = deep_problem_in(self.line_at(offset))
            if problem is not None:
                raise self.damaged(offset, problem) from error

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
        return self._offsets.is_torn

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the file: that lines of unknown kinds were left out."""
        unknown_kinds = self._first_line.unknown_kinds + self._offsets.unknown_kinds
        return unknown_kinds_notes(unknown_kinds, str(self.path))

    @property
    def end(self) -> dict[str, Any] | None:
        """The last line as plain data, or None if the run did not come to its end."""
        return None if self._offsets.end is None else self.line_at(self._offsets.end)

    @property
    def ending(self) -> RunEnd | None:
        """The last line, or None if the run did not come to its end.

        Raises:
            StoreError: It is damaged.
        """
        if self._offsets.end is None:
            return None
        try:
            return RunEnd.from_data(self.line_at(self._offsets.end))
        except ValueError as error:
            raise self.damaged(self._offsets.end, str(error)) from error

    def __len__(self) -> int:
        return len(self._offsets.outcomes)

    def indexes(self) -> Iterable[int]:
        """Return the places in suite order of the outcomes it has."""
        return self._offsets.outcomes.keys()

    def outcome(self, index: int) -> OutcomeRecord:
        """Return the outcome with this place in suite order."""
        return self.outcome_at(self._offsets.outcomes[index])

    def outcomes(self) -> Iterator[OutcomeRecord]:
        """Yield the outcomes in suite order, with the texts that are kept apart put in."""
        offsets = self._offsets.outcomes
        # runs of short texts keep none apart
        read = self.outcome_at if self._offsets.blobs else self._outcome_line
        for index in sorted(offsets):
            yield read(offsets[index])

    def outcome_lines(self) -> Iterator[tuple[int, OutcomeRecord]]:
        """Yield the offset of each outcome, and its line with references to long texts."""
        for offset in self._offsets.outcomes.values():
            yield offset, self._outcome_line(offset)

    def task_lines(self) -> Iterator[dict[str, Any]]:
        """Yield the tasks that were made."""
        for offset in self._offsets.tasks:
            yield self.line_at(offset)

    def reply_lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield replies that came before their trials ended, and the offsets of their lines."""
        for offset in self._offsets.replies:
            yield offset, self.line_at(offset)

    def outcome_at(self, offset: int) -> OutcomeRecord:
        """Return the outcome whose line begins at `offset`, with the texts that are kept apart."""
        record = self._outcome_line(offset)
        if not self._offsets.blobs:  # runs of short texts keep none apart
            return record
        asked = [verdict["asked"] for verdict in record["verdicts"] if verdict.get("asked")]
        names = set(references_in([record.get("request"), record.get("vars"), asked]))
        if names:
            texts = {
                name: str(self.line_at(self._offsets.blobs[name])["text"])
                for name in names
                if name in self._offsets.blobs
            }
            record["request"] = expand(record["request"], texts)
            record["vars"] = expand(record.get("vars"), texts)
            for verdict in record["verdicts"]:
                if verdict.get("asked"):
                    verdict["asked"] = expand(verdict["asked"], texts)
        return record

    def _outcome_line(self, offset: int) -> OutcomeRecord:
        record = self.line_at(offset)
        problem = self._fields.problem_in(record)
        if problem is not None:
            raise self.damaged(offset, problem)
        return cast("OutcomeRecord", record)

    def line_at(self, offset: int) -> dict[str, Any]:
        """Return the line that begins at `offset`.

        Raises:
            StoreError: It is damaged.
        """
        self._file.seek(offset)
        line = parsed_object(self._file.readline())
        if line is None:
            raise self.damaged(offset, "it is not a JSON object")
        return line

    def damaged(self, offset: int, why: str) -> StoreError:
        """Return the error of the line at `offset`, which does not hold what it should."""
        number = self._newlines_before(offset) + 1
        return StoreError(f"{self.path} is damaged at byte {offset} (line {number}): {why}")

    def _newlines_before(self, offset: int) -> int:
        # Counted only once there is something to report: opening a file must not pay for it.
        self._file.seek(0)
        number, remaining = 0, offset
        while remaining > 0:
            block = self._file.read(min(_BLOCK, remaining))
            if not block:
                break
            number += block.count(b"\n")
            remaining -= len(block)
        return number

    def _read_first_line(self) -> FirstLine:
        try:
            first = first_line(self._file)
        except DamagedLineError as error:
            raise StoreError(f"{self.path} is not a run file: {error.why}") from error
        format_number = first.value.get("format", 0)
        if not isinstance(format_number, int):
            raise self.damaged(first.offset, "`format` is not a whole number")
        if format_number > FORMAT:
            raise StoreError(f"{self.path} was written by a newer version of harness; update it")
        return first

    def _read_head(self) -> RunHead:
        try:
            return RunHead.from_data(self.run)
        except ValueError as error:
            raise self.damaged(self._first_line.offset, str(error)) from error

    def _locate_lines(self) -> LineOffsets:
        try:
            return locate_lines(self._file, self._file.tell())
        except DamagedLineError as error:
            raise self.damaged(error.offset, error.why) from error

    def _add_later_suites(self) -> None:
        later = [(offset, self.line_at(offset)) for offset in self._offsets.suites]
        self.run["suites"] = [*self.run.get("suites", ()), *(line for _, line in later)]
        suites = [*self.head.suites]
        for offset, line in later:
            try:
                suites.append(SuiteHead.from_data(line))
            except ValueError as error:
                raise self.damaged(offset, str(error)) from error
        self.head = replace(self.head, suites=tuple(suites))
