"""The rules file of the simulator: its schema, and from its data to rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.simulator.rules import Fault, Rule, Rules

_SECONDS = {"type": "number", "minimum": 0}
_REPLIES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_CALL = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"name": {"type": "string", "minLength": 1}, "input": {"type": "object"}},
    "required": ["name"],
}
RULES_SCHEMA: dict[str, Any] = {
    "title": "Rules of the simulator",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "seed": {"type": "integer"},
        "latency": _SECONDS,
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "model": {"type": "string"},
                    "system": {"type": "string"},
                    "text": {"type": "string"},
                    "replies": _REPLIES,
                    "lookup": {"type": "object", "additionalProperties": {"type": "string"}},
                    "calls": {"type": "array", "items": _CALL, "minItems": 1},
                    "latency": _SECONDS,
                    "pace": _SECONDS,
                    "stop_reason": {"type": "string"},
                    "fault": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "status": {"type": "integer", "minimum": 400, "maximum": 599},
                            "message": {"type": "string"},
                            "retry_after": _SECONDS,
                            "cut_after": {"type": "integer", "minimum": 0},
                            "stall": _SECONDS,
                            "task": {"type": "string", "enum": ["failed"]},
                            "times": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    },
}


def rules_from(data: Mapping[str, Any], *, latency: float | None = None) -> Rules:
    """Return the rules of a file whose data has been checked against the schema.

    Args:
        data: The data of the file.
        latency: Seconds before each reply, instead of those in the file.

    Raises:
        re.error: A pattern is not a regular expression.
    """
    rules = [_rule(rule) for rule in data.get("rules", [])]
    default_latency = data.get("latency", 0.0) if latency is None else latency
    return Rules(rules, seed=data.get("seed", 0), latency=default_latency)


def _rule(data: Mapping[str, Any]) -> Rule:
    fault = None
    if "fault" in data:
        fields = dict(data["fault"])
        fault = Fault(fails_task=fields.pop("task", None) == "failed", **fields)
    return Rule(
        model=_pattern(data, "model"),
        system=_pattern(data, "system"),
        text=_pattern(data, "text"),
        replies=data.get("replies", ()),
        lookup=data.get("lookup", {}),
        calls=data.get("calls", ()),
        latency=data.get("latency"),
        pace=data.get("pace", 0.0),
        stop_reason=data.get("stop_reason"),
        fault=fault,
    )


def _pattern(data: Mapping[str, Any], name: str) -> re.Pattern[str] | None:
    return re.compile(data[name]) if name in data else None
