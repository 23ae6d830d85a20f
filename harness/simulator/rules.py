"""What the simulator answers: rules over model, system prompt and last user text."""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.simulator.content import describe_attachments, last_user_text, system_text

_MOST_REMEMBERED = 100_000
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

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


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong on purpose.

    Attributes:
        status: Answer with this HTTP status.
        cut_after: Hang up after so many events of a stream.
        stall: Say nothing for so many seconds, before the reply or, in a stream, in its middle.
        fails_task: Let the task fail.
        times: How many equal requests it hits before they succeed; 0 is all of them.
    """

    status: int | None = None
    message: str = "the simulator was told to fail"
    retry_after: float | None = None
    cut_after: int | None = None
    stall: float = 0.0
    fails_task: bool = False
    times: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A reply for the requests that all its patterns are found in.

    Attributes:
        calls: The tools it calls, each with `name` and `input`.
    """

    model: re.Pattern[str] | None = None
    system: re.Pattern[str] | None = None
    text: re.Pattern[str] | None = None
    replies: Sequence[str] = ()
    lookup: Mapping[str, str] = field(default_factory=dict)
    calls: Sequence[Mapping[str, Any]] = ()
    latency: float | None = None
    pace: float = 0.0
    stop_reason: str | None = None
    fault: Fault | None = None

    def match(self, model: str, system: str, text: str) -> re.Match[str] | None:
        """Return the match of the text if the rule fits, or None."""
        if self.model is not None and not self.model.search(model):
            return None
        if self.system is not None and not self.system.search(system):
            return None
        return (self.text or _ANYTHING).search(text)


_ANYTHING = re.compile("")


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """What to send back, and how; `name` is the same whenever the same is sent."""

    text: str
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None
    latency: float = 0.0
    pace: float = 0.0
    fault: Fault | None = None
    name: str = ""
    calls: Sequence[Mapping[str, Any]] = ()


class Rules:
    """Chooses replies. Equal requests draw one after the other, so a run can be made again.

    With several candidate replies the first is the likeliest; the others come the more often the
    higher the temperature: the weight of the n-th is exp(-n / 2T).
    """

    def __init__(self, rules: Sequence[Rule] = (), *, seed: int = 0, latency: float = 0.0) -> None:
        self._rules, self._seed, self._latency = rules, seed, latency
        self._seen: OrderedDict[str, int] = OrderedDict()

    @classmethod
    def from_data(cls, data: Mapping[str, Any], *, latency: float | None = None) -> Rules:
        """Return the rules of a rules file whose shape has been checked.

        Raises:
            re.error: A pattern is none.
        """
        rules = [_rule(rule) for rule in data.get("rules", [])]
        standard = data.get("latency", 0.0) if latency is None else latency
        return cls(rules, seed=data.get("seed", 0), latency=standard)

    def answer(self, body: Mapping[str, Any], draw: str | None = None) -> ScriptedReply:
        """Return the answer to a request that has been checked.

        Args:
            body: The request.
            draw: Tells the same request apart, so that each gets its own reply, and the same one
                again; None counts them.
        """
        text = last_user_text(body)
        for rule in self._rules:
            found = rule.match(body["model"], system_text(body), text)
            if found is not None and self._knows(rule, found):
                return self._answer(rule, found, body, draw)
        return self._answer(Rule(), _ANYTHING.search(text), body, draw)

    def _knows(self, rule: Rule, found: re.Match[str]) -> bool:
        return not rule.lookup or bool(rule.replies) or _looked_up(found) in rule.lookup

    def _answer(
        self, rule: Rule, found: re.Match[str] | None, body: Mapping[str, Any], draw: str | None
    ) -> ScriptedReply:
        key = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        number = self._count(key)
        fault = rule.fault
        if fault is not None and fault.times:
            if number >= fault.times:
                number, fault = number - fault.times, None
            elif fault.status is not None:
                return ScriptedReply("", fault=fault)
        name = f"{self._seed}:{key}:{number if draw is None else draw}"
        text = self._text(rule, found, body, name)
        text, stop_reason, stop_sequence = _stopped(text, body)
        latency = self._latency if rule.latency is None else rule.latency
        reason = rule.stop_reason or ("tool_use" if rule.calls else stop_reason)
        return ScriptedReply(
            text, reason, stop_sequence, latency, rule.pace, fault, name, rule.calls
        )

    def _text(
        self, rule: Rule, found: re.Match[str] | None, body: Mapping[str, Any], draw: str
    ) -> str:
        known = rule.lookup.get(_looked_up(found)) if found is not None else None
        standard = "" if rule.calls else _STANDARD_REPLY
        candidates = [known] if known is not None else rule.replies or [standard]
        generator = random.Random(draw)  # noqa: S311  # a reply is no secret
        chosen = _chosen(candidates, float(body.get("temperature", 1.0)), generator)
        return _filled(chosen, found, body)

    def _count(self, key: str) -> int:
        number = self._seen.get(key, 0)
        self._seen[key] = number + 1
        self._seen.move_to_end(key)
        if len(self._seen) > _MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return number


_STANDARD_REPLY = "This is the simulator. You wrote {length} characters{attachments}."


def _rule(data: Mapping[str, Any]) -> Rule:
    fault = None
    if "fault" in data:
        told = dict(data["fault"])
        fault = Fault(fails_task=told.pop("task", None) == "failed", **told)
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


def _looked_up(found: re.Match[str]) -> str:
    return found[1] if found.re.groups else found[0]


def _chosen(candidates: Sequence[str], temperature: float, generator: random.Random) -> str:
    if temperature <= 0 or len(candidates) == 1:
        return candidates[0]
    weights = [math.exp(-number / (2 * temperature)) for number in range(len(candidates))]
    return generator.choices(candidates, weights)[0]


def _filled(text: str, found: re.Match[str] | None, body: Mapping[str, Any]) -> str:
    """Put in `{1}` or `{name}` for a group of the pattern, `{attachments}`, `{length}`."""
    values: dict[str, str] = {"length": str(len(last_user_text(body)))}
    if found is not None:
        values |= {str(number): group or "" for number, group in enumerate(found.groups(), start=1)}
        values |= {name: group or "" for name, group in found.groupdict().items()}
    described = describe_attachments(body)
    values["attachments"] = f" and sent {described}" if described else ""
    return _PLACEHOLDER.sub(lambda place: values.get(place[1], place[0]), text)


def _stopped(text: str, body: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """Return the text as far as stop sequences and `max_tokens` let it go, and why it ended."""
    reason, sequence = "end_turn", None
    ends = [(text.find(each), each) for each in body.get("stop_sequences", []) if each in text]
    if ends:
        end, sequence = min(ends)
        text, reason = text[:end], "stop_sequence"
    most = body["max_tokens"] * 4
    if len(text) > most:
        return text[:most], "max_tokens", None
    return text, reason, sequence
