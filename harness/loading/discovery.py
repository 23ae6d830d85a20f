"""Finds the suite files that paths stand for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.errors import SettingsError
from harness.suggestions import closest

SUFFIXES = (".suite.yaml", ".suite.yml")
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})


def find_suites(paths: Iterable[Path]) -> list[Path]:
    """Return the suite files of `paths`, each once: files as named, folders searched in order.

    Raises:
        SettingsError: A path does not exist or is no suite file.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for file in _suites_of(path):
            found.setdefault(os.path.realpath(file), file)
    return list(found.values())


def _suites_of(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from _below(path)
    elif not path.exists():
        raise SettingsError(f"`{path}` does not exist", _existing(path))
    elif path.name.endswith(SUFFIXES):
        yield path
    else:
        fix = f"name a folder, or a file that ends in {SUFFIXES[0]}"
        raise SettingsError(f"`{path}` is not called like a suite", fix)


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and each not in _SKIPPED_FOLDERS
        )
        for name in sorted(files):
            if name.endswith(SUFFIXES):
                yield Path(parent) / name


def _existing(path: Path) -> str:
    try:
        beside = [each.name for each in path.parent.iterdir()]
    except OSError:
        return "name a file or folder that exists"
    meant = closest(path.name, beside)
    return f"write `{path.parent / meant}`" if meant else "name a file or folder that exists"
