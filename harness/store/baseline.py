"""Baseline files: the results of a run case by case, small and fit for git."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.json_text import json_bytes
from harness.store.atomic_file import write_atomically
from harness.store.run_lines import parsed_object, unknown_kinds_notes
from harness.wording import Option, Wording

FORMAT = 1
SUFFIX = ".baseline.jsonl"
_KIND = "baseline"
_KEY_FIELDS = ("suite", "case", "variant")


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """The content of a baseline file.

    Attributes:
        head: Where it comes from: `run`, `started`, `git`, `harness`, `simulated`.
        cases: A mapping for each case and variant, in the order of the file.
        notes: What a person should know of the file: that lines of it were left out.
    """

    head: Mapping[str, Any]
    cases: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()


def write_baseline(path: Path, head: Mapping[str, Any], cases: Iterable[Mapping[str, Any]]) -> None:
    """Write a baseline completely or not at all: a line for each case, ordered by their names.

    Raises:
        StoreError: It cannot be written, or would replace a file that is not a baseline.
    """
    # an empty file, as an interrupted copy leaves it, has nothing that could be lost
    if path.is_file() and path.stat().st_size and not is_baseline(path):
        raise StoreError(
            Wording(
                "{path} exists and is not a baseline; choose another {output}",
                path=str(path),
                output=Option("output"),
            )
        )
    ordered = sorted(cases, key=lambda case: tuple(case[field] for field in _KEY_FIELDS))
    first = {"kind": _KIND, "format": FORMAT, **head}
    lines = [json_bytes(line, sort_keys=True) for line in (first, *ordered)]
    write_atomically(path, (line + b"\n" for line in lines), "baseline")


def is_baseline(path: Path) -> bool:
    """Return whether a file begins like a baseline."""
    # A device, such as a terminal or a pipe, would wait for input.
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            first = parsed_object(file.readline())
    except OSError:
        return False
    return first is not None and _is_head(first)


def read_baseline(path: Path) -> BaselineFile:
    """Return the content of a baseline file.

    Raises:
        StoreError: It cannot be read, is damaged or newer than this version.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"the baseline {path} cannot be read: {error.strerror}") from error
    return parse_baseline(content, str(path))


def parse_baseline(content: bytes, name: str) -> BaselineFile:
    """Return the content of a baseline from its text, whichever JSON tool wrote it.

    Args:
        content: The text.
        name: What to call it in errors.

    Raises:
        StoreError: It is damaged, or newer than this version.
    """
    if not content.strip():
        raise StoreError(f"the baseline {name} is empty; save it again")
    head, *rest = content.splitlines()
    first = parsed_object(head)
    if first is None or not _is_head(first):
        raise StoreError(f"{name} is not a baseline: its first line is not that of a baseline")
    if first["format"] > FORMAT:
        raise StoreError(f"{name} was written by a newer version of harness; update it")
    cases: dict[tuple[str, ...], Mapping[str, Any]] = {}
    unknown_kinds: Counter[str] = Counter()
    for number, line in enumerate(rest, start=2):
        if not line.strip():
            continue  # an editor or a merge in git may leave a blank line
        case = parsed_object(line)
        if case is not None and _is_of_unknown_kind(case):
            unknown_kinds[case["kind"]] += 1
            continue
        if case is None or not all(isinstance(case.get(field), str) for field in _KEY_FIELDS):
            raise StoreError(f"{name}:{number} is not a case of a baseline; save it again")
        key = tuple(case[field] for field in _KEY_FIELDS)
        if key in cases:
            raise StoreError(f"{name}:{number} has {'::'.join(key[:2])} twice; save it again")
        cases[key] = case
    return BaselineFile(first, tuple(cases.values()), unknown_kinds_notes(unknown_kinds, name))


def _is_head(line: Mapping[str, Any]) -> bool:
    number = line.get("format")
    return line.get("kind") == _KIND and isinstance(number, int) and not isinstance(number, bool)


def _is_of_unknown_kind(line: Mapping[str, Any]) -> bool:
    """Return whether a newer version wrote a line that is not a case, which has no `kind`."""
    return isinstance(line.get("kind"), str) and line["kind"] != _KIND
