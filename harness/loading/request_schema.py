"""The part of the suite schema that describes requests: fields, messages, content blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.assertions.parameters import JsonSchema
from harness.loading.block_schema import FILE, TEXT, block_definitions, has_type
from harness.model.blocks import ASSISTANT_BLOCKS, USER_BLOCKS
from harness.model.request_ranges import API_RANGES, NOT_BLANK, RequestRanges

MESSAGES: JsonSchema = {
    "description": "The messages, as in the API.",
    "type": "array",
    "items": {"$ref": "#/$defs/message"},
    "minItems": 1,
}


def request_definitions(ranges: RequestRanges = API_RANGES) -> JsonSchema:
    """Return what the `$defs` of the suite schema hold about requests."""
    return {
        **block_definitions(),
        "text": _text(),
        "message": _message(),
        "messages": MESSAGES,
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
                FILE,
            ],
        },
        "tools": {
            "description": "The tools that the model may call.",
            "type": "array",
            "minItems": 1,
            "items": {
                "title": "a tool: a mapping with `name` and `input_schema`",
                "type": "object",
                "properties": {"name": {"title": "the name of a tool", "type": "string"}},
                "required": ["name"],
            },
        },
        "tool_choice": {
            "description": "Which of the tools must be called: {type: auto}, any, tool or none.",
            "type": "object",
            "properties": {"type": {"type": "string"}},
            "required": ["type"],
        },
        "thinking": {
            "description": "Whether the model thinks first: {type: enabled, budget_tokens: 2048}.",
            "type": "object",
            "properties": {"type": {"type": "string"}},
            "required": ["type"],
        },
        "output_config": {
            "description": "How the model replies: {effort: low}, or a format.",
            "type": "object",
        },
        "metadata": {"description": "About the request: {user_id: …}.", "type": "object"},
        "service_tier": {"description": "Such as `auto`.", "type": "string", "minLength": 1},
        "stream": {"description": "Deliver the reply as a stream.", "type": "boolean"},
        "async": {"description": "Deliver the reply as a task to look up.", "type": "boolean"},
    }


# fields that `extra` must not smuggle past their checks
_CHECKED = (
    "model", "max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "system", "stream",
    "async",
)  # fmt: skip


def _request(ranges: RequestRanges) -> JsonSchema:
    extra = {
        "description": "Other fields, passed through unchecked.",
        "type": "object",
        "propertyNames": {"not": {"enum": [*_CHECKED, "messages"]}},
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
                    FILE,
                ]
            },
        },
        required=["role", "content"],
        allOf=[
            _without("user", ASSISTANT_BLOCKS),
            _without("assistant", USER_BLOCKS),
        ],
    )


def _without(role: str, kinds: Sequence[str]) -> JsonSchema:
    """Return a rule that messages of a role have no blocks of some types."""
    other = "assistant" if role == "user" else "user"
    refused = {
        "title": f"blocks of this type do not belong in a message of `role: {role}`",
        "description": f"write them in a message of `role: {other}`",
        **has_type(*kinds),
    }
    return {
        "if": {"properties": {"role": {"const": role}}, "required": ["role"]},
        "then": {"properties": {"content": {"items": {"not": refused}}}},
    }


def _text() -> JsonSchema:
    return {"description": "A template.", "anyOf": [TEXT, FILE]}


def closed(properties: JsonSchema, **more: Any) -> JsonSchema:
    """Return the schema of a mapping without other keys."""
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}
