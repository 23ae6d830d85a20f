"""The transport against servers on loopback that do what real ones do, and worse."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from harness.client.aiohttp_transport import AiohttpTransport
from harness.client.transport_errors import NotHttpError
from tests.support.sockets import HELLO, Heard, answering, ask, once, server_that

pytestmark = pytest.mark.anyio
HEAD = b"HTTP/1.1 200 OK\r\n"
SOON = 0.02  # seconds from sending a piece to its reading
BY_CHUNKS = b"transfer-encoding: chunked\r\n\r\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport(2.0) as opened:
        yield opened


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def test_a_request_is_sent_as_it_is(transport: AiohttpTransport) -> None:
    async with server_that(answering()) as server:
        response = await ask(transport, server.url, b"body", accept="a/b")

    assert response.content == b"hello"
    (head,) = server.heads
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /path?a=b http/1.1"
    assert sorted(line for line in lines[1:] if line) == [
        "accept: a/b", "content-length: 4", f"host: 127.0.0.1:{server.port}"
    ]  # fmt: skip


async def test_a_path_is_not_encoded_again(transport: AiohttpTransport) -> None:
    async with server_that(answering()) as server:
        request = httpx.Request("GET", f"{server.url}/tasks/a%2Fb%20c%25")
        await (await transport.handle_async_request(request)).aread()

    assert server.heads[0].startswith(b"GET /tasks/a%2Fb%20c%25 HTTP/1.1\r\n")


@pytest.mark.parametrize("size", [65_535, 65_536, 5_000_000])
async def test_a_body_has_its_length_and_is_whole(transport: AiohttpTransport, size: int) -> None:
    bodies: list[bytes] = []

    async def read_all(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        bodies.append(await reader.readexactly(size))
        writer.write(HELLO)

    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    async with server_that(read_all) as server:
        await ask(transport, server.url, content)

    assert bodies == [content]
    assert f"content-length: {size}".encode() in server.heads[0].lower()
    assert b"transfer-encoding" not in server.heads[0].lower()


async def test_a_connection_that_is_free_is_used_again(transport: AiohttpTransport) -> None:
    async with server_that(answering()) as server:
        for _ in range(3):
            await ask(transport, server.url, b"x")

    assert (server.connections, len(server.heads)) == (1, 3)


async def test_two_hundred_requests_at_once_have_a_connection_each(
    transport: AiohttpTransport,
) -> None:
    async with server_that(answering()) as server:
        responses = await asyncio.gather(*(ask(transport, server.url) for _ in range(200)))

    assert [response.content for response in responses] == [b"hello"] * 200


@pytest.mark.parametrize(
    "data",
    [
        HELLO.replace(b"content-length", b"connection: close\r\ncontent-length"),
        HELLO + HELLO.replace(b"hello", b"other"),
        HELLO + HELLO.replace(b"hello", b"other") * 3,
    ],
    ids=["said to be closed", "a second response", "more responses"],
)
async def test_a_connection_that_cannot_be_trusted_is_not_used_again(
    transport: AiohttpTransport, data: bytes
) -> None:
    async with server_that(answering(data)) as server:
        for _ in range(3):
            assert (await ask(transport, server.url, b"x")).content == b"hello"

    assert server.connections == 3


async def test_what_is_no_http_is_told_in_one_line(transport: AiohttpTransport) -> None:
    async with server_that(answering(HELLO + b"x")) as server:
        with pytest.raises(NotHttpError, match=r"^Bad status line: .*x'") as caught:
            await ask(transport, server.url, b"x")

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rest", [b"HTTP/1.1 200 OK\r\n", b"rest", b"\r\n\r\nHTTP/1"])
async def test_a_rest_after_a_response_gets_into_no_other_one(
    transport: AiohttpTransport, rest: bytes
) -> None:
    async with server_that(answering(HELLO + rest)) as server:
        replies = await asyncio.gather(
            *(ask(transport, server.url, b"x") for _ in range(5)), return_exceptions=True
        )
        for _ in range(5):
            try:
                replies.append(await ask(transport, server.url, b"x"))
            except httpx.TransportError as error:
                replies.append(error)

    assert {reply.content for reply in replies if isinstance(reply, httpx.Response)} <= {b"hello"}


async def test_what_comes_after_a_response_never_answers_the_next_request(
    transport: AiohttpTransport,
) -> None:
    async def late(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        writer.write(HELLO)
        await asyncio.sleep(0.02)
        writer.write(HELLO.replace(b"hello", b"other"))
        await heard.head(reader)
        writer.write(HELLO)

    async with server_that(late) as server:
        replies = []
        for _ in range(3):
            replies.append((await ask(transport, server.url, b"x")).content)
            await asyncio.sleep(0.05)

    assert replies == [b"hello"] * 3


@pytest.mark.parametrize("pause", [0.0, 0.05], ids=["at once", "later"])
async def test_a_connection_that_the_server_closed_is_not_used_again(
    transport: AiohttpTransport, pause: float
) -> None:
    async with server_that(once(HELLO)) as server:  # which says nothing of closing
        for _ in range(20):
            assert (await ask(transport, server.url, b"x")).content == b"hello"
            await asyncio.sleep(pause)

    assert server.connections == 20


async def test_a_response_that_is_not_read_to_its_end_takes_its_connection_along(
    transport: AiohttpTransport,
) -> None:
    async with server_that(answering(HELLO.replace(b"5", b"99"))) as server:
        for _ in range(2):
            response = await transport.handle_async_request(httpx.Request("GET", server.url))
            await response.aclose()

    assert server.connections == 2


@pytest.mark.parametrize("framing", ["length", "chunks", "close"])
async def test_every_piece_of_a_stream_is_there_as_soon_as_it_was_sent(
    transport: AiohttpTransport, framing: str
) -> None:
    sent: list[float] = []
    pieces = [b"piece %d\n" % number for number in range(10)]

    async def drip(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        length = b"content-length: %d\r\n\r\n" % sum(map(len, pieces))
        writer.write(HEAD + {"length": length, "chunks": BY_CHUNKS, "close": b"\r\n"}[framing])
        for piece in pieces:
            await asyncio.sleep(0.05)
            sent.append(time.monotonic())
            writer.write(chunk(piece) if framing == "chunks" else piece)
        if framing == "chunks":
            writer.write(b"0\r\n\r\n")

    async with server_that(drip) as server:
        response = await transport.handle_async_request(httpx.Request("GET", server.url))
        read = [(piece, time.monotonic()) async for piece in response.aiter_raw()]

    assert [piece for piece, _ in read] == pieces
    late = sorted(at - began for (_, at), began in zip(read, sent, strict=True))
    assert late[len(late) // 2] < SOON


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(HEAD + b"content-length: 99\r\n\r\nhalf", id="cut before its length"),
        pytest.param(HEAD + BY_CHUNKS + chunk(b"half"), id="cut between chunks"),
        pytest.param(HEAD + BY_CHUNKS + b"99\r\nhalf", id="cut inside a chunk"),
        pytest.param(HEAD + BY_CHUNKS + b"zz\r\nhalf\r\n0\r\n\r\n", id="a chunk of no size"),
    ],
)
@pytest.mark.parametrize("resets", [False, True], ids=["closed", "reset"])
async def test_a_body_that_says_where_it_ends_is_an_error_if_it_is_cut(
    transport: AiohttpTransport, answer: bytes, resets: bool
) -> None:
    async with server_that(once(answer, resets=resets)) as server:
        with pytest.raises(httpx.TransportError):
            await ask(transport, server.url, b"x")


async def test_a_body_that_ends_with_its_connection_is_whole(transport: AiohttpTransport) -> None:
    async with server_that(once(HEAD + b"\r\nall of it")) as server:
        assert (await ask(transport, server.url, b"x")).content == b"all of it"


async def test_half_a_compressed_body_is_an_error(transport: AiohttpTransport) -> None:
    whole = gzip.compress(b"hello" * 1000)
    head = HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(whole)

    async with server_that(once(head + whole[: len(whole) // 2])) as server:
        with pytest.raises(httpx.TransportError):
            await ask(transport, server.url, b"x")


@pytest.mark.parametrize(
    ("answer", "resets"),
    [
        pytest.param(b"", False, id="nothing"),
        pytest.param(b"", True, id="a reset"),
        pytest.param(b"HTTP/1.1 200", False, id="half a status line"),
        pytest.param(HEAD + b"content-le", False, id="half a header"),
        pytest.param(b"garbage\r\n\r\n", False, id="no HTTP"),
        pytest.param(b"HTTP/1.1 two OK\r\n\r\n", False, id="a status that is no number"),
        pytest.param(HEAD + b"content-length: -1\r\n\r\nx", False, id="a negative length"),
        pytest.param(
            HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nxx", False, id="two lengths"
        ),
    ],
)
async def test_a_response_that_never_begins_is_an_error(
    transport: AiohttpTransport, answer: bytes, resets: bool
) -> None:
    async with server_that(once(answer, resets=resets)) as server:
        with pytest.raises(httpx.TransportError) as caught:
            await ask(transport, server.url, b"x")

    assert not isinstance(caught.value, httpx.ConnectError | httpx.TimeoutException)
    assert server.connections == 1  # it may have been read and paid for: it is not sent again


@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 3,
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
    ],
)
async def test_an_announcement_is_no_response(transport: AiohttpTransport, before: bytes) -> None:
    async with server_that(answering(before + HELLO)) as server:
        responses = [await ask(transport, server.url, b"x") for _ in range(2)]

    assert [(one.status_code, one.content) for one in responses] == [(200, b"hello")] * 2
    assert "link" not in responses[0].headers


@pytest.mark.parametrize("size", [8_000, 60_000])
async def test_long_headers_of_gateways_are_read(transport: AiohttpTransport, size: int) -> None:
    data = HELLO.replace(b"\r\n", b"\r\nset-cookie: " + b"c" * size + b"\r\n", 1)

    async with server_that(answering(data)) as server:
        response = await ask(transport, server.url, b"x")
        again = await ask(transport, server.url, b"x")

    assert len(response.headers["set-cookie"]) == size
    assert again.content == b"hello"
    assert not any(b"cookie" in head.lower() for head in server.heads)


@pytest.mark.parametrize(
    "header",
    [b"x: " + b"c" * 1_000_000, b"\r\n".join(b"x-%d: y" % number for number in range(20_000))],
    ids=["one", "many"],
)
async def test_headers_without_end_are_an_error(transport: AiohttpTransport, header: bytes) -> None:
    async with server_that(once(HEAD + header + b"\r\n\r\n")) as server:
        with pytest.raises(httpx.TransportError):
            await ask(transport, server.url, b"x")


async def test_a_server_is_not_read_faster_than_the_body_is(transport: AiohttpTransport) -> None:
    sent = 0

    async def pour(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal sent
        await heard.head(reader)
        writer.write(HEAD + b"content-length: 50000000\r\n\r\n")
        for _ in range(500):
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    async with server_that(pour) as server:
        response = await transport.handle_async_request(httpx.Request("GET", server.url))
        await asyncio.sleep(0.3)
        early = sent
        assert len(await response.aread()) == 50_000_000
        await response.aclose()

    assert early < 20_000_000  # the rest is what the system's own buffers hold


async def test_an_answer_to_half_a_request_is_read_and_its_connection_not_used_again(
    transport: AiohttpTransport,
) -> None:
    async def refuse(
        heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 5\r\n\r\nlarge")
        await writer.drain()
        await asyncio.sleep(0.2)

    async with server_that(refuse) as server:
        response = await ask(transport, server.url, b"x" * 20_000_000)
        await ask(transport, server.url, b"x")

    assert server.connections == 2
    assert (response.status_code, response.content) == (413, b"large")


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary", b"308 Moved"])
async def test_a_redirect_is_not_followed(transport: AiohttpTransport, status: bytes) -> None:
    async with server_that(answering()) as other:
        moved = b"HTTP/1.1 %b\r\nlocation: %b\r\ncontent-length: 0\r\n\r\n"
        async with server_that(answering(moved % (status, other.url.encode()))) as server:
            response = await ask(transport, server.url, b"x", authorization="Bearer key")

    assert response.status_code // 100 == 3
    assert other.connections == 0


async def test_a_key_of_netrc_is_not_sent(
    transport: AiohttpTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    async with server_that(answering()) as server:
        await ask(transport, server.url, b"x")

    assert b"authorization" not in server.heads[0].lower()


async def test_where_nobody_listens_is_no_connection(transport: AiohttpTransport) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(httpx.ConnectError, match="Connection refused") as caught:
        await ask(transport, f"http://127.0.0.1:{port}")

    assert type(caught.value) is httpx.ConnectError


async def test_an_address_of_version_6_is_reached(transport: AiohttpTransport) -> None:
    async with server_that(answering(), host="::1") as server:
        response = await ask(transport, f"http://[::1]:{server.port}")

    assert response.content == b"hello"
    assert f"host: [::1]:{server.port}".encode() in server.heads[0].lower()


async def test_a_name_with_several_addresses_is_reached_where_somebody_listens(
    transport: AiohttpTransport,
) -> None:
    async with server_that(answering()) as server:
        response = await ask(transport, f"http://localhost:{server.port}")

    assert response.content == b"hello"


async def test_closing_the_transport_closes_what_is_in_use() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait_for_the_end(
        heard: Heard, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter
    ) -> None:
        await heard.head(reader)
        begun.set()
        await reader.read()
        ended.set()

    async with server_that(wait_for_the_end) as server:
        async with AiohttpTransport(2.0) as transport:
            asking = asyncio.create_task(ask(transport, server.url))
            await asyncio.wait_for(begun.wait(), 2)
        with pytest.raises(httpx.TransportError):
            await asking
        await asyncio.wait_for(ended.wait(), 2)


@pytest.mark.parametrize("turns", range(12))
async def test_a_request_that_is_cancelled_anywhere_leaves_no_socket(
    transport: AiohttpTransport, turns: int
) -> None:
    async with server_that(_stalling) as server:
        before = _open_files()
        for url in (server.url, f"http://localhost:{server.port}"):
            asking = asyncio.create_task(ask(transport, url, b"x" * 100_000))
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait([asking])
        await asyncio.sleep(0.05)

        assert _open_files() <= before


async def _stalling(
    heard: Heard, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter
) -> None:
    await heard.head(reader)
    await reader.read()


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


ENDING = """
import asyncio, sys, httpx
from harness.client.aiohttp_transport import AiohttpTransport
from tests.support.sockets import answering, ask, server_that

async def main(is_closed):
    async with server_that(answering()) as server:
        transport = AiohttpTransport(2.0)
        await asyncio.gather(*(ask(transport, server.url, b"x") for _ in range(20)))
        if is_closed:
            await transport.aclose()

asyncio.run(main(sys.argv[1] == "closed"))
"""


@pytest.mark.slow
def test_an_interpreter_ends_without_a_word() -> None:
    for _ in range(int(os.environ.get("TEST_ENDS", "3"))):
        command = [sys.executable, "-W", "error", "-c", ENDING, "closed"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)

        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
