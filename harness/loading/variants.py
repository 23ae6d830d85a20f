"""Combines named variants with the axes of the matrix, and names the combinations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from harness.model.suite import Variant

_LONGEST_NAME_PART = 32
_MODEL_PREFIX = "claude-"


@dataclass(frozen=True, slots=True)
class Level:
    """One value of an axis: its name, and what it changes."""

    name: str
    request: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)


def combine(named: Sequence[Level], axes: Sequence[Sequence[Level]]) -> tuple[Variant, ...]:
    """Return every combination of the named variants and the axes, in the order written."""
    dimensions = [axis for axis in (named, *axes) if axis]
    if not dimensions:
        return (Variant(),)
    return tuple(_variant(levels) for levels in itertools.product(*dimensions))


def _variant(levels: Sequence[Level]) -> Variant:
    request: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    for level in levels:
        request |= level.request
        variables |= level.vars
    return Variant("-".join(level.name for level in levels), request, variables)


def request_axis(name: str, values: Sequence[Any], written: Sequence[Any]) -> list[Level]:
    """Return the levels of an axis over a request field.

    Args:
        name: The field.
        values: What is sent.
        written: What the suite says, such as `{file: …}` for the text of a file.
    """
    names = _distinct(name, [_level_name(name, value) for value in written])
    return [Level(n, request={name: value}) for n, value in zip(names, values, strict=True)]


def variable_axis(name: str, values: Sequence[Any]) -> list[Level]:
    """Return the levels of an axis over a variable."""
    names = _distinct(name, [_level_name(name, value) for value in values])
    return [Level(n, vars={name: value}) for n, value in zip(names, values, strict=True)]


def _level_name(axis: str, value: Any) -> str:
    if isinstance(value, bool):
        return axis if value else f"no-{axis}"
    if isinstance(value, Mapping) and "file" in value:
        return _slug(PurePosixPath(value["file"]).stem)
    if isinstance(value, str) and axis == "model":
        return _slug(value.removeprefix(_MODEL_PREFIX))
    if isinstance(value, str | int | float):
        return _slug(str(value))
    return ""


def _slug(text: str) -> str:
    slug = re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-")
    return slug if len(slug) <= _LONGEST_NAME_PART else ""


def _distinct(axis: str, names: Sequence[str]) -> Iterator[str]:
    """Yield the names; one that is empty or ambiguous becomes the axis with a number."""
    for number, name in enumerate(names, start=1):
        yield name if name and names.count(name) == 1 else f"{axis}-{number}"
