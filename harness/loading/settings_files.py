"""Finds and reads the settings file of a project."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import SettingsError


@dataclass(frozen=True, slots=True)
class SettingsTable:
    """The settings of a file."""

    path: Path
    values: Mapping[str, Any]


def find_settings(start: Path) -> SettingsTable | None:
    """Return the settings of the nearest folder that has some, from `start` upwards.

    In one folder `harness.toml` wins over `[tool.harness]` in `pyproject.toml`.

    Raises:
        SettingsError: A settings file cannot be read.
    """
    folder = start.resolve()
    folder = folder if folder.is_dir() else folder.parent
    tables = (_table_in(candidate) for candidate in (folder, *folder.parents))
    return next((table for table in tables if table is not None), None)


def _table_in(folder: Path) -> SettingsTable | None:
    path = folder / "harness.toml"
    if path.is_file():
        return SettingsTable(path, _toml(path))
    path = folder / "pyproject.toml"
    if not path.is_file():
        return None
    tool = _toml(path).get("tool")
    table = tool.get("harness") if isinstance(tool, Mapping) else None
    if table is None:
        return None
    if not isinstance(table, Mapping):
        problem = f"{path}: `tool.harness` must be a table, found {table!r}"
        raise SettingsError(problem, "write `[tool.harness]`")
    return SettingsTable(path, table)


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: invalid TOML: {error}", "correct the TOML") from error
    except UnicodeDecodeError as error:
        problem = f"{path}: not UTF-8: invalid byte at offset {error.start}"
        raise SettingsError(problem, "save the file as UTF-8") from error
    except OSError as error:
        problem = f"{path}: cannot be read: {error.strerror}"
        raise SettingsError(problem, "make the file readable") from error
