"""Messages, streams of events and tasks, as the API words them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.simulator.content import input_tokens, tokens
from harness.simulator.rules import Answer

_WORDS_PER_PIECE = 3
_PIECE = re.compile(rf"(?:\S+\s*){{1,{_WORDS_PER_PIECE}}}|\s+")


def message(answer: Answer, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message of an answer."""
    return {
        "id": f"msg_{hashlib.sha256(answer.name.encode()).hexdigest()[:24]}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": answer.text}],
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
        "usage": {
            "input_tokens": input_tokens(body),
            "output_tokens": tokens(answer.text),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }


def error_body(kind: str, text: str, request_id: str) -> dict[str, Any]:
    """Return the body of an error."""
    error = {"type": kind, "message": text}
    return {"type": "error", "error": error, "request_id": request_id}


def events(answer: Answer, body: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the events of a streamed message, each as its bytes."""
    whole = message(answer, body)
    usage = whole["usage"]
    start = {
        **whole,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, "output_tokens": 1},
    }
    block = {"type": "text", "text": ""}
    yield _event("message_start", message=start)
    yield _event("content_block_start", index=0, content_block=block)
    yield _event("ping")
    for piece in _PIECE.findall(answer.text):
        delta = {"type": "text_delta", "text": piece}
        yield _event("content_block_delta", index=0, delta=delta)
    yield _event("content_block_stop", index=0)
    ending = {"stop_reason": answer.stop_reason, "stop_sequence": answer.stop_sequence}
    counted = {"output_tokens": usage["output_tokens"]}
    yield _event("message_delta", delta=ending, usage=counted)
    yield _event("message_stop")


def is_content(event: bytes) -> bool:
    """Return whether an event carries a piece of the reply."""
    return event.startswith(b"event: content_block_delta")


def _event(kind: str, **data: Any) -> bytes:
    text = json.dumps({"type": kind, **data}, ensure_ascii=False, separators=(",", ":"))
    return f"event: {kind}\ndata: {text}\n\n".encode("utf-8", "backslashreplace")
