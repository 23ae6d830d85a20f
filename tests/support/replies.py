"""Messages, streams and replies to test with."""

from __future__ import annotations

import json
from typing import Any

from harness.model.reply import Reply, text_of
from harness.model.usage import Usage


def message(text: str = "hello", **changes: Any) -> dict[str, Any]:
    """Return a message as the API has it."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 3},
        **changes,
    }


def message_bytes(text: str = "hello", **changes: Any) -> bytes:
    """Return a message as the body of a response."""
    return json.dumps(message(text, **changes)).encode()


def reply(text: str = "", **changes: Any) -> Reply:
    """Return a reply with this text."""
    whole = changes.pop("message", None) or message(text)
    return Reply(message=whole, text=text_of(whole), usage=Usage.of(whole), **changes)


def event(kind: str, **data: Any) -> bytes:
    """Return an event of a stream."""
    text = json.dumps({"type": kind, **data}, ensure_ascii=False)
    return f"event: {kind}\ndata: {text}\n\n".encode()


def stream(*pieces: str, stop_reason: str = "end_turn") -> bytes:
    """Return a whole stream whose text comes in these pieces, with a ping and a comment in it."""
    start = message("", content=[], stop_reason=None, usage={"input_tokens": 12})
    parts = [
        event("message_start", message=start),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        event("ping"),
        b": a comment\n\n",
        *(
            event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
            for piece in pieces
        ),
        event("content_block_stop", index=0),
        event(
            "message_delta",
            delta={"stop_reason": stop_reason, "stop_sequence": None},
            usage={"output_tokens": 3},
        ),
        event("message_stop"),
    ]
    return b"".join(parts)
