"""One HTTP exchange under four time limits, with an error that names the one that was passed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import httpx

from harness.client.failures import connection_error, response_cut, timeout_error
from harness.errors import ApiResponseError, ApiTimeoutError
from harness.model.settings import Timeouts
from harness.printable import visible

MAX_RESPONSE_BYTES = 64_000_000
_BROKEN = (httpx.TransportError, httpx.DecodingError, OSError, EOFError)


class Transport(Protocol):
    """Carries requests, as the asynchronous transports of httpx do."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return the response once its headers are there."""


class _Timer:
    """Ends a scope when one of the limits is passed, and remembers which one."""

    def __init__(self, scope: asyncio.Timeout, limits: Timeouts, seconds_left: float) -> None:
        self._loop, self._scope, self._limits = asyncio.get_running_loop(), scope, limits
        now = self._loop.time()
        self._whole = "attempt" if limits.attempt < seconds_left else "case"
        self._whole_ends = now + min(limits.attempt, seconds_left)
        self._step, self._step_ends = "first_byte", now + limits.first_byte
        soonest = min(limits.first_byte, limits.idle, limits.attempt, seconds_left)
        # One timer for all limits: `expect_more` only moves a deadline, which costs an assignment
        # for each piece of a stream, and the timer looks at the deadlines when it rings.
        self._handle = self._loop.call_at(now + soonest, self._ring)

    def expect_more(self) -> None:
        """Let the next piece of the response take `timeouts.idle`."""
        self._step, self._step_ends = "idle", self._loop.time() + self._limits.idle

    def stop(self) -> None:
        """Cancel the timer."""
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
    """A response whose body has not been read yet.

    Attributes:
        server: Scheme, host and port.
        headers: By their names in lower case.
    """

    def __init__(self, response: httpx.Response, timer: _Timer, server: str) -> None:
        self._response, self._timer, self.server = response, timer, server
        self._size = 0
        self.status = response.status_code
        # httpx guesses an encoding at every look at its headers; one pass over the bytes is faster
        self.headers: Mapping[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers.raw
        }

    @property
    def content_type(self) -> str:
        """The header of that name in lower case; empty if there is none."""
        return self.headers.get("content-type", "").lower()

    @property
    def request_id(self) -> str | None:
        """The id that the service gave to the request."""
        return self.headers.get("request-id") or self.headers.get("x-request-id")

    @property
    def ends_with_connection(self) -> bool:
        """Whether the body ends where the connection does, so that a cut one looks complete."""
        return "content-length" not in self.headers and "transfer-encoding" not in self.headers

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes.

        Raises:
            ApiConnectionError: The connection broke.
            ApiResponseError: The body is larger than 64 MB.
        """
        # Requests ask for `identity`, but a proxy may compress all the same. Without an encoding
        # the pieces need not go through the decoders of httpx.
        if "content-encoding" in self.headers:
            stream = self._response.aiter_bytes()
        else:
            assert isinstance(self._response.stream, httpx.AsyncByteStream)  # noqa: S101
            stream = self._response.stream.__aiter__()
        self._timer.expect_more()
        try:
            async for piece in stream:
                self._size += len(piece)
                # Counted after decoding: a few kilobytes of gzip may hold gigabytes.
                if self._size > MAX_RESPONSE_BYTES:
                    limit = f"{MAX_RESPONSE_BYTES // 1_000_000} MB"
                    message = f"the response is larger than {limit}"
                    raise ApiResponseError(message, "response_too_large", self.status)
                yield piece
                self._timer.expect_more()
        except _BROKEN as error:
            raise response_cut(self.server, visible(str(error))) from error

    async def body(self) -> bytes:
        """Return the whole body."""
        return b"".join([piece async for piece in self.pieces()])


class Exchanges:
    """Opens exchanges on a transport and translates the errors of its library."""

    def __init__(self, transport: Transport, timeouts: Timeouts) -> None:
        self._transport, self._timeouts = transport, timeouts

    @asynccontextmanager
    async def open(
        self, request: httpx.Request, seconds_left: float
    ) -> AsyncIterator[OpenResponse]:
        """Send a request; the response is closed when the block ends.

        Args:
            request: What to send.
            seconds_left: What is left of `timeouts.case` for the call that it belongs to.

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
                    yield OpenResponse(response, timer, _server_of(request))
                finally:
                    # The reply may be complete by now; a rest that is not read may be broken.
                    with suppress(*_BROKEN):
                        await response.aclose()
        except TimeoutError as error:
            # Not only ours: the operating system reports a dead connection with this class too.
            if scope.expired():
                raise timer.error() from error
            raise connection_error(error, _server_of(request)) from error
        except _BROKEN as error:
            raise connection_error(error, _server_of(request)) from error
        finally:
            timer.stop()


def _server_of(request: httpx.Request) -> str:
    url = request.url
    return f"{url.scheme}://{url.netloc.decode('ascii')}"
