"""The client against real servers on loopback."""

from __future__ import annotations

import asyncio
import os
import socketserver
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from random import Random

import httpx
import pytest

from harness.client.retry import Retryability, classify, may_be_paid
from harness.errors import (
    ApiConnectionError,
    ApiError,
    ApiStatusError,
    StreamError,
)
from harness.model.reply import Attempt, Reply
from harness.model.request import Request
from harness.model.settings import Secret, Settings, Timeouts
from tests.client.test_messages import FakeSlot
from tests.support.clients import Parts, transport_to
from tests.support.replies import message_bytes, stream
from tests.support.servers import Answer, Exchange, answering, response, serving

REQUEST = Request({"model": "m", "max_tokens": 5, "messages": [], "stream": True})


def complete(url: str, times: int = 1, *, together: bool = False) -> list[Reply]:
    async def run() -> list[Reply]:
        settings = Settings(base_url=url, api_key=Secret("sk-secret"), max_attempts=1)
        attempts: list[Attempt] = []
        async with transport_to(url) as transport:
            client = Parts().client(transport, settings)
            calls = [client.complete(REQUEST, FakeSlot(), attempts.append) for _ in range(times)]
            if together:
                return list(await asyncio.gather(*calls))
            return [await call for call in calls]

    return asyncio.run(run())


def test_connections_are_kept_between_calls() -> None:
    connections: set[int] = set()

    async def answer(
        _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connections.add(writer.get_extra_info("peername")[1])
        writer.write(response(message_bytes()))

    with serving(answer) as server:
        complete(server.url, times=5)

    assert len(server.exchanges) == 5
    assert len(connections) == 1


def test_two_hundred_calls_at_once_all_come_back() -> None:
    with serving(answering(response(message_bytes("hello")))) as server:
        replies = complete(server.url, times=200, together=True)

    assert [reply.text for reply in replies] == ["hello"] * 200


def test_a_stream_over_a_connection_that_is_closed_at_its_end_is_complete() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"

    with serving(_closing(head + stream("hello"))) as server:
        (reply,) = complete(server.url)

    assert reply.text == "hello"


@pytest.mark.parametrize("length", [10, 300, 700, len(stream("hello")) - 3])
def test_a_stream_cut_by_closing_the_connection_is_no_reply(length: int) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"

    with (
        serving(_closing(head + stream("hello")[:length])) as server,
        pytest.raises(StreamError) as caught,
    ):
        complete(server.url)

    assert caught.value.reason == "truncated_stream"


def test_a_chunked_stream_that_is_cut_is_no_reply() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    body = stream("hello")[:400]

    with (
        serving(_closing(head + b"\r\n" + b"%x\r\n" % len(body) + body + b"\r\n")) as server,
        pytest.raises(StreamError, match="the stream broke off") as caught,
    ):
        complete(server.url)

    assert caught.value.reason == "truncated_stream"


@pytest.mark.parametrize(
    "answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"]
)
def test_a_connection_that_breaks_is_an_error_without_a_reply(answer: bytes) -> None:
    with serving(_closing(answer)) as server, pytest.raises((ApiConnectionError, StreamError)):
        complete(server.url)


@pytest.mark.parametrize("length", [1, 40, len(message_bytes()) - 1])
def test_a_message_that_ends_with_its_connection_before_its_end_is_cut(length: int) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n"

    with (
        serving(_closing(head + message_bytes()[:length])) as server,
        pytest.raises((ApiConnectionError, StreamError), match="closed inside the JSON") as caught,
    ):
        complete(server.url)

    assert classify(caught.value) is Retryability.PASSING


def test_a_message_that_ends_with_its_connection_is_complete() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n"

    with serving(_closing(head + message_bytes("hello"))) as server:
        (reply,) = complete(server.url)

    assert reply.text == "hello"


def test_a_connection_that_is_closed_after_the_request_was_read_may_be_billed() -> None:
    with serving(_closing(b"")) as server, pytest.raises(ApiConnectionError) as caught:
        complete(server.url)

    assert caught.value.reason == "connection_lost"
    assert may_be_paid(caught.value)


async def _silent(writer: asyncio.StreamWriter) -> None:
    """Accept the request and say nothing."""


async def _half_a_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-str")


async def _dripping_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-drip: 1\r\n")
        await asyncio.sleep(0.05)


async def _half_a_stream(writer: asyncio.StreamWriter) -> None:
    writer.write(STREAM_HEAD + b"content-length: 9999\r\n\r\n" + stream("hello")[:200])


async def _half_a_chunk(writer: asyncio.StreamWriter) -> None:
    writer.write(STREAM_HEAD + b"transfer-encoding: chunked\r\n\r\nff\r\n" + stream("hello")[:200])


async def _dripping_stream(writer: asyncio.StreamWriter) -> None:
    writer.write(STREAM_HEAD + b"connection: close\r\n\r\n")
    while True:
        writer.write(b": ping\n\n")
        await asyncio.sleep(0.05)


