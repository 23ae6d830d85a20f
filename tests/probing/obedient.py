"""A server whose model does what it is asked, but for what the server ignores or refuses.

python -m tests.probing.obedient PORT
"""

from __future__ import annotations

import base64
import json
import random
import re
import sys
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from harness.simulator.application import Simulator
from harness.simulator.rules import Rules, ScriptedReply
from harness.simulator.server import serve

_CALL = re.compile(r"[Cc]all the tool (\w+) with the code (\d+)")
_WORD = re.compile(r"(?:reply only with|[Tt]he code word is|belongs to it is) ([A-Z]+-\d+)")


class Obedient(Rules):
    """Answers a request as it is asked to.

    Args:
        without: What its replies do not tell: `stop_reason`, `stop_sequence`, `first token`.
    """

    def __init__(self, without: str = "") -> None:
        super().__init__()
        self._without = without
        self._source = random.Random(7)  # no secret

    def answer(self, body: Mapping[str, Any], draw: str | None = None) -> ScriptedReply:  # noqa: ARG002
        """Return the reply."""
        return self._said(body)

    def _said(self, body: Mapping[str, Any]) -> ScriptedReply:
        calls: list[dict[str, Any]] = []
        text = self._words(body)
        asked = _CALL.search(_written(body["messages"][-1]["content"]))
        if body.get("tools") and asked is not None:
            calls = [{"name": asked[1], "input": {"code": int(asked[2])}}]
            text = ""
        reason, sequence = "tool_use" if calls else "end_turn", None
        for stop in body.get("stop_sequences", ()):
            if stop in text:
                text, reason, sequence = text[: text.index(stop)], "stop_sequence", stop
        most = 4 * body["max_tokens"]
        if len(text) > most:
            text, reason = text[:most], "max_tokens"
        if self._without == "stop_reason" and reason == "max_tokens":
            reason = "end_turn"
        if self._without == "stop_sequence" and reason == "stop_sequence":
            reason, sequence = "end_turn", None
        latency, pace = (0.2, 0.0) if self._without == "first token" else (0.0, 0.01)
        return ScriptedReply(text, reason, sequence, latency, pace, name=text, calls=calls)

    def _words(self, body: Mapping[str, Any]) -> str:
        said = _written(body["messages"][-1]["content"])
        system = body.get("system") or ""
        told = system if isinstance(system, str) else " ".join(b["text"] for b in system)
        word = re.search(r"reply only with (?:the word below\. )?([A-Z]+-\d+)", told)
        if word is not None:
            return word[1]
        if "numbers from 1" in said:
            return " ".join(map(str, range(1, 61)))
        if "nonsense words" in said:
            is_narrow = body.get("top_k") == 1 or body.get("top_p", 1.0) < 0.1
            cold = body.get("temperature", 1.0) == 0 or is_narrow
            source = random.Random(1) if cold else self._source
            return " ".join("".join(source.choices("abcdefgh", k=9)) for _ in range(3))
        if "Which colour" in said:
            return "Red" if _files(body, "image/") else "I see no picture."
        found = _WORD.search(said)
        return found[1] if found is not None else "ready"


def _written(content: Any) -> str:
    """Return all that a model reads of a message."""
    if isinstance(content, str):
        return content
    parts = []
    for block in content:
        if block["type"] == "text":
            parts.append(block["text"])
        elif block["type"] == "tool_result":
            parts.append(_written(block["content"]))
        elif block["type"] == "document":
            parts.append(base64.b64decode(block["source"]["data"]).decode("latin-1"))
    return " ".join(parts)


def _files(body: Mapping[str, Any], prefix: str) -> list[Any]:
    return [
        block
        for message in body["messages"]
        if not isinstance(message["content"], str)
        for block in message["content"]
        if block.get("source", {}).get("media_type", "").startswith(prefix)
    ]


class Gateway(Simulator):
    """A server with an obedient model behind it.

    Args:
        ignored: The part of the API that it takes out of requests, by the name that a probe gives
            it; empty for none. Likewise `refused`.
    """

    def __init__(self, ignored: str = "", refused: str = "") -> None:
        super().__init__(Obedient(ignored))
        self._ignored, self._refused = ignored, refused

    def application(self) -> Any:
        """Return the web application, behind what changes its requests."""
        inner = super().application()

        async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
            if scope.get("method") != "POST":
                await inner(scope, receive, send)
                return
            body = await Request(scope, receive).json()
            if self._refused and uses(body, self._refused):
                error = {"type": "invalid_request_error", "message": f"{self._refused}: unknown"}
                await JSONResponse({"type": "error", "error": error}, 400)(scope, receive, send)
                return
            if self._ignored:
                drop(body, self._ignored)
            content = json.dumps(body).encode()

            messages: list[Message] = [{"type": "http.request", "body": content}]

            async def changed() -> Message:
                return messages.pop() if messages else await receive()

            await inner(scope, changed, send)

        return gateway


_PREFIXES = {"image": "image/", "text document": "text/", "PDF document": "application/pdf"}


def uses(body: Mapping[str, Any], part: str) -> bool:
    """Return whether a request uses a part of the API."""
    if part in _PREFIXES:
        return len(_files(body, _PREFIXES[part])) > 0
    if part == "tool results":
        return "tool_result" in str(body["messages"])
    if part == "system as blocks":
        return isinstance(body.get("system"), list)
    if part == "system":
        return isinstance(body.get("system"), str)
    if part == "cache_control":
        return "cache_control" in str(body.get("system"))
    if part == "unknown fields":
        return "harness_probe" in body
    return part in body


def drop(body: dict[str, Any], part: str) -> None:
    """Take a part out of a request, as a gateway does that does not know it."""
    if part == "max_tokens":
        body["max_tokens"] = 1_000
    elif part == "tool results" and uses(body, part):
        body["messages"] = body["messages"][:1]
    elif part in _PREFIXES:
        _drop_files(body, part)
    elif part == "errors":
        body["messages"] = body["messages"] or [{"role": "user", "content": "ready?"}]
    elif uses(body, part):
        field = {"system as blocks": "system", "unknown fields": "harness_probe"}.get(part, part)
        body.pop(field, None)


def _drop_files(body: Mapping[str, Any], part: str) -> None:
    for message in body["messages"]:
        if not isinstance(message["content"], str):
            kept = [block for block in message["content"] if not _is(block, part)]
            message["content"] = kept or "…"


def _is(block: Mapping[str, Any], part: str) -> bool:
    media_type = str(block.get("source", {}).get("media_type", ""))
    return media_type.startswith(_PREFIXES[part])


if __name__ == "__main__":
    serve(Gateway(), "127.0.0.1", int(sys.argv[1]), lambda _: None)
