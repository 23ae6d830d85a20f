"""Arguments of the Python API, checked where they come in, also for their types."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from harness.errors import SettingsError
from harness.wording import Option, Wording, Words


def unusable(option: str, value: object, fix: Words) -> SettingsError:
    """Return the error of an argument that has the wrong value or type."""
    problem = Wording("{option} is {value}", option=Option(option), value=repr(value))
    return SettingsError(problem, fix)


def text(option: str, value: Any) -> str | None:
    """Return a text or None; raise SettingsError for anything else."""
    if value is not None and not isinstance(value, str):
        raise unusable(option, value, "give a text")
    return value


def texts(option: str, value: Any) -> list[str]:
    """Return one text or several as a list; raise SettingsError for anything else."""
    # a single text is iterable too, letter by letter
    values = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    if not all(isinstance(one, str) for one in values):
        raise unusable(option, value, "give a text, or a list of texts")
    return values


def count(option: str, value: Any) -> int | None:
    """Return a whole number above zero or None; raise SettingsError for anything else."""
    # True is a 1 in Python, and never meant as one here
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise unusable(option, value, "give a whole number above 0")
    return value


def number(option: str, value: Any, fix: Words) -> float:
    """Return a number; raise SettingsError with this fix for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise unusable(option, value, fix)
    return value


def path(option: str, value: Any) -> str:
    """Return a path or a name as text; raise SettingsError for anything else."""
    if not isinstance(value, str | os.PathLike):
        raise unusable(option, value, "give a path, a name or `pathlib.Path`")
    return str(os.fspath(value))
