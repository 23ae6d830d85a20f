"""Responses as they come in, whole and broken, with h11 as the oracle."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import pairwise

import h11
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.client.response_parser import MAX_HEAD_BYTES, ResponseParser

FIXED = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;note=x\r\nlo\r\n0\r\ntrailer: t\r\n\r\n"
)
CLOSING = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nhello"
EMPTY = b"HTTP/1.1 204 No Content\r\nx-empty:\r\n\r\n"
ANNOUNCED = (
    b"HTTP/1.1 100 Continue\r\nx: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + FIXED
)


def read(response: ResponseParser) -> tuple[int, Sequence[tuple[bytes, bytes]], bytes]:
    """Read a response that has come as far as it will."""

    async def run() -> bytes:
        await response.head()
        pieces = []
        while (piece := await response.piece()) is not None:
            pieces.append(piece)
        return b"".join(pieces)

    body = asyncio.run(asyncio.wait_for(run(), 1))
    return response.status, response.headers, body


def fed(pieces: Iterable[bytes], *, closed: bool = False) -> ResponseParser:
    response = ResponseParser()
    for piece in pieces:
        response.feed(piece)
    if closed:
        response.end(None)
    return response


def read_by_h11(data: bytes) -> tuple[int, bytes]:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="POST", target="/", headers=[("host", "h")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    connection.receive_data(b"")
    status, body = 0, b""
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("cut")
    return status, body


WHOLE = [FIXED, CHUNKED, CLOSING, EMPTY, ANNOUNCED]


@pytest.mark.parametrize("data", WHOLE)
@given(cuts=st.lists(st.integers(0, 200)))
def test_a_response_is_the_same_in_whatever_pieces_it_comes(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(places)]

    status, _, body = read(fed(pieces, closed=True))

    assert (status, body) == read_by_h11(data)


@pytest.mark.parametrize("data", [FIXED, CHUNKED, EMPTY, ANNOUNCED])
def test_a_response_that_says_where_it_ends_is_an_error_cut_anywhere(data: bytes) -> None:
    for length in range(len(data)):
        with pytest.raises(httpx.RemoteProtocolError, match=r"closed it (without|inside)"):
            read(fed([data[:length]], closed=True))


def test_a_connection_that_breaks_ends_no_response() -> None:
    response = fed([CLOSING])
    response.end(ConnectionResetError("reset by peer"))

    with pytest.raises(httpx.ReadError, match="reset by peer"):
        read(response)


def test_an_announcement_leaves_nothing_in_the_headers() -> None:
    status, headers, _ = read(fed([ANNOUNCED]))

    assert status == 200
    assert headers == [(b"content-type", b"text/plain"), (b"content-length", b"5")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"garbage\r\n\r\n", "invalid HTTP"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "invalid HTTP"),
        (FIXED.replace(b"5", b"5x"), "invalid HTTP"),
        (FIXED.replace(b"content-type: text/plain", b"transfer-encoding: chunked"), "invalid HTTP"),
        (b"HTTP/1.1 101 Yes\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "another protocol"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"a" * MAX_HEAD_BYTES, "larger than 256 kB"),
    ],
)
def test_what_is_no_http_is_an_error(data: bytes, words: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match=words):
        read(fed([data]))


@pytest.mark.parametrize(
    ("data", "is_kept"),
    [
        (FIXED, True),
        (CHUNKED, True),
        (EMPTY, True),
        (FIXED.replace(b"1.1", b"1.0"), False),
        (FIXED.replace(b"content-type: text/plain", b"connection: close"), False),
        (FIXED + b"more", False),
    ],
)
def test_a_connection_is_kept_after_a_response_that_allows_it(data: bytes, is_kept: bool) -> None:
    response = fed([data])

    assert response.is_complete
    assert response.is_kept_alive is is_kept


def test_a_second_response_that_nobody_asked_for_does_not_change_the_first() -> None:
    second = b"HTTP/1.1 500 Bad\r\nx-planted: yes\r\ncontent-length: 3\r\n\r\nbad"

    response = fed([FIXED + second])

    status, headers, body = read(response)
    assert (status, body) == (200, b"hello")
    assert (b"x-planted", b"yes") not in headers
    assert not response.is_kept_alive
