"""Where the lines of a run file begin, whoever wrote them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from harness.json_text import json_value

_OUTCOME = b'{"kind":"outcome","index":'
_BLOB = b'{"kind":"blob","name":"'
_TASK = b'{"kind":"task"'
_REPLY = b'{"kind":"reply"'
_SUITE = b'{"kind":"suite"'
_END = b'{"kind":"end"'
_NAME_LENGTH = 64  # hexadecimal digits
_KINDS = frozenset({"run", "suite", "blob", "task", "reply", "outcome", "end"})
_BLOCK = 1 << 16
_MOST_NAMED = 5
_NO_FIRST_LINE = "its first line is not that of a run"


class DamagedLineError(ValueError):
    """A line does not hold what it should.

    Attributes:
        offset: Where it begins, in bytes from the beginning of the file.
        why: What is wrong with it.
    """

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(offset, why)
        self.offset, self.why = offset, why


@dataclass(slots=True)
class LineOffsets:
    """Where lines begin, in bytes: outcomes by their index, texts by their name.

    Attributes:
        end: The line that says what the run came to, if no other line follows it.
        is_torn: Whether the last line was cut off; it is left out.
        unknown_kinds: How many lines were left out because this version does not know their kind.
    """

    outcomes: dict[int, int] = field(default_factory=dict)
    blobs: dict[str, int] = field(default_factory=dict)
    tasks: list[int] = field(default_factory=list)
    replies: list[int] = field(default_factory=list)
    suites: list[int] = field(default_factory=list)
    end: int | None = None
    is_torn: bool = False
    unknown_kinds: Counter[str] = field(default_factory=Counter)


def locate_lines(lines: Iterable[bytes], offset: int) -> LineOffsets:
    """Return where lines begin; the newest outcome of a trial and the newest end count.

    Args:
        lines: The lines after the first one, with their line breaks.
        offset: Where they begin.

    Raises:
        DamagedLineError: A line is not a JSON object with a `kind`, or is a second first line.
    """
    offsets = LineOffsets()
    outcomes = offsets.outcomes
    end_number, ignored_after_end, number = 0, 0, 0
    for number, line in enumerate(lines, start=1):
        # Lines as RunWriter writes them are told by how they begin: parsing all of them would make
        # opening a run of 10,000 trials many times slower.
        if not line.endswith(b"\n"):
            kind = _locate_last(line, offset, offsets)
        elif line.startswith(_OUTCOME):
            outcomes[_index_in(line, offset)] = offset
            offset += len(line)
            continue
        elif line.startswith(_BLOB):
            name = line[len(_BLOB) : len(_BLOB) + _NAME_LENGTH].decode("ascii", "replace")
            offsets.blobs[name] = offset
            offset += len(line)
            continue
        else:
            kind = _locate_rare(line, offset, offsets)
        if kind == "end":
            end_number, ignored_after_end = number, 0
        elif kind is None:
            ignored_after_end += 1
        offset += len(line)
    # What follows an end was written by a run that went on, so that end says too little.
    if end_number + ignored_after_end != number:
        offsets.end = None
    return offsets


def _index_in(line: bytes, offset: int) -> int:
    try:
        return int(line[len(_OUTCOME) : line.index(b",", len(_OUTCOME))])
    except ValueError as error:
        raise DamagedLineError(offset, "its `index` is not a whole number") from error


def _locate_last(line: bytes, offset: int, offsets: LineOffsets) -> str | None:
    """Locate a last line without a line break: whole if an editor took that away, or torn."""
    if parsed_object(line) is None and line.strip():
        offsets.is_torn = True
        return "torn"
    return _locate_parsed(line, offset, offsets)


def _locate_rare(line: bytes, offset: int, offsets: LineOffsets) -> str | None:
    if line.startswith(_TASK):
        offsets.tasks.append(offset)
        return "task"
    if line.startswith(_REPLY):
        offsets.replies.append(offset)
        return "reply"
    if line.startswith(_SUITE):
        offsets.suites.append(offset)
        return "suite"
    if line.startswith(_END):
        offsets.end = offset
        return "end"
    return _locate_parsed(line, offset, offsets)


def _locate_parsed(line: bytes, offset: int, offsets: LineOffsets) -> str | None:
    """Locate a line that another program wrote, and return its kind; None if it is left out."""
    if not line.strip():
        return None
    value = parsed_object(line)
    kind = None if value is None else value.get("kind")
    if value is None or not isinstance(kind, str):
        raise DamagedLineError(offset, "it is not a JSON object with a `kind`")
    if kind not in _KINDS:
        offsets.unknown_kinds[kind] += 1
        return None
    if kind == "run":
        # Trials of both would have the same places in suite order, and half of them be lost.
        raise DamagedLineError(offset, "a second run begins here; join runs with `harness merge`")
    _add(kind, value, offset, offsets)
    return kind


def _add(kind: str, value: dict[str, Any], offset: int, offsets: LineOffsets) -> None:
    if kind == "outcome":
        index = value.get("index")
        if not isinstance(index, int) or isinstance(index, bool):
            raise DamagedLineError(offset, "its `index` is not a whole number")
        offsets.outcomes[index] = offset
    elif kind == "blob":
        offsets.blobs[str(value.get("name"))] = offset
    elif kind == "end":
        offsets.end = offset
    else:
        {"task": offsets.tasks, "reply": offsets.replies, "suite": offsets.suites}[kind].append(
            offset
        )


def parsed_object(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object on a line; None if there is none."""
    try:
        value = json_value(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def unknown_kinds_notes(kinds: Counter[str], name: str) -> tuple[str, ...]:
    """Return a note about lines that were left out, if there are any.

    Args:
        kinds: How many lines of each unknown kind.
        name: The file.
    """
    if not kinds:
        return ()
    number = kinds.total()
    lines = "1 line was" if number == 1 else f"{number:,} lines were"
    listed = ", ".join(f"`{kind}`" for kind in sorted(kinds)[:_MOST_NAMED])
    more = ", …" if len(kinds) > _MOST_NAMED else ""
    problem = f"this version of harness does not know the kind {listed}{more}"
    return (f"{lines} left out of {name}: {problem}; a newer version may have written it",)


@dataclass(frozen=True, slots=True)
class FirstLine:
    """The line that says what is run.

    Attributes:
        value: Its JSON object.
        offset: Where it begins, in bytes.
        unknown_kinds: How many lines before it were left out.
    """

    value: dict[str, Any]
    offset: int
    unknown_kinds: Counter[str]


def first_line(file: BinaryIO) -> FirstLine:
    """Return the first line of a run file, and leave the file at the line after it.

    Lines of unknown kinds before it are left out, as they are behind it.

    Raises:
        OSError: It cannot be read.
        DamagedLineError: A line is there instead that a run file does not begin with, or none.
    """
    unknown_kinds: Counter[str] = Counter()
    offset = 0
    while line := file.readline():
        value = parsed_object(line)
        kind = None if value is None else value.get("kind")
        if value is not None and kind == "run":
            return FirstLine(value, offset, unknown_kinds)
        if isinstance(kind, str) and kind not in _KINDS:
            unknown_kinds[kind] += 1
        elif line.strip():
            raise DamagedLineError(offset, _not_a_first_line(line))
        offset += len(line)
    raise DamagedLineError(offset, _NO_FIRST_LINE)


def _not_a_first_line(line: bytes) -> str:
    if line.strip() in (b"{", b"["):
        return "it holds JSON over several lines; `jq -c .` writes each object on a line of its own"
    return _NO_FIRST_LINE


def last_object(file: BinaryIO) -> dict[str, Any] | None:
    """Return the line that says what a run came to; None if it is not the last line.

    It is the one that `locate_lines` finds, but nothing before it is read: lists of runs need only
    the first and the last line of each.

    Raises:
        OSError: It cannot be read.
    """
    for line in _lines_from_the_end(file):
        if not line.strip():
            continue
        value = parsed_object(line)
        kind = None if value is None else value.get("kind")
        if kind == "end":
            return value
        if not isinstance(kind, str) or kind in _KINDS:
            return None
    return None


def _lines_from_the_end(file: BinaryIO) -> Iterator[bytes]:
    position, tail = file.seek(0, os.SEEK_END), b""
    while position > 0:
        length = min(_BLOCK, position)
        position = file.seek(position - length)
        tail, *lines = (file.read(length) + tail).split(b"\n")
        yield from reversed(lines)
    yield tail
