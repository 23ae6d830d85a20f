"""Combines named variants with the axes of the matrix, and names the combinations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from harness.model.suite import VARIABLES, Turn, Variant

_LONGEST_NAME_PART = 32
_MODEL_PREFIX = "claude-"


@dataclass(frozen=True, slots=True)
class Level:
    """One value of an axis: its name, and what it changes.

    Attributes:
        axis: As `Variant.levels` names it.
        written: The value as the suite writes it.
    """

    name: str
    axis: str
    written: Any
    request: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    turns: tuple[Turn, ...] = ()


def combine(
    axes: Sequence[Sequence[Level]],
    is_excluded: Callable[[Sequence[Level]], bool] = lambda _levels: False,
) -> tuple[Variant, ...]:
    """Return every combination of levels that is not excluded, in the order written."""
    written = [axis for axis in axes if axis]
    if not written:
        return (Variant(),)
    numbered = itertools.product(*map(enumerate, written))
    return tuple(
        _variant([level for _, level in levels], tuple(number for number, _ in levels))
        for levels in numbered
        if not is_excluded([level for _, level in levels])
    )


def _variant(levels: Sequence[Level], coordinates: tuple[int, ...]) -> Variant:
    request: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    turns: tuple[Turn, ...] = ()
    for level in levels:
        request |= level.request
        variables |= level.vars
        turns = level.turns or turns
    names = {level.axis: level.name for level in levels}
    return Variant("-".join(names.values()), request, variables, turns, names, coordinates)


def request_axis(name: str, values: Sequence[Any], written: Sequence[Any]) -> list[Level]:
    """Return the levels of an axis over a request field.

    Args:
        name: The field.
        values: What is sent.
        written: What the suite says, such as `{file: …}` for the text of a file.
    """
    names = distinct_names(name, [_level_name(name, value) for value in written])
    return [
        Level(level, name, said, request={name: value})
        for level, value, said in zip(names, values, written, strict=True)
    ]


def variable_axis(name: str, values: Sequence[Any]) -> list[Level]:
    """Return the levels of an axis over a variable."""
    names = distinct_names(name, [_level_name(name, value) for value in values])
    axis = f"{VARIABLES}.{name}"
    return [
        Level(level, axis, value, vars={name: value})
        for level, value in zip(names, values, strict=True)
    ]


def _level_name(axis: str, value: Any) -> str:
    if isinstance(value, bool):
        return axis if value else f"no-{axis}"
    if isinstance(value, Mapping) and "file" in value:
        return slug(PurePosixPath(value["file"]).stem)
    if isinstance(value, str) and axis == "model":
        return slug(value.removeprefix(_MODEL_PREFIX))
    if isinstance(value, str | int | float):
        return slug(str(value))
    return ""


def slug(text: str) -> str:
    """Return a text as a part of a name; empty if it is too long or has nothing to name by."""
    slug = re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-")
    return slug if len(slug) <= _LONGEST_NAME_PART else ""


def distinct_names(axis: str, names: Sequence[str]) -> Iterator[str]:
    """Yield the names; one that is empty or ambiguous becomes the axis with a number."""
    for number, name in enumerate(names, start=1):
        yield name if name and names.count(name) == 1 else f"{axis}-{number}"
