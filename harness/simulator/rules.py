"""Chooses the simulator's replies by rules over model, system prompt and last user text."""

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

from harness.simulator.content import (
    CHARACTERS_PER_TOKEN,
    describe_attachments,
    last_user_text,
    system_text,
    tools_called,
)

_MAX_REMEMBERED = 100_000
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong on purpose.

    Attributes:
        status: Answer with this HTTP status.
        cut_after: Close the connection after this number of stream events.
        stall: Seconds of silence before the reply or, in a stream, before its first content.
        fails_task: Whether the task fails.
        times: The number of equal requests that fail before they succeed; 0 fails all of them.
    """

    status: int | None = None
    message: str = "the simulator fails on purpose"
    retry_after: float | None = None
    cut_after: int | None = None
    stall: float = 0.0
    fails_task: bool = False
    times: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A reply for requests that match all of its patterns.

    Attributes:
        lookup: Replies by the text of the first group, or of the whole match without groups.
        calls: The tools to call, each with `name` and `input`.
        latency: Seconds before the reply; None for those of all rules.
        pace: Seconds between the pieces of a stream.
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
        """Return the match in the text if all patterns match, or else None."""
        if self.model is not None and not self.model.search(model):
            return None
        if self.system is not None and not self.system.search(system):
            return None
        return (self.text or _ANYTHING).search(text)


_ANYTHING = re.compile("")


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """What to send back, and how.

    Attributes:
        name: Identifies the reply; equal replies to equal requests have equal names.
    """

    text: str
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None
    latency: float = 0.0
    pace: float = 0.0
    fault: Fault | None = None
    name: str = ""
    calls: Sequence[Mapping[str, Any]] = ()


class Rules:
    """Chooses replies. They depend on the seed alone, so that a run can be repeated.

    Of several replies the first is the likeliest. The others come more often as the temperature T
    rises: the weight of the n-th, counted from 0, is exp(-n / 2T).
    """

    def __init__(self, rules: Sequence[Rule] = (), *, seed: int = 0, latency: float = 0.0) -> None:
        self._rules, self._seed, self._latency = rules, seed, latency
        self._seen: OrderedDict[str, int] = OrderedDict()

    def answer(self, body: Mapping[str, Any], draw: str | None = None) -> ScriptedReply:
        """Return the reply to a valid request.

        Args:
            body: The request.
            draw: Distinguishes equal requests, so that each draws its own reply and draws it again
                in the next run; None counts the requests.
        """
        text, called = last_user_text(body), tools_called(body)
        for rule in self._rules:
            match = rule.match(body["model"], system_text(body), text)
            # a tool that was called is not called again: a loop of calls and results would not end
            if rule.calls and called.issuperset(call["name"] for call in rule.calls):
                continue
            if match is not None and self._has_reply(rule, match):
                return self._answer(rule, match, body, draw)
        return self._answer(Rule(), _ANYTHING.search(text), body, draw)

    def _has_reply(self, rule: Rule, match: re.Match[str]) -> bool:
        return not rule.lookup or bool(rule.replies) or _lookup_key(match) in rule.lookup

    def _answer(
        self, rule: Rule, match: re.Match[str] | None, body: Mapping[str, Any], draw: str | None
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
        text = self._text(rule, match, body, name)
        text, stop_reason, stop_sequence = _stopped(text, body)
        latency = self._latency if rule.latency is None else rule.latency
        reason = rule.stop_reason or ("tool_use" if rule.calls else stop_reason)
        return ScriptedReply(
            text, reason, stop_sequence, latency, rule.pace, fault, name, rule.calls
        )

    def _text(
        self, rule: Rule, match: re.Match[str] | None, body: Mapping[str, Any], draw: str
    ) -> str:
        entry = rule.lookup.get(_lookup_key(match)) if match is not None else None
        default = "" if rule.calls else _DEFAULT_REPLY
        candidates = [entry] if entry is not None else rule.replies or [default]
        generator = random.Random(draw)  # noqa: S311  # replies are not secrets
        chosen = _chosen(candidates, float(body.get("temperature", 1.0)), generator)
        return _filled(chosen, match, body)

    def _count(self, key: str) -> int:
        number = self._seen.get(key, 0)
        self._seen[key] = number + 1
        self._seen.move_to_end(key)
        if len(self._seen) > _MAX_REMEMBERED:
            self._seen.popitem(last=False)
        return number


_DEFAULT_REPLY = "This is the simulator. You wrote {length} characters{attachments}."


def _lookup_key(match: re.Match[str]) -> str:
    return match[1] if match.re.groups else match[0]


def _chosen(candidates: Sequence[str], temperature: float, generator: random.Random) -> str:
    if temperature <= 0 or len(candidates) == 1:
        return candidates[0]
    weights = [math.exp(-number / (2 * temperature)) for number in range(len(candidates))]
    return generator.choices(candidates, weights)[0]


def _filled(text: str, match: re.Match[str] | None, body: Mapping[str, Any]) -> str:
    """Replace `{1}` or `{name}` (groups of the pattern), `{attachments}` and `{length}`."""
    values: dict[str, str] = {"length": str(len(last_user_text(body)))}
    if match is not None:
        values |= {str(number): group or "" for number, group in enumerate(match.groups(), start=1)}
        values |= {name: group or "" for name, group in match.groupdict().items()}
    described = describe_attachments(body)
    values["attachments"] = f" and sent {described}" if described else ""
    return _PLACEHOLDER.sub(lambda placeholder: values.get(placeholder[1], placeholder[0]), text)


def _stopped(text: str, body: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """Return the text up to a stop sequence or `max_tokens`, the stop reason and the sequence."""
    reason, sequence = "end_turn", None
    ends = [(text.find(end), end) for end in body.get("stop_sequences", []) if end in text]
    if ends:
        end, sequence = min(ends)
        text, reason = text[:end], "stop_sequence"
    max_length = body["max_tokens"] * CHARACTERS_PER_TOKEN
    if len(text) > max_length:
        return text[:max_length], "max_tokens", None
    return text, reason, sequence
