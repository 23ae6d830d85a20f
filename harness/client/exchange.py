"""One HTTP exchange, with a timer that says which of its limits was passed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import httpx

from harness.client.failures import connection_error
from harness.errors import ApiResponseError, ApiTimeoutError
from harness.model.settings import Timeouts

_TIMER_STEP = 0.01  # the share of a limit by which it may be kept too early
MAX_RESPONSE_BYTES = 64_000_000
_BROKEN = (httpx.TransportError, httpx.DecodingError, aiohttp.ClientError, OSError, EOFError)


class Transport(Protocol):
    """What carries requests: httpx's asynchronous transports do."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response once its headers are there."""


@dataclass(slots=True)
class _Timer:
    """Moves the deadline of a scope from limit to limit, and remembers which one is on."""

    scope: asyncio.Timeout
    ends: float
    limits: Timeouts
    waiting_for: str = ""
    on: float = 0.0

    def expect(self, limit: str) -> None:
        """Give the next step its time, but no more than the exchange has left."""
        seconds: float = getattr(self.limits, limit)
        when = asyncio.get_running_loop().time() + seconds
        if limit == self.waiting_for and when - self.on < _TIMER_STEP * seconds:
            return  # a body that is there at once is not worth a new timer for each piece
        self.waiting_for = limit if when < self.ends else "attempt"
        self.on = min(when, self.ends)
        self.scope.reschedule(self.on)

    def error(self) -> ApiTimeoutError:
        """Return the error that names the limit that was passed."""
        name = self.waiting_for
        told = {
            "first_byte": "no response came",
            "idle": "nothing more came",
            "attempt": "the response was not complete",
        }[name]
        seconds = getattr(self.limits, name)
        return ApiTimeoutError(f"{told} within {seconds:g} s (timeouts.{name})", f"{name}_timeout")


class OpenResponse:
    """A response whose body is still to be read."""

    def __init__(self, response: httpx.Response, timer: _Timer, place: str) -> None:
        self._response, self._timer, self._place = response, timer, place
        self._size = 0
        self.status = response.status_code
        # httpx guesses an encoding at every look at its headers; one pass over the bytes is faster
        self.headers: Mapping[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers.raw
        }

    @property
    def content_type(self) -> str:
        """The media type of the body, as the server calls it."""
        return self.headers.get("content-type", "").lower()

    @property
    def request_id(self) -> str | None:
        """What the service calls the request."""
        return self.headers.get("request-id") or self.headers.get("x-request-id")

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes.

        Raises:
            ApiConnectionError: The connection broke.
            ApiResponseError: The body is larger than 64 MB.
        """
        if "content-encoding" in self.headers:
            stream = self._response.aiter_bytes()
        else:
            assert isinstance(self._response.stream, httpx.AsyncByteStream)  # noqa: S101
            stream = self._response.stream.__aiter__()
        self._timer.expect("idle")
        try:
            async for piece in stream:
                self._size += len(piece)
                if self._size > MAX_RESPONSE_BYTES:
                    limit = f"{MAX_RESPONSE_BYTES // 1_000_000} MB"
                    message = f"the response is larger than {limit}"
                    raise ApiResponseError(message, "response_too_large", self.status)
                yield piece
                self._timer.expect("idle")
        except _BROKEN as error:
            raise connection_error(error, self._place) from error

    async def body(self) -> bytes:
        """Return the whole body."""
        return b"".join([piece async for piece in self.pieces()])


class Exchanges:
    """Opens exchanges on a transport and translates what breaks them."""

    def __init__(self, transport: Transport, timeouts: Timeouts) -> None:
        self._transport, self._timeouts = transport, timeouts

    @asynccontextmanager
    async def open(self, request: httpx.Request) -> AsyncIterator[OpenResponse]:
        """Send a request; the response is closed when the block ends.

        Raises:
            ApiTimeoutError: One of the time limits was passed; it is named.
            ApiConnectionError: There was no connection, or it broke.
        """
        limits = self._timeouts
        request.extensions["timeout"] = {"connect": limits.connect}
        request.headers.encoding = "ascii"  # else it is guessed at every look, 27 times a call
        timer: _Timer | None = None
        try:
            async with asyncio.timeout(None) as scope:
                timer = _Timer(scope, asyncio.get_running_loop().time() + limits.attempt, limits)
                timer.expect("first_byte")
                response = await self._transport.handle_async_request(request)
                try:
                    yield OpenResponse(response, timer, _place(request))
                finally:
                    await response.aclose()
        except TimeoutError as error:
            if timer is not None and timer.scope.expired():
                raise timer.error() from error
            raise connection_error(error, _place(request)) from error
        except _BROKEN as error:
            raise connection_error(error, _place(request)) from error


def _place(request: httpx.Request) -> str:
    url = request.url
    return f"{url.scheme}://{url.netloc.decode('ascii')}"
