"""Real servers on loopback, each in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = Callable[["Exchange", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Exchange:
    """A request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A running server and what it was asked."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list)


def response(
    body: bytes, status: str = "200 OK", content_type: str = "application/json", extra: str = ""
) -> bytes:
    """Return the bytes of an HTTP response."""
    head = (
        f"HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\n"
        f"content-length: {len(body)}\r\n{extra}\r\n"
    )
    return head.encode() + body


def answering(*responses: bytes) -> Answer:
    """Answer with these bytes, one after the other; the last one is repeated."""
    remaining = list(responses)

    async def answer(
        _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(remaining.pop(0) if len(remaining) > 1 else remaining[0])
        await writer.drain()

    return answer


async def _read_exchange(reader: asyncio.StreamReader) -> Exchange | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.split("\r\n")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, path, _ = first.split(" ", 2)
    return Exchange(method, path, headers, body)


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    """Serve on a free port of this machine until the block ends."""
    loop = asyncio.new_event_loop()
    server = Server("")
    ready = threading.Event()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (exchange := await _read_exchange(reader)) is not None:
                server.exchanges.append(exchange)
                await answer(exchange, reader, writer)
                if writer.is_closing():
                    return
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def listen() -> asyncio.Server:
        listener = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=512)
        host, port = listener.sockets[0].getsockname()
        server.url = f"http://{host}:{port}"
        return listener

    def serve() -> None:
        asyncio.set_event_loop(loop)
        listener = loop.run_until_complete(listen())
        ready.set()  # not before: a stop must not meet the loop while it is starting
        loop.run_forever()
        listener.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    ready.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
