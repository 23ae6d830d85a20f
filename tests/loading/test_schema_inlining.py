from __future__ import annotations

from harness.loading.schema_inlining import inlined


def test_references_are_replaced_and_identifiers_dropped() -> None:
    schema = {
        "$schema": "x",
        "$id": "y",
        "properties": {
            "a": {"$ref": "#/$defs/text", "title": "mine"},
            "b": [{"$ref": "#/$defs/n"}],
        },
        "$defs": {"text": {"type": "string", "title": "theirs"}, "n": {"type": "number"}},
    }

    assert inlined(schema) == {
        "properties": {"a": {"type": "string", "title": "mine"}, "b": [{"type": "number"}]}
    }


def test_a_recursive_definition_is_replaced_once_and_kept() -> None:
    tree = {"items": {"$ref": "#/$defs/tree"}, "type": "array"}

    result = inlined({"$ref": "#/$defs/tree", "$defs": {"tree": tree}})

    assert result == {**tree, "$defs": {"tree": tree}}
