"""A response as far as it has come, told by the parser that reads its bytes."""

from __future__ import annotations

import asyncio
from collections import deque

import httpx
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from harness.errors import HarnessError

MAX_HEAD_BYTES = 256_000
_ENDS_BY_ITSELF = frozenset({b"content-length", b"transfer-encoding"})


class _UnaskedError(HarnessError):
    """A second response came where one was asked for."""


class Incoming:
    """One response: bytes go in, its head and the pieces of its body come out.

    The methods that begin with `on_` are called by the parser.

    Attributes:
        status: The HTTP status, once the head is there.
        headers: Names and values in the order in which they came.
        buffered: How many bytes of the body wait to be read.
        is_complete: Whether all of it has come.
        is_kept_alive: Whether the connection may carry another exchange after it.
    """

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._pieces: deque[bytes] = deque()
        self._news: asyncio.Future[None] | None = None
        self._error: httpx.TransportError | None = None
        self._has_head = False
        self._size = 0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.buffered = 0
        self.is_complete = False
        self.is_kept_alive = False

    def feed(self, data: bytes) -> None:
        """Take bytes from the connection; what is wrong with them is told to whoever reads."""
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.fail(httpx.RemoteProtocolError("the server wants to speak another protocol"))
        except HttpParserError as error:
            self.is_kept_alive = False
            if not self.is_complete:  # what follows a complete response harms only the connection
                self.fail(httpx.RemoteProtocolError(f"what came is no HTTP: {error}"))
        if not self._has_head and self._size > MAX_HEAD_BYTES:
            limit = f"{MAX_HEAD_BYTES // 1000} kB"
            self.fail(httpx.RemoteProtocolError(f"the response's headers are larger than {limit}"))
        self._tell()

    def end(self, error: Exception | None) -> None:
        """Take note that the connection has ended, which is the end of some responses too."""
        self.is_kept_alive = False
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
        self._tell()

    def fail(self, error: httpx.TransportError) -> None:
        """Let whoever reads have an error, the first one of several."""
        self._error = self._error or error
        self.is_kept_alive = False
        self._tell()

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
        if self.is_complete:
            raise _UnaskedError

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take note that the head is there, unless it only announces another one."""
        self.status = self._parser.get_status_code()
        if self.status >= 200:
            self._has_head = True
            self.is_kept_alive = self._parser.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        """Take a piece of the body."""
        if piece:
            self._pieces.append(piece)
            self.buffered += len(piece)

    def on_message_complete(self) -> None:
        """Take note of the end of the response, or of one that only announced it."""
        if self._has_head:
            self.is_complete = True
        else:
            self.headers.clear()

    def _ends_with_connection(self) -> bool:
        names = {name.lower() for name, _ in self.headers}
        return self._has_head and names.isdisjoint(_ENDS_BY_ITSELF)

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._news = asyncio.get_running_loop().create_future()
        await self._news

    def _tell(self) -> None:
        news, self._news = self._news, None
        if news is not None and not news.done():
            news.set_result(None)
