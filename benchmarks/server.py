"""A fast server on loopback that answers every message after a fixed latency."""

from __future__ import annotations

import argparse
import asyncio
import json

from aiohttp import web

REPLY = {
    "id": "msg_benchmark",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5",
    "content": [{"type": "text", "text": "Hello, this is a fixed reply for the benchmark of ninety characters or so, nothing more."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 12, "output_tokens": 21},
}  # fmt: skip


def application(latency: float) -> web.Application:
    """Return the server's application; `latency` is in seconds."""
    body = json.dumps(REPLY).encode()

    async def create(request: web.Request) -> web.Response:
        await request.read()
        if latency:
            await asyncio.sleep(latency)
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_post("/v1/messages", create)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--latency", type=float, default=0.0)
    options = parser.parse_args()
    web.run_app(
        application(options.latency),
        host="127.0.0.1",
        port=options.port,
        access_log=None,
        print=None,
        backlog=1024,
    )


if __name__ == "__main__":
    main()
