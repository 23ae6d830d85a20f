"""Fields of JSON objects, and errors that name what has the wrong type."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model.json_fields import has_type, list_of, optional, required


def test_a_whole_number_is_a_number_and_becomes_one() -> None:
    value = required({"seconds": 2}, "seconds", float)

    assert (value, type(value)) == (2.0, float)


def test_true_is_no_number() -> None:
    assert not has_type(True, int)
    assert not has_type(True, float)
    assert has_type(True, bool)


def test_only_an_optional_value_may_be_null() -> None:
    assert optional({"git": None}, "git", str) is None
    assert optional({}, "git", str) is None
    with pytest.raises(ValueError, match="`git` is null, and should be text"):
        required({"git": None}, "git", str, default="")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "`of` is missing"),
        ({"of": "2"}, "`of` is text, and should be a whole number"),
        ({"of": 1.5}, "`of` is a number, and should be a whole number"),
    ],
)
def test_what_is_missing_or_of_another_type_is_named(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        required(data, "of", int)


def test_an_item_of_another_type_is_named() -> None:
    assert list_of({}, "runs", str) == []
    with pytest.raises(ValueError, match="`runs` has null where text belongs"):
        list_of({"runs": ["a", None]}, "runs", str)
