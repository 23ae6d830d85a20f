"""The details of a trial, for the page that shows it; long texts are kept once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from harness.model.record import OutcomeRecord, ReplyRecord, VerdictRecord
from harness.reporting.failures import first_reason, is_wrong
from harness.reporting.html.packing import ChunkWriter

REFERENCE = "$text"
SHORTEST = 256  # characters; a reference to a shorter text saves little
LONGEST_FILE = 256 * 1024 * 4 // 3  # characters of base64; larger attachments are only named
_PLAIN_VERDICT = {"severity": "error", "weight": 1.0, "turn": 1}


class SharedTexts:
    """Keeps each long text once and gives it a number."""

    def __init__(self, chunks: ChunkWriter) -> None:
        self._chunks = chunks
        self._numbers: dict[bytes, int] = {}

    def shrink(self, value: Any) -> Any:
        """Return a value with references instead of its long texts."""
        # By exact type: asking an abstract base class took an eighth of the time of a page, and
        # what was read from a run file has no other types.
        kind = type(value)
        if kind is str:
            return self._reference(value) if len(value) >= SHORTEST else value
        if kind is dict:
            return {key: self.shrink(item) for key, item in value.items()}
        if kind is list or kind is tuple:
            return [self.shrink(item) for item in value]
        return value

    def _reference(self, text: str) -> dict[str, int]:
        name = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = self._chunks.add(text)
        return {REFERENCE: number}


def detail_of(record: OutcomeRecord) -> dict[str, Any]:
    """Return what the page shows of a trial beside its row, without empty and usual values."""
    replies = [*record["earlier_replies"], *([record["reply"]] if record["reply"] else [])]
    detail = {
        "id": record["id"],
        "vars": record.get("vars"),
        "request": _without_large_files(record["request"]),
        "replies": [_reply(reply) for reply in replies],
        "error": record["error"],
        "attempts": [_without_nothing(attempt) for attempt in record["attempts"]],
        "timings": record["timings"],
        "usage": record["usage"],
        "score": record["score"],
        "threshold": record["threshold"],
        "xfail": record["xfail"],
        "skip": record["skip"],
        "reason": first_reason(record) if record["outcome"] in {"failed", "errored"} else None,
        "fingerprint": record["fingerprints"].get("request"),
        "verdicts": [_verdict(verdict) for verdict in record["verdicts"]],
    }
    return _without_nothing(detail)


def _verdict(verdict: VerdictRecord) -> dict[str, Any]:
    data = {
        key: value
        for key, value in verdict.items()
        if value is not None and value != "" and _PLAIN_VERDICT.get(key) != value
    }
    # whether a verdict decided against its trial depends on severity, weight and errors: the page
    # reads that here, as reports for a terminal do
    return {**data, "is_wrong": True} if is_wrong(verdict) else data


def _reply(reply: ReplyRecord) -> dict[str, Any]:
    names = ("message", "delivery", "latency", "first_token", "cost", "origin")
    return _without_nothing({name: reply[name] for name in names})  # type: ignore[literal-required]


def _without_nothing(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value not in (None, [], {})}


def _without_large_files(value: Any) -> Any:
    """Return a request in which large attachments are only named."""
    kind = type(value)  # exact, for speed, as in `SharedTexts`
    if kind is dict:
        data = value.get("data")
        if value.get("type") == "base64" and isinstance(data, str) and len(data) > LONGEST_FILE:
            return {**value, "data": None, "left_out": len(data) * 3 // 4}
        return {key: _without_large_files(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_without_large_files(item) for item in value]
    return value
