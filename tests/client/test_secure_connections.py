"""Connections through TLS and proxies, with certificates of an authority made for the test."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import trustme

from harness.client.aiohttp_transport import AiohttpTransport
from harness.client.transport import open_transport
from harness.client.transport_errors import SecureConnectError, UnknownHostError
from tests.support.sockets import Heard, answering, ask, once, server_that

pytestmark = pytest.mark.anyio
Open = Callable[[str], AiohttpTransport]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that OpenSSL trusts while the test runs."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def tunnelling(
    heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Do what a proxy does when it is asked to CONNECT."""
    head = await heard.head(reader)
    host, _, port = head.split(b" ")[1].decode().rpartition(":")
    inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
    writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
    try:
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
    finally:
        inner_writer.transport.abort()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
    target.close()


async def reach(url: str, content: bytes = b"x") -> httpx.Response:
    async with open_transport(url, connect_seconds=2) as transport:
        return await ask(transport, url, content)


async def test_a_certificate_of_a_trusted_authority_is_accepted(authority: trustme.CA) -> None:
    async with server_that(answering(), tls=server_tls(authority, "127.0.0.1")) as server:
        response = await reach(f"https://127.0.0.1:{server.port}")

    assert response.content == b"hello"


@pytest.mark.parametrize("issuer", ["the trusted authority", "another one"])
async def test_a_certificate_that_cannot_be_trusted_is_refused_before_the_key_is_sent(
    authority: trustme.CA, issuer: str
) -> None:
    tls = (
        server_tls(authority, "elsewhere.example")
        if issuer == "the trusted authority"
        else server_tls(trustme.CA(), "127.0.0.1")
    )
    async with server_that(answering(), tls=tls) as server:
        with pytest.raises(SecureConnectError, match="its certificate: "):
            await reach(f"https://127.0.0.1:{server.port}")

    assert server.heads == []


async def test_a_server_that_speaks_no_tls_is_no_secure_one(authority: trustme.CA) -> None:
    async def plain(
        _heard: Heard, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with server_that(plain) as server:
        with pytest.raises(SecureConnectError):
            await reach(f"https://127.0.0.1:{server.port}")


async def test_a_server_that_hangs_up_on_tls_is_not_one_that_cannot_be_trusted(
    authority: trustme.CA,
) -> None:
    async def hasty(
        _heard: Heard, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.transport.abort()

    async with server_that(hasty) as server:
        with pytest.raises(httpx.ConnectError) as caught:
            await reach(f"https://127.0.0.1:{server.port}")

    assert not isinstance(caught.value, SecureConnectError)


async def test_a_server_that_says_nothing_to_tls_is_not_waited_for_long(
    authority: trustme.CA,
) -> None:
    async def silent(
        _heard: Heard, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter
    ) -> None:
        await reader.read()
        await asyncio.sleep(5)

    async with server_that(silent) as server:
        url = f"https://127.0.0.1:{server.port}"
        async with open_transport(url, connect_seconds=0.2) as transport:
            with pytest.raises(httpx.ConnectTimeout):
                await ask(transport, url)


async def test_an_unknown_name_is_an_error_of_its_own() -> None:
    with pytest.raises(UnknownHostError):
        await reach("http://no-such-host.invalid")


async def test_a_proxy_is_given_the_whole_address_and_the_word_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with server_that(answering()) as proxy:
        monkeypatch.setenv("http_proxy", f"http://me:p%40ss@127.0.0.1:{proxy.port}")
        response = await reach("http://api.example:81")

    assert response.content == b"hello"
    (head,) = proxy.heads
    assert head.startswith(b"POST http://api.example:81/path?a=b HTTP/1.1\r\n")
    assert b"host: api.example:81\r\n" in head.lower()
    assert b"Proxy-Authorization: Basic " + b64encode(b"me:p@ss") in head


@pytest.mark.parametrize("is_secure", [False, True], ids=["http proxy", "https proxy"])
async def test_a_secure_server_is_reached_through_a_tunnel_that_hides_what_is_sent(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, is_secure: bool
) -> None:
    tls = server_tls(authority, "127.0.0.1")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(server_that(answering(), tls=tls))
        proxy = await stack.enter_async_context(
            server_that(tunnelling, tls=tls if is_secure else None)
        )
        scheme = "https" if is_secure else "http"
        monkeypatch.setenv("https_proxy", f"{scheme}://me:word@127.0.0.1:{proxy.port}")
        response = await reach(f"https://127.0.0.1:{server.port}")

    assert response.content == b"hello"
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
    assert b"Basic " + b64encode(b"me:word") in head
    (asked,) = server.heads
    assert b"proxy-authorization" not in asked.lower()


async def test_a_proxy_that_refuses_is_named_with_its_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"
    async with server_that(once(refusal)) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(httpx.ProxyError, match="407"):
            await reach("https://api.example")


async def test_a_proxy_where_nobody_listens_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server_that(answering()) as proxy:
        address = f"127.0.0.1:{proxy.port}"
    monkeypatch.setenv("http_proxy", f"http://{address}")

    with pytest.raises(httpx.ProxyError, match=f"cannot reach the proxy {address}"):
        await reach("http://api.example")
