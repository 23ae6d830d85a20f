"""A connection to a server that carries one exchange after the other."""

from __future__ import annotations

import asyncio
import select
import sys
from typing import cast

import httpx

from harness.client.response_parser import ResponseParser

_MOST_BUFFERED = 1_000_000  # bytes of a body that wait to be read; beyond that the server waits


def _is_readable(file: int) -> bool:
    if sys.platform == "win32":
        return bool(select.select([file], [], [], 0)[0])
    poller = select.poll()  # `select` refuses descriptors from 1,024 on
    poller.register(file, select.POLLIN)
    return bool(poller.poll(0))


class Connection(asyncio.Protocol):
    """An open connection, given to asyncio as the protocol of its transport.

    Attributes:
        idle_since: When it was last given back, on its owner's clock.
    """

    def __init__(self) -> None:
        self._response: ResponseParser | None = None
        self._is_reading = True
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0

    @property
    def is_open(self) -> bool:
        """Whether another exchange may begin."""
        return self.transport is not None and not self.transport.is_closing()

    async def send(self, request: bytes) -> ResponseParser:
        """Send a request and return its response once its head is there.

        Raises:
            httpx.TransportError: The connection broke, or what came is not HTTP.
        """
        if self.transport is None or self.transport.is_closing():
            raise httpx.WriteError("the connection is closed")
        self._response = response = ResponseParser()
        self.transport.write(request)
        await response.head()
        return response

    async def piece(self, response: ResponseParser) -> bytes | None:
        """Return the next piece of a response's body, or None at its end.

        Raises:
            httpx.TransportError: The rest will not come.
        """
        piece = await response.piece()
        if not self._is_reading and response.buffered <= _MOST_BUFFERED and self.is_open:
            self._is_reading = True
            cast(asyncio.Transport, self.transport).resume_reading()
        return piece

    def finish(self, response: ResponseParser) -> bool:
        """End an exchange, however far it came, and return whether another may follow."""
        self.forget()
        # Where reading is paused or a part of the request is unsent, the next exchange would begin
        # with the rest of this one.
        is_whole = response.is_complete and response.is_kept_alive and self._is_reading
        if is_whole and self.is_open and not self._unsent_bytes:
            return True
        self.abort()
        return False

    @property
    def _unsent_bytes(self) -> int:
        """Of a request that was answered before the server had read it."""
        return cast(asyncio.Transport, self.transport).get_write_buffer_size()

    @property
    def has_unread_data(self) -> bool:
        """Whether data or the end has come that was not read; an idle one must not be used then."""
        assert self.transport is not None  # noqa: S101
        return _is_readable(self.transport.get_extra_info("socket").fileno())

    def forget(self) -> None:
        """Stop waiting for the response to what was sent."""
        self._response = None

    def abort(self) -> None:
        """Close the connection at once."""
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to write to."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Hand bytes on to the response that is awaited."""
        response = self._response
        if response is None:
            # An unsolicited response: it would be taken for the one to the next request.
            self.abort()
            return
        response.feed(data)
        if response.buffered > _MOST_BUFFERED and self._is_reading and self.is_open:
            self._is_reading = False
            cast(asyncio.Transport, self.transport).pause_reading()

    def eof_received(self) -> None:
        """End the response; the result None lets the transport close."""
        # A server that only closed its own side could still read, but could answer no request.
        if self._response is not None:
            self._response.end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the response, if one is awaited."""
        if self._response is not None:
            self._response.end(exc)
