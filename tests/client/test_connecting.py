"""Connections through TLS and proxies, with certificates of an authority made for the test."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import trustme

from harness.client.connecting import Connector, SecureConnectError, UnknownHostError
from harness.client.pool import ConnectionPool
from harness.client.transport import open_transport
from harness.errors import SettingsError

pytestmark = pytest.mark.anyio
REPLY = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
Served = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that OpenSSL trusts while the test runs."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


@dataclass
class Listener:
    """A server and the first lines and headers of what it was sent."""

    port: int = 0
    heads: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def listening(
    served: Callable[[Listener], Served], tls: ssl.SSLContext | None = None
) -> AsyncIterator[Listener]:
    listener = Listener()
    talks: set[asyncio.Task[None] | None] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        try:
            await served(listener)(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()
        for talk in talks:
            assert talk is not None
            talk.cancel()
        await asyncio.sleep(0.01)


def hello(listener: Listener) -> Served:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            listener.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(REPLY)

    return serve


def tunnelling(listener: Listener) -> Served:
    """Do what a proxy does when it is asked to CONNECT."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        listener.heads.append(head)
        host, _, port = head.split(b" ")[1].decode().rpartition(":")
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        try:
            await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
        finally:
            inner_writer.transport.abort()

    return serve


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
    target.close()


def server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def ask(url: str, proxy: str | None = None) -> httpx.Response:
    server = httpx.URL(url)
    connector = Connector(server, None if proxy is None else httpx.URL(proxy), 2)
    async with ConnectionPool(server, connector, 5, lambda: 0.0) as pool:
        response = await pool.handle_async_request(httpx.Request("GET", f"{url}/x"))
        await response.aread()
        await response.aclose()
        return response


async def test_a_certificate_of_a_trusted_authority_is_accepted(authority: trustme.CA) -> None:
    async with listening(hello, server_tls(authority, "127.0.0.1")) as server:
        response = await ask(f"https://127.0.0.1:{server.port}")

    assert response.content == b"hello"


async def test_a_certificate_for_another_name_is_refused(authority: trustme.CA) -> None:
    async with listening(hello, server_tls(authority, "elsewhere.example")) as server:
        with pytest.raises(SecureConnectError, match="certificate"):
            await ask(f"https://127.0.0.1:{server.port}")

    assert server.heads == []


async def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    async with listening(hello, server_tls(trustme.CA(), "127.0.0.1")) as server:
        with pytest.raises(SecureConnectError, match="certificate"):
            await ask(f"https://127.0.0.1:{server.port}")

    assert server.heads == []


async def test_a_name_with_several_addresses_is_reached_where_somebody_listens() -> None:
    async with listening(hello) as server:
        response = await ask(f"http://localhost:{server.port}")

    assert response.content == b"hello"


async def test_an_unknown_name_is_an_error_of_its_own() -> None:
    with pytest.raises(UnknownHostError):
        await ask("http://no-such-host.invalid")


async def test_a_server_that_accepts_and_says_nothing_to_tls_is_not_waited_for_long() -> None:
    def silent(_listener: Listener) -> Served:
        async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
            await reader.read()

        return serve

    async with listening(silent) as server:
        connector = Connector(httpx.URL(f"https://127.0.0.1:{server.port}"), None, 0.1)
        with pytest.raises(httpx.ConnectTimeout):
            await connector()


async def test_a_server_that_hangs_up_on_tls_is_no_server_that_cannot_be_trusted() -> None:
    def hasty(_listener: Listener) -> Served:
        async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()

        return serve

    async with listening(hasty) as server:
        with pytest.raises(httpx.ConnectError, match="the TLS handshake broke off") as caught:
            await ask(f"https://127.0.0.1:{server.port}")

    assert not isinstance(caught.value, SecureConnectError)


async def test_a_proxy_is_given_the_whole_address_and_the_word_to_it() -> None:
    async with listening(hello) as proxy:
        url = f"http://me:p%40ss@127.0.0.1:{proxy.port}"
        response = await ask("http://api.example:81", url)

    assert response.content == b"hello"
    (head,) = proxy.heads
    assert head.startswith(b"GET http://api.example:81/x HTTP/1.1\r\n")
    assert b"Host: api.example:81\r\n" in head
    assert b"proxy-authorization: Basic " + b64encode(b"me:p@ss") in head


@pytest.mark.parametrize("is_secure", [False, True])
async def test_a_secure_server_is_reached_through_a_tunnel_that_hides_what_is_sent(
    authority: trustme.CA, is_secure: bool
) -> None:
    tls = server_tls(authority, "127.0.0.1")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(listening(hello, tls))
        proxy = await stack.enter_async_context(listening(tunnelling, tls if is_secure else None))
        scheme = "https" if is_secure else "http"
        url = f"https://127.0.0.1:{server.port}"
        response = await ask(url, f"{scheme}://me:word@127.0.0.1:{proxy.port}")

    assert response.content == b"hello"
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
    assert b"Basic " + b64encode(b"me:word") in head
    (asked,) = server.heads
    assert b"proxy-authorization" not in asked


async def test_a_proxy_that_refuses_is_named_with_its_status() -> None:
    def refusing(_listener: Listener) -> Served:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

        return serve

    async with listening(refusing) as proxy:
        with pytest.raises(httpx.ProxyError, match="407"):
            await ask("https://api.example", f"http://127.0.0.1:{proxy.port}")


async def test_the_proxy_of_the_environment_is_taken_and_no_proxy_is_heeded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with listening(hello) as proxy, listening(hello) as server:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        url = f"http://127.0.0.1:{server.port}"
        for _ in range(2):
            async with open_transport(url, connect_seconds=2, most_idle=1) as pool:
                await pool.handle_async_request(httpx.Request("GET", url))
            monkeypatch.setenv("no_proxy", "127.0.0.1")

    assert (len(proxy.heads), len(server.heads)) == (1, 1)


async def test_a_proxy_that_is_no_url_is_a_mistake_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)

    with pytest.raises(SettingsError, match="HTTP_PROXY"):
        open_transport("http://api.example", connect_seconds=2, most_idle=1)


async def test_a_connect_that_is_cancelled_leaves_no_socket() -> None:
    async with listening(hello) as server:
        connector = Connector(httpx.URL(f"http://localhost:{server.port}"), None, 2)
        (await connector()).abort()
        await asyncio.sleep(0.05)
        before = _open_sockets()
        for turns in range(12):
            connecting = asyncio.create_task(connector())
            for _ in range(turns):
                await asyncio.sleep(0)
            connecting.cancel()
            await asyncio.wait([connecting])
            if not connecting.cancelled():
                (await connecting).abort()
        await asyncio.sleep(0.05)

        assert _open_sockets() - before == set()


def _open_sockets() -> set[int]:
    everything = gc.get_objects()
    return {thing.fileno() for thing in everything if isinstance(thing, socket.socket)} - {-1}