async def _endless_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{")
    while True:
        writer.write(b" " * 1_000_000)
        await writer.drain()


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
LIMITS = Timeouts(first_byte=0.4, idle=0.2, attempt=0.8)


@pytest.mark.parametrize(
    ("behave", "limits", "reason"),
    [
        (_silent, LIMITS, "first_byte_timeout"),
        (_half_a_head, LIMITS, "first_byte_timeout"),
        (_dripping_head, LIMITS, "first_byte_timeout"),
        (_half_a_stream, LIMITS, "idle_timeout"),
        (_half_a_chunk, LIMITS, "idle_timeout"),
        (_dripping_stream, LIMITS, "attempt_timeout"),
        (_endless_body, Timeouts(), "response_too_large"),
    ],
)
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "at once"])
def test_a_response_that_does_not_end_meets_a_limit_that_is_named(
    behave: Callable[[asyncio.StreamWriter], Awaitable[None]],
    limits: Timeouts,
    reason: str,
    streamed: bool,
) -> None:
    async def stall(
        _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await behave(writer)
        await writer.drain()
        await asyncio.sleep(5)

    async def run(url: str) -> Reply:
        settings = Settings(base_url=url, timeouts=limits, max_attempts=1)
        async with transport_to(url) as transport:
            request = Request({**REQUEST.body, "stream": streamed})
            client = Parts().client(transport, settings)
            return await client.complete(request, FakeSlot(), lambda _attempt: None)

    with serving(stall) as server, pytest.raises(ApiError) as caught:
        asyncio.run(run(server.url))

    assert caught.value.reason == reason


class Watched(httpx.AsyncBaseTransport):
    """Calls `read` whenever a piece of a body has been read, and before the next is asked for."""

    def __init__(self, transport: httpx.AsyncBaseTransport, read: Callable[[], None]) -> None:
        self._transport, self._read = transport, read

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        return httpx.Response(200, headers=response.headers, stream=self._body(response.stream))

    def _body(self, stream: httpx.AsyncByteStream) -> httpx.AsyncByteStream:
        read = self._read

        class Body(httpx.AsyncByteStream):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                async for piece in stream:
                    yield piece
                    read()

            async def aclose(self) -> None:
                await stream.aclose()

        return Body()


def test_the_first_token_of_a_stream_is_timed_before_the_last_has_come() -> None:
    whole, now, is_read = stream("hello", " world"), 0.0, threading.Event()
    half = whole.index(b" world") - 60

    async def in_halves(
        _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal now
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {len(whole)}"
        writer.write(head.encode() + b"\r\n\r\n" + whole[:half])
        await writer.drain()
        assert await asyncio.to_thread(is_read.wait, 5)
        now = 3.0
        writer.write(whole[half:])

    async def run(url: str) -> Reply:
        async with transport_to(url) as transport:
            client = Parts(clock=lambda: now).client(
                Watched(transport, is_read.set), Settings(base_url=url, max_attempts=1)
            )
            return await client.complete(REQUEST, FakeSlot(), lambda _attempt: None)

    with serving(in_halves) as server:
        reply = asyncio.run(run(server.url))

    assert (reply.first_token, reply.latency) == (0.0, 3.0)


def test_a_port_where_nobody_listens_is_an_error_that_names_it() -> None:
    with serving(answering(b"")) as server:
        url = server.url

    with pytest.raises(ApiConnectionError, match=f"cannot connect to {url}") as caught:
        complete(url)

    assert "is the server running there?" in str(caught.value)


def test_a_redirect_is_not_followed_and_takes_no_key_along() -> None:
    with serving(answering(response(message_bytes()))) as other:
        moved = response(b"", "307 Moved", extra=f"location: {other.url}/v1/messages\r\n")
        with serving(answering(moved)) as server, pytest.raises(ApiStatusError) as caught:
            complete(server.url)

    assert other.exchanges == []
    assert other.url.removeprefix("http://") in str(caught.value)


def test_an_unknown_host_is_an_error() -> None:
    with pytest.raises(ApiError):
        complete("http://no-such-host.invalid")


def test_a_server_without_tls_is_an_error_about_the_secure_connection() -> None:
    class Plain(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Plain) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(ApiConnectionError, match=f"no secure connection to {url}") as caught:
            complete(url)
        server.shutdown()

    assert caught.value.reason == "tls"


@pytest.mark.slow
def test_calls_that_are_cancelled_leave_a_pool_that_works_and_is_no_larger_than_it_may_be() -> None:
    random = Random(1)

    async def slow(
        _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await asyncio.sleep(0.02)
        writer.write(response(message_bytes("hello")))

    async def run(url: str) -> tuple[list[Reply], int]:
        settings = Settings(base_url=url, api_key=Secret("sk-secret"), max_attempts=1)
        async with transport_to(url) as transport:
            client = Parts().client(transport, settings)
            attempts: list[Attempt] = []
            calls = partial(client.complete, REQUEST, FakeSlot(), attempts.append)
            before = _open_files()
            ends = asyncio.get_running_loop().time() + CHURN_SECONDS

            async def churn() -> None:
                while asyncio.get_running_loop().time() < ends:
                    call = asyncio.create_task(calls())
                    await asyncio.sleep(random.random() * 0.04)
                    call.cancel()
                    await asyncio.wait([call])

            await asyncio.gather(*(churn() for _ in range(CHURNING)))
            await asyncio.sleep(0.2)
            kept = _open_files() - before
            return list(await asyncio.gather(*(calls() for _ in range(100)))), kept

    with serving(slow) as server:
        replies, kept = asyncio.run(run(server.url))

    assert [reply.text for reply in replies] == ["hello"] * 100
    # this process holds both ends of each connection
    assert kept <= 2 * CHURNING + 2


CHURNING = 50
CHURN_SECONDS = float(os.environ.get("TEST_CHURN_SECONDS", "2"))


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _closing(data: bytes) -> Answer:
    async def answer(
        _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return answer
