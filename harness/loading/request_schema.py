"""The part of the suite schema that describes requests: fields, messages, content blocks."""

from __future__ import annotations

from typing import Any

from harness.assertions.parameters import JsonSchema
from harness.model.media import DOCUMENT_TYPES, IMAGE_TYPES
from harness.model.request_ranges import API_RANGES, NOT_BLANK, RequestRanges

_FILE = {
    "title": "{file: …}",
    "type": "object",
    "properties": {"file": {"type": "string", "minLength": 1}},
    "required": ["file"],
    "additionalProperties": False,
}


def request_definitions(ranges: RequestRanges = API_RANGES) -> JsonSchema:
    """Return what the `$defs` of the suite schema hold about requests."""
    return {
        "source": _source((*DOCUMENT_TYPES, *IMAGE_TYPES)),
        "image_source": _source(IMAGE_TYPES),
        "document_source": _source(DOCUMENT_TYPES),
        "block": _block(),
        "text_block": _text_block(),
        "text": _text(),
        "message": _message(),
        "messages": {
            "description": "The messages, as in the API.",
            "type": "array",
            "items": {"$ref": "#/$defs/message"},
            "minItems": 1,
        },
        "request": _request(ranges),
    }


def max_tokens_schema(ranges: RequestRanges) -> JsonSchema:
    """Return the schema of the most tokens that a reply may have."""
    return {"type": "integer", "minimum": 1, **_at_most(ranges.max_tokens)}


def temperature_schema(ranges: RequestRanges) -> JsonSchema:
    """Return the schema of a temperature."""
    most = ranges.temperature
    whole = int(most) if most is not None and most == int(most) else most
    return {"type": "number", "minimum": 0, **_at_most(whole)}


def _at_most(bound: float | None) -> JsonSchema:
    return {} if bound is None else {"maximum": bound}


def _stop_sequence(ranges: RequestRanges) -> JsonSchema:
    if ranges.blank_stop_sequences:
        return {"title": "text", "type": "string", "minLength": 1}
    return {"title": NOT_BLANK, "type": "string", "pattern": r"\S"}


def request_fields(ranges: RequestRanges = API_RANGES) -> JsonSchema:
    """Return the schemas of the fields that a request may set, by name."""
    return {
        "model": {
            "title": "the name of a model; templates are not rendered here",
            "type": "string",
            "pattern": r"^[^\s{}]+$",
        },
        "max_tokens": {
            "description": "The most tokens a reply may have; default 4096.",
            **max_tokens_schema(ranges),
        },
        "temperature": temperature_schema(ranges),
        "top_p": {"type": "number", "minimum": 0, "maximum": 1},
        "top_k": {"type": "integer", "minimum": ranges.top_k},
        "stop_sequences": {"type": "array", "items": _stop_sequence(ranges)},
        "system": {
            "description": "The system prompt: a template, text blocks, or {file: …}.",
            "anyOf": [
                {"title": "text", "type": "string"},
                {
                    "title": "a list of text blocks",
                    "type": "array",
                    "items": {"$ref": "#/$defs/text_block"},
                    "minItems": 1,
                },
                _FILE,
            ],
        },
        "stream": {"description": "Deliver the reply as a stream.", "type": "boolean"},
        "async": {"description": "Deliver the reply as a task to look up.", "type": "boolean"},
    }


def _request(ranges: RequestRanges) -> JsonSchema:
    extra = {
        "description": "Other fields, passed through unchecked.",
        "type": "object",
        "propertyNames": {"not": {"enum": [*request_fields(ranges), "messages"]}},
    }
    return closed(
        {**request_fields(ranges), "extra": extra},
        description="The body of the API call, without messages.",
        **{
            "not": {
                "title": "`stream` and `async` cannot be used together",
                "description": "keep one of the two",
                "properties": {"stream": {"const": True}, "async": {"const": True}},
                "required": ["stream", "async"],
            }
        },
    )


def _message() -> JsonSchema:
    return closed(
        {
            "role": {"type": "string", "enum": ["user", "assistant"]},
            "content": {
                "anyOf": [
                    {"title": "text", "type": "string"},
                    {
                        "title": "a list of content blocks",
                        "type": "array",
                        "items": {"$ref": "#/$defs/block"},
                        "minItems": 1,
                    },
                    _FILE,
                ]
            },
        },
        required=["role", "content"],
    )


def _block() -> JsonSchema:
    media_type = {"type": "string", "enum": [*DOCUMENT_TYPES, *IMAGE_TYPES]}
    data = {"type": "string", "minLength": 1}
    text = {"title": "text", "type": "string", "minLength": 1}
    kinds = ["text", "image", "document", "file", "file_data"]
    return {
        "title": "a content block",
        "type": "object",
        "properties": {"type": {"type": "string", "enum": kinds}},
        "required": ["type"],
        "allOf": [
            _when("type", "text", ["text"], text=text),
            _when("type", "image", ["source"], source={"$ref": "#/$defs/image_source"}),
            _when("type", "document", ["source"], source={"$ref": "#/$defs/document_source"}),
            _when("type", "file", ["source"], source={"$ref": "#/$defs/source"}),
            _when("type", "file_data", ["media_type", "data"], media_type=media_type, data=data),
        ],
    }


def _text_block() -> JsonSchema:
    return closed(
        {
            "type": {"type": "string", "enum": ["text"]},
            "text": {"title": "text", "type": "string", "minLength": 1},
        },
        title="a text block",
        required=["type", "text"],
    )


def _text() -> JsonSchema:
    text = {"title": "text", "type": "string", "minLength": 1}
    return {"description": "A template.", "anyOf": [text, _FILE]}


def _source(media_types: tuple[str, ...]) -> JsonSchema:
    media_type = {"type": "string", "enum": list(media_types)}
    return {
        "type": "object",
        "properties": {"type": {"type": "string", "enum": ["base64", "url", "path"]}},
        "required": ["type"],
        "allOf": [
            _when(
                "type",
                "base64",
                ["media_type", "data"],
                media_type=media_type,
                data={"type": "string", "minLength": 1},
            ),
            _when(
                "type",
                "url",
                ["url"],
                url={"title": "an http(s) URL", "type": "string", "pattern": r"^https?://|\{\{"},
            ),
            _when(
                "type",
                "path",
                ["path"],
                path={"type": "string", "minLength": 1},
                media_type=media_type,
            ),
        ],
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


def closed(properties: JsonSchema, **more: Any) -> JsonSchema:
    """Return the schema of a mapping without other keys."""
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}
