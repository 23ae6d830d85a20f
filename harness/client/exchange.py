"""One HTTP exchange, with a timer that says which of its limits was passed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import httpx

from harness.client.failures import connection_error, response_cut, timeout_error
from harness.errors import ApiResponseError, ApiTimeoutError
from harness.model.settings import Timeouts
from harness.source import visible

MAX_RESPONSE_BYTES = 64_000_000
_BROKEN = (httpx.TransportError, httpx.DecodingError, OSError, EOFError)


class Transport(Protocol):
    """What carries requests: httpx's asynchronous transports do."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response once its headers are there."""


class _Timer:
    """Ends a scope when one of the limits is passed, and remembers which one.

    A limit that is moved on before it is reached costs no more than an assignment: the one timer
    of the event loop looks at what holds when it rings, and is set again.
    """

    def __init__(self, scope: asyncio.Timeout, limits: Timeouts, seconds_left: float) -> None:
        self._loop, self._scope, self._limits = asyncio.get_running_loop(), scope, limits
        now = self._loop.time()
        self._whole = "attempt" if limits.attempt < seconds_left else "case"
        self._whole_ends = now + min(limits.attempt, seconds_left)
        self._step, self._step_ends = "first_byte", now + limits.first_byte
        soonest = min(limits.first_byte, limits.idle, limits.attempt, seconds_left)
        self._handle = self._loop.call_at(now + soonest, self._ring)

    def expect_more(self) -> None:
        """Give the next piece of the response its time."""
        self._step, self._step_ends = "idle", self._loop.time() + self._limits.idle

    def stop(self) -> None:
        """End nothing any more."""
        self._handle.cancel()

    def error(self) -> ApiTimeoutError:
        """Return the error that names the limit that was passed."""
        return timeout_error(
            self._whole if self._whole_ends < self._step_ends else self._step, self._limits
        )

    def _ring(self) -> None:
        now, ends = self._loop.time(), min(self._step_ends, self._whole_ends)
        if now >= ends:
            self._scope.reschedule(now)
        else:
            self._handle = self._loop.call_at(min(ends, now + self._limits.idle), self._ring)


class OpenResponse:
    """A response whose body is still to be read.

    Attributes:
        place: Scheme, host and port of the server.
        headers: By their names in lower case.
    """

    def __init__(self, response: httpx.Response, timer: _Timer, place: str) -> None:
        self._response, self._timer, self.place = response, timer, place
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

    @property
    def ends_with_connection(self) -> bool:
        """Whether only the end of the connection says where the body ends."""
        return "content-length" not in self.headers and "transfer-encoding" not in self.headers

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
        self._timer.expect_more()
        try:
            async for piece in stream:
                self._size += len(piece)
                if self._size > MAX_RESPONSE_BYTES:
                    limit = f"{MAX_RESPONSE_BYTES // 1_000_000} MB"
                    message = f"the response is larger than {limit}"
                    raise ApiResponseError(message, "response_too_large", self.status)
                yield piece
                self._timer.expect_more()
        except _BROKEN as error:
            raise response_cut(self.place, visible(str(error))) from error

    async def body(self) -> bytes:
        """Return the whole body."""
        return b"".join([piece async for piece in self.pieces()])


class Exchanges:
    """Opens exchanges on a transport and translates what breaks them."""

    def __init__(self, transport: Transport, timeouts: Timeouts) -> None:
        self._transport, self._timeouts = transport, timeouts

    @asynccontextmanager
    async def open(
        self, request: httpx.Request, seconds_left: float
    ) -> AsyncIterator[OpenResponse]:
        """Send a request; the response is closed when the block ends.

        Args:
            request: What to send.
            seconds_left: What the call that it is part of has left of `timeouts.case`.

        Raises:
            ApiTimeoutError: One of the time limits was passed; it is named.
            ApiConnectionError: There was no connection, or it broke.
        """
        request.headers.encoding = "ascii"  # else it is guessed at every look, 27 times a call
        scope = asyncio.timeout(None)
        timer = _Timer(scope, self._timeouts, seconds_left)
        try:
            async with scope:
                response = await self._transport.handle_async_request(request)
                try:
                    yield OpenResponse(response, timer, _place(request))
                finally:
                    with suppress(*_BROKEN):  # what is not read any more may well be broken
                        await response.aclose()
        except TimeoutError as error:
            if scope.expired():
                raise timer.error() from error
            raise connection_error(error, _place(request)) from error
        except _BROKEN as error:
            raise connection_error(error, _place(request)) from error
        finally:
            timer.stop()


def _place(request: httpx.Request) -> str:
    url = request.url
    return f"{url.scheme}://{url.netloc.decode('ascii')}"
