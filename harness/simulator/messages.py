"""Messages, errors and stream events in the format of the API."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.simulator.content import input_tokens, tokens
from harness.simulator.rules import ScriptedReply

_WORDS_PER_PIECE = 3
_PIECE = re.compile(rf"(?:\S+\s*){{1,{_WORDS_PER_PIECE}}}|\s+")


def message(answer: ScriptedReply, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message for a scripted reply."""
    return {
        "id": f"msg_{hashlib.sha256(answer.name.encode()).hexdigest()[:24]}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": _content(answer),
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
        "usage": {
            "input_tokens": input_tokens(body),
            "output_tokens": tokens(answer.text + "".join(map(_input_of, answer.calls))),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }


def _content(answer: ScriptedReply) -> list[dict[str, Any]]:
    texts = [{"type": "text", "text": answer.text}] if answer.text or not answer.calls else []
    calls = [
        {
            "type": "tool_use",
            "id": f"toolu_{hashlib.sha256(f'{answer.name}:{position}'.encode()).hexdigest()[:24]}",
            "name": call["name"],
            "input": call.get("input", {}),
        }
        for position, call in enumerate(answer.calls)
    ]
    return [*texts, *calls]


def _input_of(call: Mapping[str, Any]) -> str:
    return json.dumps(call.get("input", {}), ensure_ascii=False)


def error_body(
    kind: str, text: str, request_id: str, details: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the body of an error."""
    error = {"type": kind, "message": text, **({"details": details} if details else {})}
    return {"type": "error", "error": error, "request_id": request_id}


def events(answer: ScriptedReply, body: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the events of a streamed message as bytes."""
    whole = message(answer, body)
    usage = whole["usage"]
    start = {
        **whole,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, "output_tokens": 1},
    }
    yield _event("message_start", message=start)
    for index, block in enumerate(whole["content"]):
        is_call = block["type"] == "tool_use"
        empty = {**block, "input": {}} if is_call else {**block, "text": ""}
        yield _event("content_block_start", index=index, content_block=empty)
        if not index:
            yield _event("ping")
        for piece in _PIECE.findall(_input_of(block) if is_call else block["text"]):
            kind = ("input_json_delta", "partial_json") if is_call else ("text_delta", "text")
            delta = {"type": kind[0], kind[1]: piece}
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
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
