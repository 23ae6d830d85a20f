"""Finds suite files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.errors import SettingsError
from harness.suggestions import closest

SUFFIXES = (".suite.yaml", ".suite.yml")
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})


def find_suites(paths: Iterable[Path]) -> list[Path]:
    """Return the suite files of `paths` without duplicates; folders are searched in sorted order.

    Raises:
        SettingsError: A path does not exist or is not a suite file.
    """
    files: dict[str, Path] = {}
    for path in paths:
        for file in _suites_of(path):
            files.setdefault(os.path.realpath(file), file)
    return list(files.values())


def _suites_of(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from _below(path)
    elif not path.exists():
        raise SettingsError(f"`{path}` does not exist", _missing_fix(path))
    elif path.name.endswith(SUFFIXES):
        yield path
    else:
        fix = f"name a folder, or a file that ends in {SUFFIXES[0]}"
        raise SettingsError(f"`{path}` is not a suite file (*{SUFFIXES[0]})", fix)


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS
        )
        for name in sorted(files):
            if name.endswith(SUFFIXES):
                yield Path(parent) / name


def _missing_fix(path: Path) -> str:
    try:
        siblings = [sibling.name for sibling in path.parent.iterdir()]
    except OSError:
        return "name a file or folder that exists"
    match = closest(path.name, siblings)
    return f"write `{path.parent / match}`" if match else "name a file or folder that exists"
