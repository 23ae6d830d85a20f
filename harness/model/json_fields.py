"""Reads the fields of JSON objects, and names what has the wrong type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

_Kind = TypeVar("_Kind")
_NAMES: dict[type, str] = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "text",
}


def required(
    data: Mapping[str, Any], key: str, kind: type[_Kind], *, default: _Kind | None = None
) -> _Kind:
    """Return a value that is never null; without a default it must not be missing either.

    Raises:
        ValueError: It is missing, null or of another type.
    """
    if key not in data and default is not None:
        return default
    if key not in data:
        raise ValueError(f"`{key}` is missing")
    value = data[key]
    if not has_type(value, kind):
        raise wrong_type(key, value, kind)
    converted: _Kind = kind(value) if kind is float else value  # type: ignore[call-arg]
    return converted


def optional(data: Mapping[str, Any], key: str, kind: type[_Kind]) -> _Kind | None:
    """Return a value, or None if it is missing or null.

    Raises:
        ValueError: It is of another type.
    """
    return None if data.get(key) is None else required(data, key, kind)


def list_of(data: Mapping[str, Any], key: str, kind: type[_Kind]) -> list[_Kind]:
    """Return a list whose items are of one type; an empty one if it is missing.

    Raises:
        ValueError: It is no list, or an item is of another type.
    """
    values = required(data, key, list, default=[])
    for value in values:
        if not has_type(value, kind):
            raise ValueError(f"`{key}` has {_name_of(value)} where {_NAMES[kind]} belongs")
    return values


def has_type(value: Any, kind: type) -> bool:
    """Return whether a value has a type of JSON; whole numbers are numbers too."""
    if isinstance(value, bool):  # which Python counts as a whole number
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def wrong_type(key: str, value: Any, kind: type) -> ValueError:
    """Return the error of a value that has another type than it should."""
    return ValueError(f"`{key}` is {_name_of(value)}, and should be {_NAMES[kind]}")


def _name_of(value: Any) -> str:
    return "null" if value is None else _NAMES.get(type(value), type(value).__name__)
