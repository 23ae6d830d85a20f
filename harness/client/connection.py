"""A connection to a server, which carries one exchange after the other."""

from __future__ import annotations

import asyncio
import select
import sys
from typing import cast

import httpx

from harness.client.response_parser import Incoming

_MOST_BUFFERED = 1_000_000  # bytes of a body that nobody reads yet; the server waits beyond that


def _is_readable(file: int) -> bool:
    if sys.platform == "win32":
        return bool(select.select([file], [], [], 0)[0])
    poller = select.poll()  # `select` knows no file beyond the 1,024th
    poller.register(file, select.POLLIN)
    return bool(poller.poll(0))


class Connection(asyncio.Protocol):
    """An open connection, given to asyncio as the protocol of its transport.

    Attributes:
        idle_since: When it was last given back, on whatever clock its owner uses.
    """

    def __init__(self) -> None:
        self._incoming: Incoming | None = None
        self._is_reading = True
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0

    @property
    def is_open(self) -> bool:
        """Whether another exchange may be begun."""
        return self.transport is not None and not self.transport.is_closing()

    async def send(self, request: bytes) -> Incoming:
        """Send a request and return its response once its head is there.

        Raises:
            httpx.TransportError: The connection broke, or what came is no HTTP.
        """
        if self.transport is None or self.transport.is_closing():
            raise httpx.WriteError("the connection is closed")
        self._incoming = incoming = Incoming()
        self.transport.write(request)
        await incoming.head()
        return incoming

    async def piece(self, incoming: Incoming) -> bytes | None:
        """Return the next piece of a response's body, or None at its end.

        Raises:
            httpx.TransportError: The rest will not come.
        """
        piece = await incoming.piece()
        if not self._is_reading and incoming.buffered <= _MOST_BUFFERED and self.is_open:
            self._is_reading = True
            cast(asyncio.Transport, self.transport).resume_reading()
        return piece

    def rest(self, incoming: Incoming) -> bool:
        """End an exchange, wherever it stands, and return whether another may follow."""
        self.forget()
        is_whole = incoming.is_complete and incoming.is_kept_alive and self._is_reading
        if is_whole and self.is_open and not self._unsent:
            return True
        self.abort()
        return False

    @property
    def _unsent(self) -> int:
        """Bytes of a request that was answered before it was read, and stand in the way."""
        return cast(asyncio.Transport, self.transport).get_write_buffer_size()

    @property
    def has_news(self) -> bool:
        """Whether something came in that was not read yet: for an idle one, that it was closed."""
        assert self.transport is not None  # noqa: S101
        return _is_readable(self.transport.get_extra_info("socket").fileno())

    def forget(self) -> None:
        """Await nothing any more of what was sent."""
        self._incoming = None

    def abort(self) -> None:
        """Close the connection at once."""
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to write to."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Hand bytes on to the response that is awaited."""
        incoming = self._incoming
        if incoming is None:
            self.abort()  # nothing was asked for
            return
        incoming.feed(data)
        if incoming.buffered > _MOST_BUFFERED and self._is_reading and self.is_open:
            self._is_reading = False
            cast(asyncio.Transport, self.transport).pause_reading()

    def eof_received(self) -> None:
        """Let the transport close: a server that says no more is of no use."""
        if self._incoming is not None:
            self._incoming.end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever reads."""
        if self._incoming is not None:
            self._incoming.end(exc)
