"""Parses a response from its bytes, as far as they have come."""

from __future__ import annotations

import asyncio
from collections import deque

import httpx
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from harness.errors import HarnessError

MAX_HEAD_BYTES = 256_000
_SAYS_WHERE_IT_ENDS = frozenset({b"content-length", b"transfer-encoding"})


class _SecondResponseError(HarnessError):
    """A second response came to one request."""


class ResponseParser:
    """One response: bytes go in, its head and the pieces of its body come out.

    httptools calls the methods that begin with `on_`.

    Attributes:
        status: The HTTP status, once the head is there.
        headers: Names and values in the order in which they came.
        buffered: How many bytes of the body wait to be read.
        is_complete: Whether the whole response has come.
        is_kept_alive: Whether the connection may carry another exchange after it.
    """

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._pieces: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._error: httpx.TransportError | None = None
        self._has_head = False
        self._size = 0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.buffered = 0
        self.is_complete = False
        self.is_kept_alive = False

    def feed(self, data: bytes) -> None:
        """Take bytes from the connection; an error in them is raised where the response is read."""
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.fail(httpx.RemoteProtocolError("the server wants to speak another protocol"))
        except HttpParserError as error:
            self.is_kept_alive = False
            # Bytes after a complete response spoil the connection, but the reply was paid for.
            if not self.is_complete:
                self.fail(httpx.RemoteProtocolError(f"invalid HTTP response: {error}"))
        # The parser sets no bound: headers without an end would fill the memory.
        if not self._has_head and self._size > MAX_HEAD_BYTES:
            limit = f"{MAX_HEAD_BYTES // 1000} kB"
            self.fail(httpx.RemoteProtocolError(f"the response's headers are larger than {limit}"))
        self._wake_reader()

    def end(self, error: Exception | None) -> None:
        """Accept the end of the connection, which is also how some responses end."""
        self.is_kept_alive = False
        # Servers may close right after the last byte, before anybody has read: it still counts.
        if self.is_complete:
            return
        if error is not None:
            self.fail(httpx.ReadError(str(error) or type(error).__name__))
        elif self._ends_with_connection():
            self.is_complete = True
        elif self._size == 0:
            self.fail(httpx.RemoteProtocolError("the server closed it without a response"))
        else:
            self.fail(httpx.RemoteProtocolError("the server closed it inside the response"))
        self._wake_reader()

    def fail(self, error: httpx.TransportError) -> None:
        """Raise an error where the response is read; only the first one counts."""
        # What follows a first error are its consequences, such as the end of the connection.
        self._error = self._error or error
        self.is_kept_alive = False
        self._wake_reader()

    async def head(self) -> None:
        """Wait until status and headers are there.

        Raises:
            httpx.TransportError: They will not come.
        """
        while not self._has_head:
            await self._wait()

    async def piece(self) -> bytes | None:
        """Return the next piece of the body, or None at its end.

        Raises:
            httpx.TransportError: The rest will not come.
        """
        while not self._pieces:
            if self.is_complete:
                return None
            await self._wait()
        piece = self._pieces.popleft()
        self.buffered -= len(piece)
        return piece

    def on_message_begin(self) -> None:
        """Stop the parser where another response begins."""
        # Its headers and its body would be added to those of the first.
        if self.is_complete:
            raise _SecondResponseError

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header."""
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Accept the head, unless it is an interim response (RFC 9110, 15.2)."""
        self.status = self._parser.get_status_code()
        if self.status >= 200:
            self._has_head = True
            self.is_kept_alive = self._parser.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        """Add a piece of the body."""
        if piece:
            self._pieces.append(piece)
            self.buffered += len(piece)

    def on_message_complete(self) -> None:
        """Accept the end of the response, or of an interim one before it."""
        if self._has_head:
            self.is_complete = True
        else:
            self.headers.clear()  # those of a 1xx do not belong to the response that follows

    def _ends_with_connection(self) -> bool:
        names = {name.lower() for name, _ in self.headers}
        return self._has_head and names.isdisjoint(_SAYS_WHERE_IT_ENDS)

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def _wake_reader(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():  # done if the reader was cancelled
            waiter.set_result(None)
