"""The schema of suites, assembled from the schemas of requests and of registered assertions."""

from __future__ import annotations

from itertools import combinations

from harness.assertions.expectation_schema import MODIFIERS, WHEN, expectation_schema
from harness.assertions.parameters import JsonSchema
from harness.assertions.registry import AssertionRegistry
from harness.loading.request_schema import (
    MESSAGES,
    closed,
    max_tokens_schema,
    request_definitions,
    request_fields,
    temperature_schema,
)
from harness.model.request_ranges import API_RANGES, RequestRanges

MAX_REPEAT = 100_000
SLUG = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
VARIABLE_NAME = "^[A-Za-z_][A-Za-z0-9_]*$"

_RATE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
_TAGS = {
    "description": "Words to select cases by.",
    "type": "array",
    "items": {"title": "a word", "type": "string", "pattern": r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"},
}
_VARS = {
    "description": "Variables of the templates.",
    "type": "object",
    "propertyNames": {
        "title": "a name of letters, digits and `_`",
        "pattern": VARIABLE_NAME,
    },
}
_SLUG = {"title": "letters, digits, `.`, `_` and `-`, at most 100", "pattern": SLUG}
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


def suite_schema(registry: AssertionRegistry, ranges: RequestRanges = API_RANGES) -> JsonSchema:
    """Return the schema of a suite file, with `$defs`, as published for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://raw.githubusercontent.com/prompt-harness/harness/main/schemas/suite.schema.json",
        "title": "A suite of prompt tests",
        "$ref": "#/$defs/suite",
        "$defs": {
            "expectation": expectation_schema(registry),
            "expectations": {
                "title": "a list of expectations",
                "description": "What to check about the reply.",
                "type": "array",
                "items": {"$ref": "#/$defs/expectation"},
            },
            **request_definitions(ranges),
            "turn": _turn(),
            "case": _case(),
            "suite": _suite(ranges),
        },
    }


def _turn() -> JsonSchema:
    return closed(
        {
            "prompt": {"$ref": "#/$defs/text"},
            "messages": {"$ref": "#/$defs/messages"},
            "tool_results": {"$ref": "#/$defs/tool_results"},
            "assert": {"$ref": "#/$defs/expectations"},
        },
        oneOf=[
            {"required": ["prompt"]},
            {"required": ["messages"]},
            {"required": ["tool_results"]},
        ],
    )


def _case() -> JsonSchema:
    return closed(
        {
            "id": {
                "description": "Unique in the suite; with a dataset, a template over its columns.",
                "title": "letters, digits, `.`, `_` and `-`, at most 100",
                "type": "string",
                "pattern": SLUG + r"|\{\{",
            },
            "description": {"type": "string"},
            "prompt": {"$ref": "#/$defs/text", "description": "One user message."},
            "messages": {"$ref": "#/$defs/messages"},
            "output": {
                "description": "What the reply says, as a template; nothing is sent then.",
                "title": "text",
                "type": "string",
            },
            "turns": {
                "description": "A conversation; each reply is kept for the turns after it.",
                "type": "array",
                "items": {"$ref": "#/$defs/turn"},
                "minItems": 1,
            },
            "dataset": {
                "description": "csv, tsv, jsonl, json, yaml or xlsx files; each row is a case.",
                "anyOf": [
                    {"title": "a file or a pattern", "type": "string", "minLength": 1},
                    {
                        "title": "a list of files",
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "minLength": 1},
                    },
                ],
            },
            "delimiter": {
                "description": "What separates the cells of csv files, if it is no comma.",
                "title": "one character",
                "type": "string",
                "pattern": r"^[^\n\r\"]$",
            },
            "rows": {
                "description": "Rows written here; each is a case, its keys are variables.",
                "type": "array",
                "minItems": 1,
                "items": {"title": "a mapping", **_VARS},
            },
            "limit": {
                "description": "How many rows are used, from the first on.",
                "type": "integer",
                "minimum": 1,
            },
            "sample": closed(
                {
                    "n": {"type": "integer", "minimum": 1},
                    "seed": {"description": "Another seed, other rows.", "type": "integer"},
                },
                description="So many rows are drawn, the same ones each time.",
                required=["n"],
            ),
            "when": WHEN,
            "request": {"$ref": "#/$defs/request"},
            "vars": _VARS,
            "assert": {"$ref": "#/$defs/expectations"},
            "transform": MODIFIERS["transform"],
            "threshold": {
                "description": "The lowest score that passes a trial.",
                "type": "number",
                "minimum": 0,
                "maximum": 1,
            },
            "repeat": _REPEAT,
            "pass_rate": {"description": "The share of repeats that must pass.", **_RATE},
            "tags": _TAGS,
            "group": {
                "description": "What the case shares with others: a document, a conversation.",
                "title": "a text that is not blank",
                "type": "string",
                "pattern": r"\S",
            },
            "skip": {
                "description": "The reason why the case does not run.",
                "type": "string",
                "minLength": 1,
            },
            "xfail": {
                "description": "The reason why the case may fail.",
                "type": "string",
                "minLength": 1,
            },
        },
        allOf=[
            *_one_of("prompt", "messages", "turns"),
            *_one_of("dataset", "rows"),
            *_one_of("output", "turns"),
            *(_needs_rows(key) for key in ("limit", "sample")),
            _needs_dataset("delimiter"),
        ],
    )


def _needs_rows(key: str) -> JsonSchema:
    without = {"not": {"anyOf": [{"required": ["dataset"]}, {"required": ["rows"]}]}}
    return _refused(key, f"`{key}` is for cases with `dataset` or `rows`", without)


def _needs_dataset(key: str) -> JsonSchema:
    without = {"not": {"required": ["dataset"]}}
    return _refused(key, f"`{key}` is for cases with a `dataset`", without)


def _refused(key: str, title: str, without: JsonSchema) -> JsonSchema:
    forbidden = {"title": title, "description": "remove it", "type": "object"}
    return {"not": {**forbidden, "required": [key], **without}}


def _one_of(*keys: str) -> list[JsonSchema]:
    """Return the rule that a mapping has at most one of some keys."""
    return [
        {
            "not": {
                "title": f"`{one}` and `{other}` cannot be used together",
                "description": "keep one of the two",
                "type": "object",
                "required": [one, other],
            }
        }
        for one, other in combinations(keys, 2)
    ]


def _prompts() -> JsonSchema:
    file = {"type": "string", "minLength": 1}
    return {
        "description": "Prompts by name, each a variant, for the cases that have none.",
        "type": "object",
        "propertyNames": _SLUG,
        "minProperties": 1,
        "additionalProperties": {
            "anyOf": [
                {"title": "text", "type": "string", "minLength": 1},
                {
                    "title": "{file: …} or {files: …}",
                    **closed(
                        {
                            "file": file,
                            "split": {
                                "description": "The line that separates several prompts.",
                                "type": "string",
                                "pattern": r"\S",
                            },
                            "files": {"description": "A pattern: `prompts/*.md`.", **file},
                        },
                        oneOf=[{"required": ["file"]}, {"required": ["files"]}],
                        allOf=_one_of("files", "split"),
                    ),
                },
                {"title": "a list of messages", **MESSAGES},
            ]
        },
    }


def _suite(ranges: RequestRanges) -> JsonSchema:
    axes = {
        name: {"type": "array", "items": field, "minItems": 1}
        for name, field in request_fields(ranges).items()
    }
    vars_axis = {
        "description": "Variables to vary.",
        "type": "object",
        "propertyNames": _VARS["propertyNames"],
        "additionalProperties": {"type": "array", "minItems": 1},
    }
    variant = closed(
        {
            "prompt": {"$ref": "#/$defs/text"},
            "messages": {"$ref": "#/$defs/messages"},
            "request": {"$ref": "#/$defs/request"},
            "vars": _VARS,
        },
        allOf=_one_of("prompt", "messages"),
    )
    excluded = {name: {"description": "A value of this axis."} for name in axes}
    return closed(
        {
            "extends": {
                "description": "A file with what this suite has in common with others.",
                "title": "a path",
                "type": "string",
                "minLength": 1,
            },
            "suite": {"description": "The suite's name.", "type": "string", **_SLUG},
            "description": {"type": "string"},
            "tags": _TAGS,
            "vars": _VARS,
            "request": {"$ref": "#/$defs/request"},
            "prompt": {
                "$ref": "#/$defs/text",
                "description": "The user message of all cases that have no prompt of their own.",
            },
            "messages": {
                "$ref": "#/$defs/messages",
                "description": "The messages of all cases that have no prompt of their own.",
            },
            "prompts": _prompts(),
            "matrix": closed(
                {
                    **axes,
                    "vars": vars_axis,
                    "exclude": {
                        "description": "Combinations that are no variants.",
                        "type": "array",
                        "minItems": 1,
                        "items": closed(
                            {
                                **excluded,
                                "variant": {"description": "The name of a variant."},
                                "prompt": {"description": "The name of a prompt."},
                                "vars": {"type": "object", "minProperties": 1},
                            },
                            minProperties=1,
                        ),
                    },
                },
                description="Every combination is a variant.",
                minProperties=1,
            ),
            "variants": {
                "description": "Named variants, combined with the matrix.",
                "type": "object",
                "propertyNames": _SLUG,
                "additionalProperties": variant,
                "minProperties": 1,
            },
            "repeat": _REPEAT,
            "pass_rate": {"description": "The share of a case's repeats that must pass.", **_RATE},
            "assert": {"$ref": "#/$defs/expectations"},
            "metrics": _METRICS,
            "judge": closed(
                {
                    "model": {"title": "a model", "type": "string", "minLength": 1},
                    "max_tokens": max_tokens_schema(ranges),
                    "temperature": temperature_schema(ranges),
                    "prompt": {"$ref": "#/$defs/text"},
                },
                description="The judge of this suite, instead of the one in the settings.",
                minProperties=1,
            ),
            "cases": {"type": "array", "items": {"$ref": "#/$defs/case"}, "minItems": 1},
        },
        required=["suite", "cases"],
        allOf=_one_of("prompt", "messages", "prompts"),
    )
