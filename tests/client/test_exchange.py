"""One exchange: its time limits in virtual time, its size, and what breaks it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

import httpx
import pytest

from harness.client.exchange import MAX_RESPONSE_BYTES, Exchanges, OpenResponse
from harness.errors import ApiConnectionError, ApiError, ApiResponseError, ApiTimeoutError
from harness.model.settings import Timeouts
from tests.support.virtual_time import run_in_virtual_time

LIMITS = Timeouts(first_byte=10, idle=5, attempt=30, case=100)
Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


async def body_of(response: OpenResponse) -> bytes:
    return await response.body()


def exchanged(
    handler: Handler,
    *,
    seconds_left: float = 100.0,
    read: Callable[[OpenResponse], Awaitable[bytes]] = body_of,
) -> bytes:
    """Return the body that a handler answers with."""

    async def run() -> bytes:
        exchanges = Exchanges(httpx.MockTransport(handler), LIMITS)
        request = httpx.Request("POST", "http://api:81/v1/messages")
        async with exchanges.open(request, seconds_left) as response:
            return await read(response)

    return run_in_virtual_time(run())


def answering(
    *pieces: bytes, first: float = 0.0, between: float = 0.0, error: Exception | None = None
) -> Handler:
    """Answer after `first` seconds, with `between` seconds before each piece of the body."""

    async def body() -> AsyncIterator[bytes]:
        for piece in pieces:
            await asyncio.sleep(between)
            yield piece
        if error is not None:
            raise error

    async def handler(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(first)
        return httpx.Response(200, content=body())

    return handler


def test_a_body_is_whole_however_it_comes() -> None:
    assert exchanged(answering(b"he", b"", b"llo", first=9, between=4)) == b"hello"


@pytest.mark.parametrize(
    ("handler", "seconds_left", "reason"),
    [
        (answering(b"x", first=11), 100.0, "first_byte_timeout"),
        (answering(b"x", b"y", between=6), 100.0, "idle_timeout"),
        (answering(*[b"x"] * 9, between=4), 100.0, "attempt_timeout"),
        (answering(*[b"x"] * 9, between=4), 20.0, "case_timeout"),
        (answering(b"x", first=9), 3.0, "case_timeout"),
    ],
)
def test_the_limit_that_is_passed_first_is_named(
    handler: Handler, seconds_left: float, reason: str
) -> None:
    with pytest.raises(ApiTimeoutError) as caught:
        exchanged(handler, seconds_left=seconds_left)

    assert caught.value.reason == reason


def test_each_piece_has_the_whole_idle_time_again() -> None:
    assert exchanged(answering(*[b"x"] * 6, first=1, between=4.5)) == b"x" * 6


def test_what_is_done_with_a_piece_counts_as_well() -> None:
    async def slowly(response: OpenResponse) -> bytes:
        async for _ in response.pieces():
            await asyncio.sleep(6)
        return b""

    with pytest.raises(ApiTimeoutError):
        exchanged(answering(b"x", b"y"), read=slowly)


def test_a_limit_of_somebody_else_inside_is_not_taken_for_ours() -> None:
    async def handler(_request: httpx.Request) -> httpx.Response:
        raise TimeoutError("the system gave up")

    with pytest.raises(ApiTimeoutError) as caught:
        exchanged(handler)

    assert caught.value.reason == "connect_timeout"


@pytest.mark.parametrize(
    "error", [httpx.ReadError("reset"), OSError("reset"), httpx.RemoteProtocolError("reset")]
)
def test_a_connection_that_breaks_inside_the_body_cuts_the_response(error: Exception) -> None:
    with pytest.raises(ApiConnectionError) as caught:
        exchanged(answering(b"x", error=error))

    assert caught.value.reason == "response_cut"
    assert caught.value.message == "the connection to http://api:81 broke: reset"


def test_a_connection_that_breaks_before_the_response_is_lost() -> None:
    async def handler(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset")

    with pytest.raises(ApiConnectionError) as caught:
        exchanged(handler)

    assert caught.value.reason == "connection_lost"


def test_a_rest_that_is_broken_does_not_harm_what_was_read() -> None:
    class BrokenEnd(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"hello"

        async def aclose(self) -> None:
            raise httpx.ReadError("broken")

    async def handler(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=BrokenEnd())

    async def first(response: OpenResponse) -> bytes:
        return await anext(aiter(response.pieces()))

    assert exchanged(handler, read=first) == b"hello"


def test_a_compressed_body_is_read_and_its_real_size_is_bounded() -> None:
    def packed(data: bytes) -> Handler:
        async def handler(_request: httpx.Request) -> httpx.Response:
            headers = {"Content-Encoding": "gzip"}
            return httpx.Response(
                200, headers=headers, stream=httpx.ByteStream(gzip.compress(data))
            )

        return handler

    assert exchanged(packed(b"hello")) == b"hello"
    with pytest.raises(ApiResponseError, match="larger than 64 MB"):
        exchanged(packed(b"x" * (MAX_RESPONSE_BYTES + 1)))


def test_headers_are_found_in_any_case() -> None:
    async def handler(_request: httpx.Request) -> httpx.Response:
        headers = [("Content-Type", "Text/Event-Stream; X=y"), ("X-Request-ID", "req_1")]
        return httpx.Response(200, headers=headers, content=b"x")

    async def read(response: OpenResponse) -> bytes:
        assert response.content_type == "text/event-stream; x=y"
        assert response.request_id == "req_1"
        assert not response.ends_with_connection
        return b"read"

    assert exchanged(handler, read=read) == b"read"


def test_an_error_of_the_reader_passes_and_no_timer_is_left() -> None:
    async def read(_response: OpenResponse) -> bytes:
        raise ApiResponseError("bad", "bad", 200)

    async def run() -> None:
        exchanges = Exchanges(httpx.MockTransport(answering(b"x")), LIMITS)
        with pytest.raises(ApiError, match="bad"):
            async with exchanges.open(httpx.Request("GET", "http://api"), 100) as response:
                await read(response)
        await asyncio.sleep(1000)

    run_in_virtual_time(run())
