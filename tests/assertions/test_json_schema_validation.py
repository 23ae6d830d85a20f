"""Validation against JSON Schemas, in bounded time."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.assertions.json_schema_validation import TooSlowError, schema_errors

NAMES = st.sampled_from(["a", "ab", "b", "x"])
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 1.5])
VALUES = st.recursive(
    NUMBERS | st.booleans() | NAMES,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=3),
    max_leaves=6,
)
SCHEMAS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "array", "number", "string"]),
        "pattern": st.sampled_from(["^a", "b$"]),
        "multipleOf": st.sampled_from([0.5, 1, 2]),
        "uniqueItems": st.booleans(),
        "properties": st.dictionaries(NAMES, st.just({"type": "number"}), max_size=2),
        "patternProperties": st.dictionaries(
            st.sampled_from(["^a", "b"]), st.just({"type": "number"}), max_size=2
        ),
        "additionalProperties": st.sampled_from([True, False, {"type": "string"}]),
    },
)


@given(VALUES, SCHEMAS)
def test_our_keywords_agree_with_those_of_jsonschema(value: Any, schema: Any) -> None:
    is_valid = jsonschema.Draft202012Validator(schema).is_valid(value)

    assert (schema_errors(value, schema) == []) is is_valid


@pytest.mark.parametrize(
    ("value", "schema", "errors"),
    [
        ({"b": 1, "a": "x"}, {"properties": {"a": {"type": "number"}, "b": {"const": 2}}},
         ["$.a: 'x' is not of type 'number'", "$.b: 2 was expected"]),
        ({"ab": 1, "c": 2, "d": 3}, {"patternProperties": {"^a": {}}, "additionalProperties": False},
         ["$: additional properties are not allowed: 'c', 'd'"]),
        ({"c": 2}, {"additionalProperties": {"type": "string"}},
         ["$.c: 2 is not of type 'string'"]),
        ({"ab": "x"}, {"patternProperties": {"^a": {"type": "number"}}},
         ["$.ab: 'x' is not of type 'number'"]),
        ("b", {"pattern": "^a"}, ["$: 'b' does not match '^a'"]),
        ([1, 1.0], {"uniqueItems": True}, ["$: the list has non-unique elements"]),
        ([1, True, "1", [1], {"1": 1}], {"uniqueItems": True}, []),
        (19.99, {"multipleOf": 0.01}, []),
        (19.995, {"multipleOf": 0.01}, ["$: 19.995 is not a multiple of 0.01"]),
    ],
)  # fmt: skip
def test_errors_are_listed_with_their_paths(value: Any, schema: Any, errors: list[str]) -> None:
    assert schema_errors(value, schema) == errors


def test_a_pattern_that_takes_too_long_is_interrupted() -> None:
    with pytest.raises(TooSlowError, match="takes too long"):
        schema_errors("a" * 200 + "b", {"pattern": "(a|aa)+$"})


def test_a_schema_that_refers_to_itself_endlessly_is_an_error() -> None:
    with pytest.raises(RecursionError):
        schema_errors(1, {"$ref": "#"})


def test_a_remote_reference_is_not_fetched() -> None:
    import referencing.exceptions

    with pytest.raises(referencing.exceptions.Unresolvable):
        schema_errors(1, {"$ref": "http://127.0.0.1:1/schema.json"})
