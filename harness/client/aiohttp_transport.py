"""Carries httpx's requests over aiohttp."""

from __future__ import annotations

import asyncio
import os
import select
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cached_property
from typing import Any
from weakref import WeakSet

import aiohttp
import httpx
import yarl
from aiohttp.connector import Connection

from harness.client.transport_errors import NotHttpError, SecureConnectError, UnknownHostError

_SECONDS_IDLE = 30.0  # after which a connection is not used again
_LONGEST_HEADER = 65536  # bytes; gateways add long cookies and policies
_ERRORS = (aiohttp.ClientError, OSError)
_LARGE_BODY = 65536  # bytes, from which a body is handed over in parts


class AiohttpTransport(httpx.AsyncBaseTransport):
    """A transport of httpx that leaves connections, HTTP/1.1 and proxies to aiohttp.

    httpx's own pool looks at every connection for every request. A request is never sent twice,
    and a redirect never followed.

    Args:
        connect_seconds: How long it may take until a connection can be used, TLS and tunnel
            included.
        proxy: The URL of an http(s) proxy to go through.
        tls: How servers prove who they are; None if none of them speaks TLS.
    """

    def __init__(
        self,
        connect_seconds: float,
        proxy: httpx.URL | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds, self._tls = connect_seconds, tls
        self._proxy = None if proxy is None else yarl.URL(str(proxy))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the response's body is read as it comes.

        Raises:
            httpx.TransportError: There is no connection, or it broke; the class says why.
        """
        # Those that begin together first all do what they do before this, and then this: it is the
        # same code again and again, which processors run a tenth faster.
        await asyncio.sleep(0)
        content = await request.aread()
        try:
            response = await self._session.request(
                request.method,
                yarl.URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=content if len(content) < _LARGE_BODY else _parts(content),
                proxy=self._proxy,
                allow_redirects=False,
            )
        except _ERRORS as error:
            raise _httpx_error(error) from error
        return httpx.Response(
            response.status, headers=list(response.raw_headers), stream=_Body(response)
        )

    async def aclose(self) -> None:
        """Close every connection."""
        if "_session" in vars(self):
            await self._session.close()

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        # with the first request, because it belongs to the loop that runs then
        connector = _Connector(limit=0, keepalive_timeout=_SECONDS_IDLE, ssl=self._tls or True)
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(connect=self._seconds, ceil_threshold=float("inf")),
            # Nothing that was not asked for: no cookies, no headers, no key of `.netrc`.
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("accept", "accept-encoding", "content-type", "user-agent"),
            trust_env=False,
            auto_decompress=False,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )


class _Connector(aiohttp.TCPConnector):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._used: WeakSet[asyncio.BaseProtocol] = WeakSet()

    async def connect(self, *args: Any, **options: Any) -> Connection:
        """Return a connection on which nothing came that nobody asked for.

        aiohttp would take a second response for the answer to the next request. And servers close
        idle connections without a word: a request that meets the close is lost.
        """
        while True:
            connection = await super().connect(*args, **options)
            protocol = connection.protocol
            if protocol is None:
                return connection
            is_used = protocol in self._used
            if not protocol.should_close and not (is_used and _has_input(protocol.transport)):
                self._used.add(protocol)
                return connection
            connection.close()


def _has_input(transport: asyncio.BaseTransport | None) -> bool:
    """Return whether something came, an end included, that the loop has not read yet."""
    # The system is asked: the loop would read it in its next turn, and to wait for that turn makes
    # the requests of all trials wait for each other.
    connected = None if transport is None else transport.get_extra_info("socket")
    if connected is None:
        return False
    if not hasattr(select, "poll"):  # Windows, where `select` takes any socket
        return bool(select.select([connected], (), (), 0)[0])
    poll = select.poll()
    poll.register(connected, select.POLLIN)
    return bool(poll.poll(0))


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except _ERRORS as error:
            raise _httpx_error(error) from error

    async def aclose(self) -> None:
        # A rest that was not read would be taken for the next response.
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    """Yield a large body in parts, between which other requests have their turn."""
    for start in range(0, len(content), _LARGE_BODY):
        yield content[start : start + _LARGE_BODY]


def _httpx_error(error: Exception) -> httpx.TransportError:
    for kind, translated in _TRANSLATIONS.items():
        if isinstance(error, kind):
            return translated(error)
    return httpx.ReadError(str(error) or type(error).__name__)


def _reason(error: OSError) -> str:
    """Return what the system says, without the address that the message repeats."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, ssl.SSLError):
        return str(cause) or type(cause).__name__
    if cause.errno is not None and cause.errno > 0:
        return os.strerror(cause.errno)
    return cause.strerror or str(cause) or type(cause).__name__


def _certificate_error(error: Any) -> httpx.TransportError:
    why = getattr(error.certificate_error, "verify_message", "") or error.certificate_error
    return SecureConnectError(f"its certificate: {why}")


def _unreachable_proxy(error: Any) -> httpx.TransportError:
    return httpx.ProxyError(f"cannot reach the proxy {error.host}:{error.port}: {_reason(error)}")


# the first class that fits: those that inherit from others come before them
_TRANSLATIONS: Mapping[type[Exception], Callable[[Any], httpx.TransportError]] = {
    aiohttp.ConnectionTimeoutError: lambda error: httpx.ConnectTimeout(str(error)),
    aiohttp.ClientConnectorDNSError: lambda error: UnknownHostError(_reason(error)),
    aiohttp.ClientConnectorCertificateError: _certificate_error,
    aiohttp.ClientConnectorSSLError: lambda error: SecureConnectError(_reason(error)),
    aiohttp.ClientProxyConnectionError: _unreachable_proxy,
    aiohttp.ClientHttpProxyError: lambda error: httpx.ProxyError(
        f"the proxy answered CONNECT with HTTP {error.status}"
    ),
    aiohttp.ClientConnectorError: lambda error: httpx.ConnectError(_reason(error)),
    aiohttp.ServerDisconnectedError: lambda _: httpx.RemoteProtocolError(
        "the server closed the connection"
    ),
    aiohttp.ClientPayloadError: lambda _: httpx.RemoteProtocolError("it closed inside the body"),
    aiohttp.ClientResponseError: lambda error: NotHttpError(" ".join(error.message.split())),
    OSError: lambda error: httpx.ReadError(_reason(error)),
}
