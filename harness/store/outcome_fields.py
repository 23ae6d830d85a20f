"""Checks that the line of an outcome has the fields that everything which reads it relies on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

_NUMBER = (int, float)
_OPTIONAL = type(None)
_FIELDS: Mapping[str, tuple[type, ...]] = {
    "index": (int,),
    "id": (str,),
    "suite": (str,),
    "case": (str,),
    "variant": (str,),
    "repeat": (int,),
    "repeats": (int,),
    "pass_rate": _NUMBER,
    "path": (str,),
    "line": (int,),
    "tags": (list,),
    "outcome": (str,),
    "score": (*_NUMBER, _OPTIONAL),
    "threshold": (*_NUMBER, _OPTIONAL),
    "xfail": (str, _OPTIONAL),
    "skip": (str, _OPTIONAL),
    "request": (dict, _OPTIONAL),
    "reply": (dict, _OPTIONAL),
    "earlier_replies": (list,),
    "error": (dict, _OPTIONAL),
    "attempts": (list,),
    "timings": (dict,),
    "usage": (dict,),
    "cost": (*_NUMBER, _OPTIONAL),
    "verdicts": (list,),
    "fingerprints": (dict,),
}
_OUTCOMES = frozenset({"passed", "failed", "errored", "skipped", "unjudged"})
_values = itemgetter(*_FIELDS)


class OutcomeFields:
    """Checks outcomes; most have the same types, which are looked at once."""

    def __init__(self) -> None:
        self._accepted: set[tuple[type, ...]] = set()

    def problem_in(self, record: Mapping[str, Any]) -> str | None:
        """Return what is wrong with an outcome; None if it can be read."""
        try:
            tokens = record["usage"]["output_tokens"]
            types = (*map(type, _values(record)), type(record.get("group")), type(tokens))
            reply = record["reply"]
            has_message = reply is None or "message" in reply
            if has_message and record["outcome"] in _OUTCOMES and types in self._accepted:
                return None
        except (KeyError, TypeError):  # one is missing, or no outcome is a list
            types = ()
        problem = _problem_in(record)
        if problem is None:
            self._accepted.add(types)
        return problem


def _problem_in(record: Mapping[str, Any]) -> str | None:
    for name, types in _FIELDS.items():
        if name not in record:
            return f"`{name}` is missing"
        if type(record[name]) not in types:
            return f"its `{name}` is {_shown(record[name])}"
    if record["outcome"] not in _OUTCOMES:
        return f"its `outcome` is {_shown(record['outcome'])}"
    if type(record.get("group")) not in _OPTIONAL_TEXT:
        return f"its `group` is {_shown(record['group'])}"
    for reply in (*record["earlier_replies"], record["reply"]):
        if reply is not None and not isinstance(_message(reply), dict):
            return "a reply of it has no message"
    return next(_inside("usage", record["usage"], _USAGE_FIELDS), None)


def _message(reply: Any) -> Any:
    return reply.get("message") if isinstance(reply, dict) else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


_TEXT, _WHOLE, _OPTIONAL_TEXT = (str,), (int,), (str, _OPTIONAL)
_REPLY_FIELDS: Mapping[str, tuple[type, ...]] = {
    "message": (dict,), "text": _TEXT, "delivery": _TEXT, "latency": _NUMBER, "origin": _TEXT,
    "first_token": (*_NUMBER, _OPTIONAL), "cost": (*_NUMBER, _OPTIONAL), "key": _TEXT,
}  # fmt: skip
_VERDICT_FIELDS: Mapping[str, tuple[type, ...]] = {
    "assertion": _TEXT, "name": _OPTIONAL_TEXT, "passed": (bool,), "score": _NUMBER,
    "reason": _TEXT, "expected": _OPTIONAL_TEXT, "actual": _OPTIONAL_TEXT,
    "error": _OPTIONAL_TEXT, "left_out": (bool,), "weight": _NUMBER, "severity": _TEXT,
    "metric": _OPTIONAL_TEXT, "turn": _WHOLE, "line": _WHOLE, "column": _WHOLE,
}  # fmt: skip
_USAGE_FIELDS: Mapping[str, tuple[type, ...]] = {
    "input_tokens": (int, _OPTIONAL), "output_tokens": (int, _OPTIONAL),
}  # fmt: skip


def deep_problem_in(record: Mapping[str, Any]) -> str | None:
    """Return what is wrong with an outcome or with what is inside it; None if nothing is."""
    return next(_deep_problems(record), None)


def _deep_problems(record: Mapping[str, Any]) -> Iterator[str]:
    problem = _problem_in(record)
    if problem is not None:
        yield problem
        return
    names = dict.fromkeys(record["fingerprints"], _OPTIONAL_TEXT)
    yield from _inside("fingerprints", record["fingerprints"], names)
    for tag in record["tags"]:
        if type(tag) is not str:
            yield f"a tag of it is {_shown(tag)}"
    for reply in (*record["earlier_replies"], record["reply"]):
        if reply is not None:
            yield from _inside("reply", reply, _REPLY_FIELDS)
    for verdict in record["verdicts"]:
        yield from _inside("verdicts", verdict, _VERDICT_FIELDS)
        metrics = verdict.get("metrics", {}) if isinstance(verdict, dict) else {}
        yield from _inside("metrics", metrics, dict.fromkeys(metrics, _NUMBER))


def _inside(name: str, value: Any, fields: Mapping[str, tuple[type, ...]]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"its `{name}` has {_shown(value)}"
        return
    for key, types in fields.items():
        if key not in value:
            yield f"`{key}` is missing in its `{name}`"
        elif type(value[key]) not in types:
            yield f"`{key}` in its `{name}` is {_shown(value[key])}"
