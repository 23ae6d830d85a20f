"""Streams of messages: folded, and written in every way that services write them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from harness.client.message_stream import MessageStream
from tests.support.replies import event

PADDING: Mapping[str, Callable[[bytes], bytes]] = {
    "none": lambda one: one,
    "pings": lambda one: event("ping") + one,
    "pings without data": lambda one: b"event: ping\n\n" + one,
    "pings that are no JSON": lambda one: b"event: ping\ndata: pong\n\n" + one,
    "comments": lambda one: b": OPENROUTER PROCESSING\n\n" + one,
    "empty events": lambda one: b"event: message_stop\n\ndata:\n\ndata: \n\n" + one,
    "events of their own": lambda one: b"event: usage\ndata: <none>\n\n" + one,
    "unnamed words": lambda one: b"data: keep-alive\n\n" + one,
    "unnamed events": lambda one: one.partition(b"\n")[2],
    "pairs": lambda one: one.replace(b"\n", b"\r\n"),
    "carriage returns": lambda one: one.replace(b"\n", b"\r"),
    "ids and retry times": lambda one: b"id: 1\nretry: 5\n" + one,
    "many lines": lambda one: one.replace(b'{"type"', b'{\ndata: "type"'),
}
ENDS: Mapping[str, bytes] = {
    "nothing": b"",
    "done": b"data: [DONE]\n\n",
    "an error": event("error", error={"type": "api_error", "message": "late"}),
    "an error without a type": b'data: {"error": {"message": "late"}}\n\n',
    "half an event": b'event: message_start\ndata: {"typ',
    "another message": event("message_start", message={}),
    "text": b"bye",
}


def folded(*pieces: bytes) -> dict[str, Any]:
    """Return the message that the pieces of a stream add up to."""
    stream = MessageStream()
    for piece in pieces:
        stream.feed(piece)
    return stream.message()


def events_of(message: Mapping[str, Any], draw: random.Random) -> Iterator[bytes]:
    """Yield the events of a message's stream; texts and inputs come in drawn pieces."""
    usage = dict(message.get("usage") or {})
    late = {key: usage[key] for key in usage if "output" in key}
    start = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
    start["usage"] = {**usage, **dict.fromkeys(late, 1)}
    ending = {key: start.pop(key) for key in ("container", "context_management") if key in start}
    yield event("message_start", message=start)
    for index, block in enumerate(message["content"]):
        opened, deltas = _opened(block, draw)
        yield event("content_block_start", index=index, content_block=opened)
        for delta in deltas:
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    delta = {name: message.get(name) for name in ("stop_reason", "stop_sequence")}
    if "container" in ending:
        delta["container"] = ending.pop("container")
    yield event("message_delta", delta=delta, usage=late, **ending)
    yield event("message_stop")


def _opened(
    block: Mapping[str, Any], draw: random.Random
) -> tuple[dict[str, Any], Iterable[dict[str, Any]]]:
    """Return a block as it starts, and the deltas that make it whole."""
    kind = block["type"]
    if kind == "text":
        cited = block.get("citations") or ()
        citations = [{"type": "citations_delta", "citation": each} for each in cited]
        opened = {**block, "text": "", **({"citations": []} if "citations" in block else {})}
        return opened, [*citations, *_deltas("text_delta", "text", block["text"], draw)]
    if kind == "thinking":
        signature = [{"type": "signature_delta", "signature": block["signature"]}]
        opened = {**block, "thinking": "", "signature": ""}
        return opened, [*_deltas("thinking_delta", "thinking", block["thinking"], draw), *signature]
    if kind == "compaction":
        return {**block, "content": None}, [
            {"type": "compaction_delta", "content": block["content"]}
        ]
    if kind.endswith("tool_use"):
        text = json.dumps(block["input"]) if block["input"] else draw.choice(["", "{}"])
        return {**block, "input": {}}, _deltas("input_json_delta", "partial_json", text, draw)
    return dict(block), ()


def _deltas(kind: str, key: str, text: str, draw: random.Random) -> list[dict[str, Any]]:
    cuts = sorted(draw.randrange(len(text) + 1) for _ in range(draw.randrange(4)))
    return [
        {"type": kind, key: text[begins:ends]}
        for begins, ends in zip([0, *cuts], [*cuts, len(text)], strict=True)
    ]
