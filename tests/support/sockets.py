"""Servers on loopback that answer with bytes, however wrong, and what they were told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


@dataclass
class Heard:
    """What a server was told: its connections, and the heads of requests."""

    port: int = 0
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def head(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        return head


Talk = Callable[[Heard, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server_that(
    talk: Talk, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Heard]:
    """Serve connections with a conversation each, which ends with the block at the latest."""
    heard, talks = Heard(), set[asyncio.Task[None] | None]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.connections += 1
        talks.add(asyncio.current_task())
        try:
            await talk(heard, reader, writer)
            writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()

    listener = await asyncio.start_server(connected, host, 0, ssl=tls)
    heard.port = listener.sockets[0].getsockname()[1]
    try:
        yield heard
    finally:
        listener.close()
        for task in talks:
            if task is not None:
                task.cancel()
        await asyncio.sleep(0.01)


def answering(data: bytes = HELLO) -> Talk:
    """Answer every request of a connection with the same bytes."""

    async def talk(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            await heard.head(reader)
            writer.write(data)

    return talk


def once(data: bytes, *, resets: bool = False) -> Talk:
    """Answer one request with these bytes, and close or reset the connection."""

    async def talk(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        writer.write(data)
        await writer.drain()
        if resets:
            writer.transport.abort()

    return talk


async def ask(
    transport: httpx.AsyncBaseTransport, url: str, content: bytes = b"", **headers: str
) -> httpx.Response:
    """Send a request and read its response to the end."""
    method = "POST" if content else "GET"
    request = httpx.Request(method, f"{url}/path?a=b", content=content, headers=headers)
    response = await transport.handle_async_request(request)
    try:
        await response.aread()
    finally:
        await response.aclose()
    return response
