"""A server of chat completions whose model does what it is asked: what gateways translate to.

python -m tests.probing.chat_server PORT
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from harness.simulator.content import tokens
from harness.simulator.rules import ScriptedReply
from tests.probing.obedient import Obedient

_FINISH = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length"}
_MOST_TOKENS = 1_000


async def _complete(request: Request) -> Response:
    body = await request.json()
    answer = request.app.state.model.answer(_as_messages(body))
    if body.get("stream"):
        return StreamingResponse(_chunks(answer, body), media_type="text/event-stream")
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None}
    if answer.calls:
        message["tool_calls"] = [_call(call) for call in answer.calls]
    return JSONResponse(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": _finish(answer)}],
            "usage": _usage(answer, body),
        }
    )


async def _chunks(answer: ScriptedReply, body: Mapping[str, Any]) -> AsyncIterator[bytes]:
    def chunk(delta: Mapping[str, Any], finish: str | None = None, **more: Any) -> bytes:
        choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
                 "model": body["model"], "choices": choices, **more}  # fmt: skip
        return b"data: " + json.dumps(whole).encode() + b"\n\n"

    yield chunk({"role": "assistant", "content": ""})
    for word in answer.text.split(" "):
        yield chunk({"content": f"{word} "})
    yield chunk({}, _finish(answer))
    yield chunk({}, choices=[], usage=_usage(answer, body))
    yield b"data: [DONE]\n\n"


def _as_messages(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request of chat completions as one of the Messages API."""
    system = [_text(m["content"]) for m in body["messages"] if m["role"] in {"system", "developer"}]
    messages = [_message(m) for m in body["messages"] if m["role"] not in {"system", "developer"}]
    stop = body.get("stop") or []
    fields = {name: body[name] for name in ("temperature", "top_p", "top_k") if name in body}
    most = body.get("max_tokens") or body.get("max_completion_tokens") or _MOST_TOKENS
    return {
        "messages": messages,
        "max_tokens": most,
        "stop_sequences": [stop] if isinstance(stop, str) else stop,
        **fields,
        **({"system": " ".join(system)} if system else {}),
        **({"tools": body["tools"]} if body.get("tools") else {}),
    }


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    if message["role"] == "tool":
        return {"role": "user", "content": _text(message["content"])}
    content = message.get("content") or ""
    if isinstance(content, str):
        return {"role": message["role"], "content": content}
    return {"role": message["role"], "content": list(map(_block, content))}


def _block(part: Mapping[str, Any]) -> dict[str, Any]:
    if part["type"] == "image_url":
        return {"type": "image", "source": {"media_type": "image/png"}}
    if part["type"] == "file":
        kind, _, data = str(part["file"].get("file_data", "")).partition(";base64,")
        source = {"media_type": kind.removeprefix("data:"), "data": data}
        return {"type": "document", "source": source}
    return {"type": "text", "text": str(part.get("text", ""))}


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(str(part.get("text", "")) for part in content or ())


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": call["name"], "arguments": json.dumps(call["input"])}
    return {"id": "call_1", "type": "function", "function": function}


def _finish(answer: ScriptedReply) -> str:
    return "tool_calls" if answer.calls else _FINISH[answer.stop_reason]


def _usage(answer: ScriptedReply, body: Mapping[str, Any]) -> dict[str, int]:
    asked, answered = tokens(json.dumps(body["messages"])), tokens(answer.text)
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
    }


if __name__ == "__main__":
    routes = [Route("/v1/chat/completions", _complete, methods=["POST"])]
    application = Starlette(routes=routes)
    application.state.model = Obedient()
    uvicorn.run(application, port=int(sys.argv[1]), log_level="warning")
