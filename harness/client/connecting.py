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
_ADDRESS_SECONDS = 10.0  # for which a name is not looked up again
_UNKNOWN_SECONDS = 1.0  # the same for a name that was not found, which may be a passing trouble


class UnknownHostError(httpx.ConnectError):
    """The name of a host cannot be resolved."""


class SecureConnectError(httpx.ConnectError):
    """The TLS handshake failed: the certificate, or the protocol."""


class Connector:
    """Opens connections to a server.

    Root certificates are the system's; OpenSSL's `SSL_CERT_FILE` and `SSL_CERT_DIR` name others.

    Args:
        server: Its URL; only scheme, host and port matter.
        proxy: The URL of an http(s) proxy to go through.
        seconds: How long it may take until a connection can be used, TLS and tunnel included.
    """

    def __init__(self, server: httpx.URL, proxy: httpx.URL | None, seconds: float) -> None:
        self._server, self._proxy, self._seconds = server, proxy, seconds
        self._lookup = asyncio.Lock()
        self._addresses: Sequence[AddrInfoType] = ()
        self._resolved_at = self._failed_at = -math.inf
        self._failure = ""

    @property
    def is_relayed(self) -> bool:
        """Whether requests go to a proxy that reads them; a tunnel passes them on unread."""
        return self._proxy is not None and self._server.scheme == "http"

    @property
    def proxy_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers that are for the proxy and not for the server."""
        if self._proxy is None or not self._proxy.userinfo:
            return []
        name, _, password = self._proxy.userinfo.partition(b":")
        pair = f"{unquote(name.decode())}:{unquote(password.decode())}".encode()
        return [(b"proxy-authorization", b"Basic " + b64encode(pair))]

    async def __call__(self) -> Connection:
        """Return a new connection.

        Raises:
            httpx.TransportError: There is no connection; the class says why.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._connect()
        except TimeoutError as error:
            raise httpx.ConnectTimeout(f"not within {self._seconds:g} s") from error

    async def _connect(self) -> Connection:
        connection = Connection()
        try:
            await self._open(connection)
        except BaseException:
            # Also when cancelled between two steps: the socket would stay open to the end.
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
                # An error of its own: the user would look for the fault at the server.
                address = f"{self._proxy.host}:{port_of(self._proxy)}"
                raise httpx.ProxyError(f"cannot reach the proxy {address}: {error}") from error
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
            winner = await start_connection(addresses, happy_eyeballs_delay=_HAPPY_EYEBALLS)
            await loop.create_connection(lambda: connection, sock=winner)
        except OSError as error:
            self._resolved_at = -math.inf  # the server may have moved
            # Without asyncio's words around it, which repeat an address that the message has.
            message = str(error) if error.errno is None else os.strerror(error.errno)
            raise httpx.ConnectError(message) from error

    async def _addresses_of(self, url: httpx.URL) -> Sequence[AddrInfoType]:
        """Return the addresses of a host; all who connect at once share one look-up."""
        loop = asyncio.get_running_loop()
        # Look-ups block threads of a small pool: a hundred connections at the start of a run
        # would each wait for their own.
        async with self._lookup:
            if loop.time() - self._failed_at < _UNKNOWN_SECONDS:
                raise UnknownHostError(self._failure)  # those who waited need not ask again
            if loop.time() - self._resolved_at > _ADDRESS_SECONDS:
                try:
                    self._addresses = await loop.getaddrinfo(
                        url.host, port_of(url), type=socket.SOCK_STREAM
                    )
                except (socket.gaierror, UnicodeError) as error:
                    self._failed_at = loop.time()
                    self._failure = getattr(error, "strerror", None) or "no name"
                    raise UnknownHostError(self._failure) from error
                self._resolved_at = loop.time()
        return self._addresses

    async def _tunnel(self, connection: Connection) -> None:
        """Ask a proxy for a connection to the server (RFC 9110, 9.3.6)."""
        host = self._server.raw_host.decode("ascii")
        bracketed = f"[{host}]" if ":" in host else host  # an IPv6 address has colons of its own
        target = f"{bracketed}:{port_of(self._server)}".encode()
        headers = [(b"host", target), *self.proxy_headers]
        response = await connection.send(request_head(b"CONNECT", target, headers))
        if not 200 <= response.status < 300:
            raise httpx.ProxyError(f"the proxy answered CONNECT with HTTP {response.status}")
        # What follows are bytes of the server, and not the body of the proxy's response.
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
            message = str(error) or "the server closed it"
            raise httpx.ConnectError(f"the TLS handshake broke off: {message}") from error
        # asyncio returns None, and raises nothing, if the server closes at just the wrong moment.
        if connection.transport is None:
            raise httpx.ConnectError("the TLS handshake broke off: the server closed it")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])  # servers may choose HTTP/2 otherwise
        return context


def port_of(url: httpx.URL) -> int:
    """Return the port of a URL; httpx has None for the default port."""
    return url.port or _PORTS[url.scheme]


def request_head(method: bytes, target: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    """Return the bytes of a request before its body (RFC 9112, 3)."""
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"".join([method, b" ", target, b" HTTP/1.1\r\n", *lines, b"\r\n"])
