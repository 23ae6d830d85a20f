"""A connection over a transport in memory: what may follow an exchange, and who waits."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from harness.client.connection import Connection

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
REPLY = HEAD + b"hello"


class FakeTransport(asyncio.Transport):
    """Takes what is written; it is closed and paused by the test or by the connection."""

    def __init__(self, unsent: int = 0, own: socket.socket | None = None) -> None:
        super().__init__({"socket": own})
        self.written = b""
        self.is_closed = False
        self.is_reading_now = True
        self.unsent = unsent

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.is_closed

    def abort(self) -> None:
        self.is_closed = True

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def pause_reading(self) -> None:
        self.is_reading_now = False

    def resume_reading(self) -> None:
        self.is_reading_now = True


def with_connection(
    test: Callable[[Connection, FakeTransport], Awaitable[None]],
    transport: FakeTransport | None = None,
) -> None:
    async def run() -> None:
        connection, end = Connection(), transport or FakeTransport()
        connection.connection_made(end)
        await test(connection, end)

    asyncio.run(asyncio.wait_for(run(), 5))


async def asking(connection: Connection) -> asyncio.Task[Any]:
    task = asyncio.create_task(connection.send(b"GET / HTTP/1.1\r\n\r\n"))
    await asyncio.sleep(0)
    return task


def test_a_response_is_there_once_its_head_is_and_its_body_comes_in_pieces() -> None:
    async def test(connection: Connection, transport: FakeTransport) -> None:
        task = await asking(connection)
        assert transport.written == b"GET / HTTP/1.1\r\n\r\n"
        connection.data_received(HEAD[:10])
        await asyncio.sleep(0)
        assert not task.done()
        connection.data_received(HEAD[10:])
        response = await task
        connection.data_received(b"he")
        connection.data_received(b"llo")
        pieces = [await connection.piece(response) for _ in range(3)]
        assert pieces == [b"he", b"llo", None]
        assert connection.finish(response)
        assert connection.is_open

    with_connection(test)


@pytest.mark.parametrize(
    ("data", "unsent", "may_follow"),
    [
        (REPLY, 0, True),
        (REPLY[:-1], 0, False),
        (REPLY, 1000, False),
        (REPLY.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"), 0, False),
        (REPLY + b"HTTP/1.1 200 OK\r\n", 0, False),
    ],
)
def test_another_exchange_may_follow_only_a_whole_one(
    data: bytes, unsent: int, may_follow: bool
) -> None:
    async def test(connection: Connection, transport: FakeTransport) -> None:
        task = await asking(connection)
        connection.data_received(data)
        assert connection.finish(await task) is may_follow
        assert transport.is_closed is not may_follow

    with_connection(test, FakeTransport(unsent))


def test_a_response_that_came_before_the_connection_was_closed_counts() -> None:
    async def test(connection: Connection, _transport: FakeTransport) -> None:
        task = await asking(connection)
        connection.data_received(REPLY)
        connection.connection_lost(ConnectionResetError("reset"))
        response = await task
        assert await connection.piece(response) == b"hello"
        assert await connection.piece(response) is None
        assert not connection.finish(response)

    with_connection(test)


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (lambda connection: connection.eof_received(), httpx.RemoteProtocolError),
        (lambda connection: connection.connection_lost(OSError("reset")), httpx.ReadError),
    ],
)
def test_an_end_inside_the_response_is_an_error_where_it_is_read(
    end: Callable[[Connection], None], kind: type[Exception]
) -> None:
    async def test(connection: Connection, _transport: FakeTransport) -> None:
        task = await asking(connection)
        connection.data_received(REPLY[:-1])
        response = await task
        end(connection)
        assert await connection.piece(response) == b"hell"
        with pytest.raises(kind):
            await connection.piece(response)

    with_connection(test)


def test_data_that_was_not_asked_for_closes_the_connection() -> None:
    async def test(connection: Connection, transport: FakeTransport) -> None:
        connection.data_received(REPLY)
        assert transport.is_closed
        assert not connection.is_open

    with_connection(test)


def test_a_request_on_a_closed_connection_is_an_error() -> None:
    async def test(connection: Connection, transport: FakeTransport) -> None:
        transport.is_closed = True
        with pytest.raises(httpx.WriteError, match="the connection is closed"):
            await connection.send(b"x")
        assert transport.written == b""

    with_connection(test)


def test_a_server_waits_while_a_large_body_is_not_read() -> None:
    async def test(connection: Connection, transport: FakeTransport) -> None:
        task = await asking(connection)
        connection.data_received(HEAD.replace(b"5", b"3000000"))
        response = await task
        for _ in range(2):
            connection.data_received(b"x" * 1_000_000)
        assert not transport.is_reading_now
        await connection.piece(response)
        assert transport.is_reading_now

    with_connection(test)


def test_an_idle_connection_shows_what_came_and_was_not_read() -> None:
    ours, theirs = socket.socketpair()

    async def test(connection: Connection, _transport: FakeTransport) -> None:
        assert not connection.has_unread_data
        theirs.close()
        assert connection.has_unread_data

    with ours, theirs:
        with_connection(test, FakeTransport(own=ours))
