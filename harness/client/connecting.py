"""Opens connections to one server: directly or through a proxy, with TLS where its address asks."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import ssl
from base64 import b64encode
from collections.abc import Sequence
from functools import cached_property
from urllib.parse import unquote

import httpx
from aiohappyeyeballs import AddrInfoType, start_connection

from harness.client.connection import Connection

_PORTS = {"http": 80, "https": 443}
_HAPPY_EYEBALLS = 0.25  # seconds; RFC 8305, section 5
_SECONDS_KNOWN = 10.0
_SECONDS_FAILED = 1.0


class UnknownHostError(httpx.ConnectError):
    """The name of a host means nothing to the name service."""


class SecureConnectError(httpx.ConnectError):
    """Server and client could not agree on TLS."""


class Dialer:
    """Opens connections to a server.

    Root certificates are the system's; OpenSSL's `SSL_CERT_FILE` and `SSL_CERT_DIR` name others.

    Args:
        server: Its URL, of which scheme, host and port count.
        proxy: The URL of an http(s) proxy to go through.
        seconds: How long it may take until a connection can be used.
    """

    def __init__(self, server: httpx.URL, proxy: httpx.URL | None, seconds: float) -> None:
        self._server, self._proxy, self._seconds = server, proxy, seconds
        self._asking = asyncio.Lock()
        self._addresses: Sequence[AddrInfoType] = ()
        self._known_at = self._failed_at = -math.inf
        self._failure = ""

    @property
    def is_relayed(self) -> bool:
        """Whether requests are addressed to a proxy, which reads them."""
        return self._proxy is not None and self._server.scheme == "http"

    @property
    def proxy_headers(self) -> list[tuple[bytes, bytes]]:
        """What the proxy has to be told beside the request."""
        if self._proxy is None or not self._proxy.userinfo:
            return []
        name, _, word = self._proxy.userinfo.partition(b":")
        pair = f"{unquote(name.decode())}:{unquote(word.decode())}".encode()
        return [(b"proxy-authorization", b"Basic " + b64encode(pair))]

    async def __call__(self) -> Connection:
        """Return a new connection.

        Raises:
            httpx.TransportError: There is none; its class says why.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._connected()
        except TimeoutError as error:
            raise httpx.ConnectTimeout(f"not within {self._seconds:g} s") from error

    async def _connected(self) -> Connection:
        connection = Connection()
        try:
            await self._open(connection)
        except BaseException:
            connection.abort()
            raise
        return connection

    async def _open(self, connection: Connection) -> None:
        if self._proxy is None:
            await self._reach(connection, self._server)
        else:
            try:
                await self._reach(connection, self._proxy)
            except httpx.ConnectError as error:
                place = f"the proxy {self._proxy.host}:{port_of(self._proxy)}"
                raise httpx.ProxyError(f"{place} cannot be reached: {error}") from error
            if self._proxy.scheme == "https":
                await self._secure(connection, self._proxy)
            if not self.is_relayed:
                await self._tunnel(connection)
        if self._server.scheme == "https":
            await self._secure(connection, self._server)

    async def _reach(self, connection: Connection, url: httpx.URL) -> None:
        loop = asyncio.get_running_loop()
        addresses = await self._addresses_of(url)
        try:
            # asyncio's own race of addresses leaves sockets open when it is cancelled
            taken = await start_connection(addresses, happy_eyeballs_delay=_HAPPY_EYEBALLS)
            await loop.create_connection(lambda: connection, sock=taken)
        except OSError as error:
            self._known_at = -math.inf  # they may have moved
            words = str(error) if error.errno is None else os.strerror(error.errno)
            raise httpx.ConnectError(words) from error

    async def _addresses_of(self, url: httpx.URL) -> Sequence[AddrInfoType]:
        """Return the addresses of a host; they are asked for once, however many dial."""
        loop = asyncio.get_running_loop()
        async with self._asking:
            if loop.time() - self._failed_at < _SECONDS_FAILED:
                raise UnknownHostError(self._failure)  # who waited need not ask again
            if loop.time() - self._known_at > _SECONDS_KNOWN:
                try:
                    self._addresses = await loop.getaddrinfo(
                        url.host, port_of(url), type=socket.SOCK_STREAM
                    )
                except (socket.gaierror, UnicodeError) as error:
                    self._failed_at = loop.time()
                    self._failure = getattr(error, "strerror", None) or "no name"
                    raise UnknownHostError(self._failure) from error
                self._known_at = loop.time()
        return self._addresses

    async def _tunnel(self, connection: Connection) -> None:
        """Ask a proxy for a connection to the server (RFC 9110, 9.3.6)."""
        host = self._server.raw_host.decode("ascii")
        place = f"[{host}]" if ":" in host else host
        target = f"{place}:{port_of(self._server)}".encode()
        headers = [(b"host", target), *self.proxy_headers]
        incoming = await connection.send(request_head(b"CONNECT", target, headers))
        if not 200 <= incoming.status < 300:
            raise httpx.ProxyError(f"the proxy answered CONNECT with HTTP {incoming.status}")
        connection.forget()

    async def _secure(self, connection: Connection, url: httpx.URL) -> None:
        loop = asyncio.get_running_loop()
        assert connection.transport is not None  # noqa: S101
        try:
            connection.transport = await loop.start_tls(
                connection.transport, connection, self._tls, server_hostname=url.host
            )
        except ssl.SSLCertVerificationError as error:
            raise SecureConnectError(f"its certificate: {error.verify_message}") from error
        except ssl.SSLError as error:
            raise SecureConnectError(str(error) or type(error).__name__) from error
        except OSError as error:  # reset or hung up, as by a server that has too much to do
            words = str(error) or "the server closed it"
            raise httpx.ConnectError(f"the TLS handshake broke off: {words}") from error
        if connection.transport is None:
            raise httpx.ConnectError("the TLS handshake broke off: the server closed it")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context


def port_of(url: httpx.URL) -> int:
    """Return the port of a URL, which httpx leaves out where it is the usual one."""
    return url.port or _PORTS[url.scheme]


def request_head(method: bytes, target: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    """Return the bytes of a request before its body (RFC 9112, 3)."""
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"".join([method, b" ", target, b" HTTP/1.1\r\n", *lines, b"\r\n"])
