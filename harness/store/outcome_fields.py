"""Checks that the line of an outcome has the fields that everything which reads it relies on."""

from __future__ import annotations

from collections.abc import Mapping
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
            types = tuple(map(type, _values(record)))
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
    for reply in (*record["earlier_replies"], record["reply"]):
        if reply is not None and not isinstance(_message(reply), dict):
            return "a reply of it has no message"
    return None


def _message(reply: Any) -> Any:
    return reply.get("message") if isinstance(reply, dict) else None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
