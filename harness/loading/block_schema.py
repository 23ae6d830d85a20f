"""The part of the suite schema that describes content blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from harness.assertions.parameters import JsonSchema
from harness.model.blocks import ASSISTANT_BLOCKS, USER_BLOCKS
from harness.model.media import DOCUMENT_TYPES, IMAGE_TYPES


def has_type(*kinds: str) -> JsonSchema:
    """Return the schema of a mapping that has one of these types."""
    # without its own type it would fit whatever is no mapping, which has no keys that could differ
    properties = {"type": {"enum": list(kinds)}}
    return {"type": "object", "properties": properties, "required": ["type"]}


TEXT: JsonSchema = {"title": "text", "type": "string", "minLength": 1}
_DATA: JsonSchema = {"type": "string", "minLength": 1}
_ANY_LIST: JsonSchema = {"type": "array"}
_ANY_MEDIA_TYPE: JsonSchema = {"type": "string", "enum": [*DOCUMENT_TYPES, *IMAGE_TYPES]}
_PLAIN = ["text/plain"]
_UNMARKED = frozenset({"thinking", "redacted_thinking"})  # the API refuses `cache_control` there
_CALL_ID: JsonSchema = {
    "title": "an id of letters, digits, `_` and `-`",
    "type": "string",
    "pattern": r"^[A-Za-z0-9_-]+$",
}
_TOOL_NAME: JsonSchema = {
    "title": "the name of a tool: letters, digits, `_` and `-`",
    "type": "string",
    "pattern": r"^[A-Za-z0-9_-]{1,128}$",
}
_CACHE_CONTROL: JsonSchema = {
    "title": "a mapping such as {type: ephemeral}",
    "description": "Where the service may cache what stands before.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": ["ephemeral"]},
        "ttl": {"type": "string", "enum": ["5m", "1h"]},
    },
    "required": ["type"],
    "additionalProperties": False,
}
_CITATIONS: JsonSchema = {
    "title": "a mapping such as {enabled: true}",
    "type": "object",
    "properties": {"enabled": {"type": "boolean"}},
    "required": ["enabled"],
    "additionalProperties": False,
}
_RESULT_CONTENT: JsonSchema = {
    "anyOf": [
        {"title": "text", "type": "string"},
        {
            "title": "a list of content blocks",
            "type": "array",
            "items": {
                "$ref": "#/$defs/block",
                "not": {
                    "title": "blocks of this type do not belong inside others",
                    "description": "use text, images and documents there",
                    **has_type(*ASSISTANT_BLOCKS, *USER_BLOCKS),
                },
            },
            "minItems": 1,
        },
    ]
}

FILE = {
    "title": "{file: …}",
    "type": "object",
    "properties": {"file": {"type": "string", "minLength": 1}},
    "required": ["file"],
    "additionalProperties": False,
}


class _BlockFields(NamedTuple):
    required: list[str]
    properties: JsonSchema


_BLOCKS: Mapping[str, _BlockFields] = {
    "text": _BlockFields(["text"], {"text": TEXT, "citations": _ANY_LIST}),
    "image": _BlockFields(["source"], {"source": {"$ref": "#/$defs/image_source"}}),
    "document": _BlockFields(
        ["source"],
        {
            "source": {"$ref": "#/$defs/document_source"},
            "title": TEXT,
            "context": TEXT,
            "citations": _CITATIONS,
        },
    ),
    "file": _BlockFields(["source"], {"source": {"$ref": "#/$defs/source"}}),
    "file_data": _BlockFields(
        ["media_type", "data"], {"media_type": _ANY_MEDIA_TYPE, "data": _DATA}
    ),
    "tool_use": _BlockFields(
        ["id", "name", "input"], {"id": _CALL_ID, "name": _TOOL_NAME, "input": {"type": "object"}}
    ),
    "tool_result": _BlockFields(
        [],
        {
            "tool_use_id": _CALL_ID,
            "name": _TOOL_NAME,
            "content": _RESULT_CONTENT,
            "is_error": {"type": "boolean"},
        },
    ),
    "thinking": _BlockFields(
        ["thinking", "signature"],
        {"thinking": {"title": "text", "type": "string"}, "signature": TEXT},
    ),
    "redacted_thinking": _BlockFields(["data"], {"data": _DATA}),
}


def block_definitions() -> JsonSchema:
    """Return what the `$defs` of the suite schema hold about content blocks."""
    return {
        "source": _source((*DOCUMENT_TYPES, *IMAGE_TYPES)),
        "image_source": _source(IMAGE_TYPES),
        "document_source": _source(DOCUMENT_TYPES, "text", "content"),
        "block": _block(),
        "text_block": _text_block(),
        "tool_results": _tool_results(),
    }


def block_keys(kind: str) -> frozenset[str]:
    """Return the keys of blocks of a type that the schema names."""
    marks = () if kind in _UNMARKED else ("cache_control",)
    return frozenset({"type", *marks, *_BLOCKS[kind].properties})


def _block() -> JsonSchema:
    of_types = [
        {"if": has_type(kind), "then": {"required": required, "properties": properties}}
        for kind, (required, properties) in _BLOCKS.items()
    ]
    one_of_two = {"oneOf": [{"required": ["tool_use_id"]}, {"required": ["name"]}]}
    return {
        "title": "a content block",
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": list(_BLOCKS)},
            "cache_control": _CACHE_CONTROL,
        },
        "required": ["type"],
        # keys that are not named here are let through: the API gets new ones
        "allOf": [*of_types, {"if": has_type("tool_result"), "then": one_of_two}],
    }


def _tool_results() -> JsonSchema:
    mapping = {
        "title": "a mapping with content and is_error",
        "type": "object",
        "properties": {"content": _RESULT_CONTENT, "is_error": {"type": "boolean"}},
        "required": ["content"],
        "additionalProperties": False,
    }
    return {
        "description": "What tools return, by their names: it answers the calls of the reply.",
        "type": "object",
        "propertyNames": _TOOL_NAME,
        "additionalProperties": {"anyOf": [*_RESULT_CONTENT["anyOf"], mapping, FILE]},
        "minProperties": 1,
    }


def _text_block() -> JsonSchema:
    return {
        "title": "a text block",
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["text"]},
            "text": TEXT,
            "cache_control": _CACHE_CONTROL,
        },
        "required": ["type", "text"],
    }


def _source(media_types: tuple[str, ...], *more_kinds: str) -> JsonSchema:
    media_type = {"type": "string", "enum": list(media_types)}
    url = {"title": "an http(s) URL", "type": "string", "pattern": r"^https?://|\{\{"}
    rules = {
        "base64": _when(
            "type", "base64", ["media_type", "data"], media_type=media_type, data=_DATA
        ),
        "url": _when("type", "url", ["url"], url=url),
        "path": _when("type", "path", ["path"], path=_DATA, media_type=media_type),
        "text": _when(
            "type", "text", ["data"], data=TEXT, media_type={"type": "string", "enum": _PLAIN}
        ),
        "content": _when("type", "content", ["content"], content=_RESULT_CONTENT),
    }
    kinds = ["base64", "url", "path", *more_kinds]
    return {
        "type": "object",
        "properties": {"type": {"type": "string", "enum": kinds}},
        "required": ["type"],
        "allOf": [rules[kind] for kind in kinds],
    }


def _when(key: str, value: str, required: list[str], **properties: Any) -> JsonSchema:
    """Return a rule on the keys of a mapping that has `key: value`."""
    return {
        "if": {"properties": {key: {"const": value}}, "required": [key]},
        "then": {
            "required": required,
            "properties": properties,
            "propertyNames": {"enum": [key, *properties]},
        },
    }
