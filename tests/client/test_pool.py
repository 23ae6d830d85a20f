"""The pool against real servers on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from harness.client.connecting import Connector
from harness.client.pool import ConnectionPool

pytestmark = pytest.mark.anyio
REPLY = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
Talk = Callable[["Heard", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Heard:
    """What a server was told: its connections, and the heads of requests."""

    connections: int = 0
    heads: list[bytes] = field(default_factory=list)

    async def head(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        return head


@asynccontextmanager
async def server_that(talk: Talk) -> AsyncIterator[tuple[str, Heard]]:
    heard = Heard()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.connections += 1
        try:
            await talk(heard, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", heard
    finally:
        listener.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def answering(data: bytes = REPLY) -> Talk:
    async def talk(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            await heard.head(reader)
            writer.write(data)

    return talk


def pool_to(
    url: str, most_idle: int = 5, clock: Callable[[], float] = lambda: 0.0
) -> ConnectionPool:
    server = httpx.URL(url)
    return ConnectionPool(server, Connector(server, None, 2), most_idle, clock)


async def ask(pool: ConnectionPool, url: str, content: bytes = b"") -> httpx.Response:
    response = await pool.handle_async_request(
        httpx.Request("POST" if content else "GET", f"{url}/path?a=b", content=content)
    )
    await response.aread()
    await response.aclose()
    return response


async def test_a_request_is_sent_as_it_is() -> None:
    async with server_that(answering()) as (url, heard), pool_to(url) as pool:
        response = await ask(pool, url)

    assert response.content == b"hello"
    host = url.removeprefix("http://").encode()
    assert heard.heads == [b"GET /path?a=b HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"]


async def test_a_connection_that_is_free_is_used_again() -> None:
    async with server_that(answering()) as (url, heard), pool_to(url) as pool:
        for _ in range(3):
            await ask(pool, url)

    assert (heard.connections, len(heard.heads)) == (1, 3)


@pytest.mark.parametrize(
    "data",
    [
        REPLY.replace(b"content-length", b"connection: close\r\ncontent-length"),
        REPLY + b"HTTP/1.1 200 OK\r\n",
    ],
)
async def test_a_connection_that_cannot_be_trusted_is_not_used_again(data: bytes) -> None:
    async with server_that(answering(data)) as (url, heard), pool_to(url) as pool:
        assert [(await ask(pool, url)).content for _ in range(3)] == [b"hello"] * 3

    assert heard.connections == 3


async def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    async def once(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        writer.write(REPLY)

    async with server_that(once) as (url, heard), pool_to(url) as pool:
        for _ in range(3):
            await ask(pool, url)
            await asyncio.sleep(0.05)

    assert heard.connections == 3


async def test_a_connection_that_was_closed_and_not_looked_at_since_is_not_used_again() -> None:
    async def once(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        writer.write(REPLY)  # which says nothing of closing
        writer.close()

    async with server_that(once) as (url, heard), pool_to(url) as pool:
        for _ in range(20):
            assert (await ask(pool, url)).status_code == 200

    assert heard.connections == 20


async def test_a_connection_that_was_idle_for_long_is_not_used_again() -> None:
    now = 0.0
    async with (
        server_that(answering()) as (url, heard),
        pool_to(url, clock=lambda: now) as pool,
    ):
        await ask(pool, url)
        now = 29.0
        await ask(pool, url)
        assert heard.connections == 1
        now = 60.0
        await ask(pool, url)

    assert heard.connections == 2


async def test_no_more_connections_are_kept_than_wanted() -> None:
    async with server_that(answering()) as (url, heard), pool_to(url, most_idle=2) as pool:
        await asyncio.gather(*(ask(pool, url) for _ in range(5)))
        assert heard.connections == 5
        await asyncio.gather(*(ask(pool, url) for _ in range(5)))

    assert heard.connections == 8


async def test_a_response_that_is_not_read_to_its_end_takes_its_connection_along() -> None:
    talk = answering(REPLY.replace(b"5", b"99"))
    async with server_that(talk) as (url, heard), pool_to(url) as pool:
        for _ in range(2):
            response = await pool.handle_async_request(httpx.Request("GET", url))
            await response.aclose()

    assert heard.connections == 2


async def test_a_server_is_not_read_faster_than_the_body_is() -> None:
    sent = 0

    async def pour(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal sent
        await heard.head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n")
        for _ in range(500):
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    async with server_that(pour) as (url, _), pool_to(url) as pool:
        response = await pool.handle_async_request(httpx.Request("GET", url))
        await asyncio.sleep(0.3)
        early = sent
        assert len(await response.aread()) == 50_000_000
        await response.aclose()

    assert early < 20_000_000  # the rest is what the system's own buffers hold


async def test_an_answer_to_half_a_request_is_read_and_its_connection_not_used_again() -> None:
    async def refuse(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 5\r\n\r\nlarge")
        await writer.drain()
        await asyncio.sleep(0.2)

    async with server_that(refuse) as (url, heard), pool_to(url) as pool:
        response = await ask(pool, url, b"x" * 20_000_000)
        await ask(pool, url)

    assert heard.connections == 2
    assert (response.status_code, response.content) == (413, b"large")


async def test_a_request_to_another_server_is_refused() -> None:
    async with server_that(answering()) as (url, heard), pool_to(url) as pool:
        with pytest.raises(httpx.UnsupportedProtocol):
            await ask(pool, "http://127.0.0.1:1")

    assert heard.connections == 0


async def test_closing_the_pool_closes_what_is_in_use() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait_for_the_end(
        heard: Heard, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        begun.set()
        await reader.read()
        ended.set()

    async with server_that(wait_for_the_end) as (url, _):
        async with pool_to(url) as pool:
            asking = asyncio.create_task(ask(pool, url))
            await asyncio.wait_for(begun.wait(), 2)
        with pytest.raises(httpx.TransportError):
            await asking
        await asyncio.wait_for(ended.wait(), 2)
