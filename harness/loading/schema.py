"""The shape of a suite as JSON Schema, put together with what the registered assertions take."""

from __future__ import annotations

from typing import Any

from harness.assertions.expectation_schema import MODIFIERS, expectation_schema
from harness.assertions.parameters import JsonSchema
from harness.assertions.registry import AssertionRegistry
from harness.model.media import DOCUMENT_TYPES, IMAGE_TYPES

MAX_REPEAT = 100_000
SLUG = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
VARIABLE_NAME = "^[A-Za-z_][A-Za-z0-9_]*$"

_ABOUT_FILE = {
    "title": "{file: …}",
    "type": "object",
    "properties": {"file": {"type": "string", "minLength": 1}},
    "required": ["file"],
    "additionalProperties": False,
}
_RATE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
_TAGS = {
    "description": "Words to select by.",
    "type": "array",
    "items": {"title": "a word", "type": "string", "pattern": r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"},
}
_VARS = {
    "description": "Variables of the templates.",
    "type": "object",
    "propertyNames": {
        "title": "a name of letters, digits and _",
        "pattern": VARIABLE_NAME,
    },
}
_REPEAT = {
    "description": "Trials per case and variant.",
    "type": "integer",
    "minimum": 1,
    "maximum": MAX_REPEAT,
}


_METRICS: JsonSchema = {
    "description": "Values computed from metrics: `precision: tp.sum / (tp.sum + fp.sum)`.",
    "type": "object",
    "propertyNames": {"title": "a name of letters, digits and `_`", "pattern": r"^[A-Za-z_]\w*$"},
    "additionalProperties": {
        "anyOf": [
            {"title": "an expression", "type": "string", "minLength": 1},
            {
                "title": "a mapping with value, min and max",
                "type": "object",
                "properties": {
                    "value": {"title": "an expression", "type": "string", "minLength": 1},
                    "min": {"type": "number"},
                    "max": {"type": "number"},
                },
                "required": ["value"],
                "additionalProperties": False,
            },
        ]
    },
    "minProperties": 1,
}


def suite_schema(registry: AssertionRegistry) -> JsonSchema:
    """Return the schema of a suite file, with `$defs`, as it is published for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://raw.githubusercontent.com/prompt-harness/harness/main/schemas/suite.schema.json",
        "title": "A suite of prompt tests",
        "$ref": "#/$defs/suite",
        "$defs": {
            "expectation": expectation_schema(registry),
            "expectations": {
                "title": "a list of expectations",
                "description": "What the reply must be like.",
                "type": "array",
                "items": {"$ref": "#/$defs/expectation"},
            },
            "source": _source((*DOCUMENT_TYPES, *IMAGE_TYPES)),
            "image_source": _source(IMAGE_TYPES),
            "document_source": _source(DOCUMENT_TYPES),
            "block": _block(),
            "text_block": _text_block(),
            "text": _text("text", "A template."),
            "message": _message(),
            "messages": {
                "description": "The messages as the API has them.",
                "type": "array",
                "items": {"$ref": "#/$defs/message"},
                "minItems": 1,
            },
            "request": _request(),
            "turn": _turn(),
            "case": _case(),
            "suite": _suite(),
        },
    }


def inlined(schema: JsonSchema) -> JsonSchema:
    """Return the schema with every `$ref` replaced by what it refers to, which checks faster.

    A definition that holds itself is replaced once, and stays among the `$defs` for what is inside.
    """
    definitions = schema["$defs"]
    recursive: set[str] = set()

    def resolve(part: Any, inside: frozenset[str]) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                name = part["$ref"].rpartition("/")[2]
                if name in inside:
                    recursive.add(name)
                    return part
                siblings = {key: value for key, value in part.items() if key != "$ref"}
                return {**resolve(definitions[name], inside | {name}), **siblings}
            return {key: resolve(value, inside) for key, value in part.items()}
        return [resolve(item, inside) for item in part] if isinstance(part, list) else part

    root = {key: value for key, value in schema.items() if key not in {"$defs", "$schema", "$id"}}
    resolved: JsonSchema = resolve(root, frozenset())
    kept = {name: resolve(definitions[name], frozenset({name})) for name in sorted(recursive)}
    return {**resolved, "$defs": kept} if kept else resolved


def _closed(properties: JsonSchema, **more: Any) -> JsonSchema:
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def _text(title: str, description: str) -> JsonSchema:
    text = {"title": title, "type": "string", "minLength": 1}
    return {"description": description, "anyOf": [text, _ABOUT_FILE]}


def _when(key: str, value: str, required: list[str], **properties: Any) -> JsonSchema:
    """Say which keys go with `key: value`, and how they look."""
    return {
        "if": {"properties": {key: {"const": value}}, "required": [key]},
        "then": {
            "required": required,
            "properties": properties,
            "propertyNames": {"enum": [key, *properties]},
        },
    }


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


def _text_block() -> JsonSchema:
    return _closed(
        {
            "type": {"type": "string", "enum": ["text"]},
            "text": {"title": "text", "type": "string", "minLength": 1},
        },
        title="a text block",
        required=["type", "text"],
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


def _message() -> JsonSchema:
    return _closed(
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
                    _ABOUT_FILE,
                ]
            },
        },
        required=["role", "content"],
    )


def _request_fields() -> JsonSchema:
    return {
        "model": {
            "title": "the name of a model; templates are not rendered here",
            "type": "string",
            "pattern": r"^[^\s{}]+$",
        },
        "max_tokens": {
            "description": "The most tokens a reply may have; 4096 without it.",
            "type": "integer",
            "minimum": 1,
            "maximum": 32000,
        },
        "temperature": {"type": "number", "minimum": 0, "maximum": 1},
        "top_p": {"type": "number", "minimum": 0, "maximum": 1},
        "top_k": {"type": "integer", "minimum": 1},
        "stop_sequences": {
            "type": "array",
            "items": {
                "title": "a text with a character that is not white space",
                "type": "string",
                "pattern": r"\S",
            },
        },
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
                _ABOUT_FILE,
            ],
        },
        "stream": {"description": "Deliver the reply as a stream.", "type": "boolean"},
        "async": {"description": "Deliver the reply as a task to look up.", "type": "boolean"},
    }


def _request() -> JsonSchema:
    extra = {
        "description": "Other fields, passed through unchecked.",
        "type": "object",
        "propertyNames": {"not": {"enum": [*_request_fields(), "messages"]}},
    }
    return _closed(
        {**_request_fields(), "extra": extra},
        description="The body of the API call, without messages.",
        **{
            "not": {
                "title": "`stream` and `async` exclude each other",
                "description": "keep one of the two",
                "properties": {"stream": {"const": True}, "async": {"const": True}},
                "required": ["stream", "async"],
            }
        },
    )


def _turn() -> JsonSchema:
    return _closed(
        {
            "prompt": {"$ref": "#/$defs/text"},
            "messages": {"$ref": "#/$defs/messages"},
            "assert": {"$ref": "#/$defs/expectations"},
        },
        oneOf=[{"required": ["prompt"]}, {"required": ["messages"]}],
    )


def _case() -> JsonSchema:
    return _closed(
        {
            "id": {
                "description": "Unique in the suite; with a dataset a template over its columns.",
                "title": "letters, digits, `.`, `_` and `-`, at most 100",
                "type": "string",
                "pattern": SLUG + r"|\{\{",
            },
            "description": {"type": "string"},
            "prompt": {"$ref": "#/$defs/text", "description": "One user message."},
            "messages": {"$ref": "#/$defs/messages"},
            "turns": {
                "description": "A conversation: each reply is kept before the next turn is sent.",
                "type": "array",
                "items": {"$ref": "#/$defs/turn"},
                "minItems": 1,
            },
            "dataset": {
                "description": "A csv, tsv, jsonl, json or yaml file; a case for each row.",
                "type": "string",
                "minLength": 1,
            },
            "request": {"$ref": "#/$defs/request"},
            "vars": _VARS,
            "assert": {"$ref": "#/$defs/expectations"},
            "transform": MODIFIERS["transform"],
            "threshold": {
                "description": "The score from which a trial passes.",
                "type": "number",
                "minimum": 0,
                "maximum": 1,
            },
            "repeat": _REPEAT,
            "pass_rate": {"description": "The share of repeats that must pass.", **_RATE},
            "tags": _TAGS,
            "skip": {"description": "Why it does not run.", "type": "string", "minLength": 1},
            "xfail": {"description": "Why it may fail.", "type": "string", "minLength": 1},
        },
        required=["id"],
        oneOf=[{"required": ["prompt"]}, {"required": ["messages"]}, {"required": ["turns"]}],
    )


def _suite() -> JsonSchema:
    axes = {
        name: {"type": "array", "items": field, "minItems": 1}
        for name, field in _request_fields().items()
    }
    vars_axis = {
        "description": "Variables to vary.",
        "type": "object",
        "propertyNames": _VARS["propertyNames"],
        "additionalProperties": {"type": "array", "minItems": 1},
    }
    variant = _closed({"request": {"$ref": "#/$defs/request"}, "vars": _VARS})
    slug = {"title": "letters, digits, `.`, `_` and `-`, at most 100", "pattern": SLUG}
    return _closed(
        {
            "suite": {"description": "The suite's name.", "type": "string", **slug},
            "description": {"type": "string"},
            "tags": _TAGS,
            "vars": _VARS,
            "request": {"$ref": "#/$defs/request"},
            "matrix": _closed(
                {**axes, "vars": vars_axis},
                description="Every combination is a variant.",
                minProperties=1,
            ),
            "variants": {
                "description": "Named variants, multiplied with the matrix.",
                "type": "object",
                "propertyNames": slug,
                "additionalProperties": variant,
                "minProperties": 1,
            },
            "repeat": _REPEAT,
            "pass_rate": {"description": "The share of a case's repeats that must pass.", **_RATE},
            "assert": {"$ref": "#/$defs/expectations"},
            "metrics": _METRICS,
            "judge": _closed(
                {
                    "model": {"title": "a model", "type": "string", "minLength": 1},
                    "max_tokens": {"type": "integer", "minimum": 1, "maximum": 32000},
                    "temperature": {"type": "number", "minimum": 0, "maximum": 1},
                    "prompt": {"$ref": "#/$defs/text"},
                },
                description="Who judges this suite, where it is not the judge of the settings.",
                minProperties=1,
            ),
            "cases": {"type": "array", "items": {"$ref": "#/$defs/case"}, "minItems": 1},
        },
        required=["suite", "cases"],
    )
