"""JSON Schemas as arguments, read strictly."""

from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.json_schema_reading import read_schema
from harness.assertions.parameters import ArgumentError


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"type": "object", "x-note": "ours"},
        {"$schema": "https://json-schema.org/draft/2020-12/schema#"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}},
        {"$ref": "#"},
        {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {}}},
        {"$ref": "#/allOf/0", "allOf": [{}]},
        {"$ref": "#here", "$defs": {"a": {"$anchor": "here"}}},
        {"properties": {"formt": {"type": "string"}}},
        {"const": {"formt": 1}, "enum": [{"formt": 1}], "default": {"formt": 1}},
        {"items": {"pattern": "x{i}"}},
    ],
)
def test_a_schema_that_checks_all_it_says_is_read(schema: Any) -> None:
    assert read_schema(schema) == schema


def test_a_schema_may_come_from_a_template() -> None:
    assert read_schema('{"type": "object"}') == {"type": "object"}


@pytest.mark.parametrize(
    ("schema", "problem", "path"),
    [
        ("text", "expected `true` or a JSON Schema, found 'text'", ()),
        (False, "expected `true` or a JSON Schema, found False", ()),
        ({"type": "objekt"}, "not a JSON Schema", ("type",)),
        ({"requierd": ["a"]}, "`requierd` is not a keyword", ("requierd",)),
        ({"items": {"formt": "uri"}}, "`formt` is not a keyword", ("items", "formt")),
        ({"allOf": [{}, {"formt": 1}]}, "`formt` is not a keyword", ("allOf", 1, "formt")),
        ({"properties": {"a": {"formt": 1}}}, "`formt`", ("properties", "a", "formt")),
        ({"format": "emial"}, "the format `emial` is unknown, so it would check nothing",
         ("format",)),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "is not supported", ("$schema",)),
        ({"items": {"$id": "b"}}, "starts another document", ("items", "$id")),
        ({"$ref": "http://x/y"}, "references are not fetched", ("$ref",)),
        ({"$ref": "other.json"}, "references are not fetched", ("$ref",)),
        ({"$ref": "#/$defs/a"}, "refers to `#/$defs/a`, which is not in it", ("$ref",)),
        ({"$ref": "#nope"}, "refers to `#nope`, which is not in it", ("$ref",)),
        ({"$ref": "#/allOf/1", "allOf": [{}]}, "which is not in it", ("$ref",)),
        ({"patternProperties": {"(": {}}}, "is not a 'regex'",
         ("patternProperties",)),
    ],
)  # fmt: skip
def test_what_would_check_nothing_is_refused_at_its_path(
    schema: Any, problem: str, path: tuple[str | int, ...]
) -> None:
    with pytest.raises(ArgumentError) as caught:
        read_schema(schema)

    assert problem in caught.value.problem
    assert caught.value.path[: len(path)] == path
    assert caught.value.fix


def test_a_keyword_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(ArgumentError) as caught:
        read_schema({"requierd": ["a"]})

    assert caught.value.fix == "write `required`"
