"""A pool of connections to one server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx

from harness.client.connecting import Connector, request_head
from harness.client.connection import Connection
from harness.client.response_parser import ResponseParser

_MOST_SECONDS_IDLE = 30.0


class ConnectionPool(httpx.AsyncBaseTransport):
    """Carries httpx's requests to one server over HTTP/1.1.

    httpx's own pool looks at every connection for every request. This one takes the connection
    that was used last, and opens one if all are in use: the engine limits how many requests are in
    flight. It never sends a request twice.

    Args:
        server: The URL of the server; requests to another one are refused.
        connector: Opens connections.
        most_idle: How many connections to keep that are not in use.
        clock: Returns seconds, from any beginning.
    """

    def __init__(
        self, server: httpx.URL, connector: Connector, most_idle: int, clock: Callable[[], float]
    ) -> None:
        self._server, self._connector = server, connector
        self._most_idle, self._clock = most_idle, clock
        self._idle: list[Connection] = []
        self._used: set[Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request that has its content in memory; the response's body is read as it comes.

        Raises:
            httpx.TransportError: There is no connection, or it broke.
        """
        self._check(request.url)
        connection = self._take_idle() or await self._connector()
        self._used.add(connection)
        try:
            response = await connection.send(self._head(request) + request.content)
        except BaseException:
            # Also when cancelled: its response may still come, and would be read as the next one's.
            connection.abort()
            self._used.discard(connection)
            raise
        body = _Body(self, connection, response)
        return httpx.Response(response.status, headers=response.headers, stream=body)

    def give_back(self, connection: Connection, response: ResponseParser) -> None:
        """Take a connection back, after its response was read or is not wanted any more."""
        self._used.discard(connection)
        if not connection.finish(response):
            return
        if len(self._idle) >= self._most_idle:
            connection.abort()
            return
        connection.idle_since = self._clock()
        self._idle.append(connection)

    async def aclose(self) -> None:
        """Close every connection."""
        for connection in (*self._idle, *self._used):
            connection.abort()
        self._idle.clear()
        self._used.clear()

    def _take_idle(self) -> Connection | None:
        while self._idle:
            # The last one first: those beyond what the run needs grow old and are closed.
            connection = self._idle.pop()
            # Servers close idle connections without a word, and a request that meets the close is
            # lost: it might have been read, so it is not sent again. The event loop may not have
            # read the close yet, so the socket itself is asked.
            is_fresh = self._clock() - connection.idle_since < _MOST_SECONDS_IDLE
            if is_fresh and connection.is_open and not connection.has_unread_data:
                return connection
            connection.abort()
        return None

    def _check(self, url: httpx.URL) -> None:
        server = self._server
        # All connections lead to one server: the key would go where it does not belong.
        if (url.host, url.port, url.scheme) != (server.host, server.port, server.scheme):
            raise httpx.UnsupportedProtocol(f"{url.host} is not the server of this pool")

    def _head(self, request: httpx.Request) -> bytes:
        url, headers = request.url, request.headers.raw
        if self._connector.is_relayed:
            target = b"%b://%b%b" % (url.raw_scheme, url.netloc, url.raw_path)
            headers += self._connector.proxy_headers
        else:
            target = url.raw_path
        if "host" not in request.headers:
            headers.insert(0, (b"host", url.netloc))
        if request.content and "content-length" not in request.headers:
            headers.append((b"content-length", b"%d" % len(request.content)))
        return request_head(request.method.encode(), target, headers)


class _Body(httpx.AsyncByteStream):
    def __init__(
        self, pool: ConnectionPool, connection: Connection, response: ResponseParser
    ) -> None:
        self._pool, self._connection, self._response = pool, connection, response
        self._is_open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._connection.piece(self._response)) is not None:
            yield piece

    async def aclose(self) -> None:
        # Closed a second time, it would end the exchange that uses the connection by then.
        if self._is_open:
            self._is_open = False
            self._pool.give_back(self._connection, self._response)
