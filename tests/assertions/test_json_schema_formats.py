"""Formats of JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.json_schema_formats import format_checker


@pytest.mark.parametrize(
    ("name", "value", "conforms"),
    [
        ("date-time", "2024-02-29T10:00:00Z", True),
        ("date-time", "2024-02-29T10:00:00.5+02:00", True),
        ("date-time", "2024-02-29 10:00:00z", True),
        ("date-time", "2024-02-30T10:00:00Z", False),
        ("date-time", "2024-02-29T25:00:00Z", False),
        ("date-time", "2024-02-29T10:00:00", False),
        ("date-time", "2024-02-29", False),
        ("time", "23:59:60Z", True),
        ("time", "10:00:00-05:30", True),
        ("time", "24:00:00Z", False),
        ("time", "10:00Z", False),
        ("uri", "https://example.org/a?b#c", True),
        ("uri", "urn:isbn:1", True),
        ("uri", "/relative", False),
        ("uri", "no uri", False),
        ("uri", "http://a b", False),
        ("email", "a@b", True),
        ("email", "nobody", False),
        ("uri", 5, True),
        ("date-time", None, True),
        ("time", ["10:00"], True),
    ],
)
def test_texts_are_checked_and_other_values_conform(name: str, value: Any, conforms: bool) -> None:
    assert format_checker().conforms(value, name) is conforms
