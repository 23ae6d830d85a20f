"""Baseline files: what a run had to say of each case, small and fit for git."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.json_text import json_bytes
from harness.store.atomic_file import write_atomically
from harness.wording import Option, Wording

FORMAT = 1
SUFFIX = ".baseline.jsonl"
_KIND = "baseline"
_NAMES = ("suite", "case", "variant")


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """What a baseline file holds.

    Attributes:
        head: Where it comes from: `run`, `started`, `git`, `harness`, `simulated`.
        cases: A mapping for each case and variant, in the order of their names.
    """

    head: Mapping[str, Any]
    cases: tuple[Mapping[str, Any], ...]


def write_baseline(path: Path, head: Mapping[str, Any], cases: Iterable[Mapping[str, Any]]) -> None:
    """Write a baseline: a line for each case, in the order of their names; whole or not at all.

    Raises:
        StoreError: It cannot be written, or would replace something that is no baseline.
    """
    if path.is_file() and not is_baseline(path):
        raise StoreError(
            Wording(
                "{path} exists and is not a baseline; choose another {output}",
                path=str(path),
                output=Option("output"),
            )
        )
    ordered = sorted(cases, key=lambda case: tuple(case[name] for name in _NAMES))
    first = {"kind": _KIND, "format": FORMAT, **head}
    lines = [json_bytes(each, sort_keys=True) for each in (first, *ordered)]
    write_atomically(path, (line + b"\n" for line in lines), "baseline")


def is_baseline(path: Path) -> bool:
    """Return whether a file begins as a baseline does; a device is never asked."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return _is_head(_parsed(file.readline()))
    except OSError:
        return False


def read_baseline(path: Path) -> BaselineFile:
    """Return what a baseline file holds.

    Raises:
        StoreError: It cannot be read, is damaged or newer than this version.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"the baseline {path} cannot be read: {error.strerror}") from error
    return parse_baseline(content, str(path))


def parse_baseline(content: bytes, name: str) -> BaselineFile:
    """Return what the text of a baseline holds.

    Args:
        content: The text.
        name: What it is called in errors.

    Raises:
        StoreError: It is damaged, or newer than this version.
    """
    head, *rest = content.splitlines() or [b""]
    first = _parsed(head)
    if not _is_head(first):
        raise StoreError(f"{name} is no baseline: its first line says nothing of one")
    if first["format"] > FORMAT:
        raise StoreError(f"{name} was written by a newer version of harness; update it")
    cases: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for number, line in enumerate(rest, start=2):
        case = _parsed(line)
        if not isinstance(case, dict) or not all(
            isinstance(case.get(each), str) for each in _NAMES
        ):
            raise StoreError(f"{name}:{number} is no case of a baseline; save it again")
        key = tuple(case[each] for each in _NAMES)
        if key in cases:
            raise StoreError(f"{name}:{number} has {'::'.join(key[:2])} twice; save it again")
        cases[key] = case
    return BaselineFile(first, tuple(cases.values()))


def _is_head(line: Any) -> bool:
    return (
        isinstance(line, dict) and line.get("kind") == _KIND and isinstance(line.get("format"), int)
    )


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
