"""Carries httpx's requests with pyreqwest, whose connections live outside Python's interpreter.

httpx's own pool takes quadratic time; a transport over aiohttp takes 0.3 s to import.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
from pyreqwest.client import Client
from pyreqwest.exceptions import ConnectError, ConnectTimeoutError, PyreqwestError
from pyreqwest.request import StreamRequest
from pyreqwest.response import ResponseBodyReader

READ_AHEAD = "read_ahead"  # how many bytes of the body to have before the response is returned
_KINDS: tuple[tuple[type[PyreqwestError], type[httpx.TransportError]], ...] = (
    (ConnectTimeoutError, httpx.ConnectTimeout),
    (ConnectError, httpx.ConnectError),
    (PyreqwestError, httpx.NetworkError),
)


class ReqwestTransport(httpx.AsyncBaseTransport):
    """A transport over one client, which it closes when it is closed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request whose content is at hand; its response's body is read as it comes.

        Raises:
            httpx.TransportError: There is no connection, or it broke; its cause says why.
        """
        sending = (
            self._client.request(request.method, str(request.url))
            .headers(request.headers.multi_items())
            .body_bytes(request.content)
            .streamed_read_buffer_limit(request.extensions.get(READ_AHEAD, 0))
            .build_streamed()
        )
        with _translated():
            response = await sending.__aenter__()
        body = _Body(sending, response.body_reader)
        return httpx.Response(response.status, headers=[*response.headers.items()], stream=body)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.close()


class _Body(httpx.AsyncByteStream):
    def __init__(self, sending: StreamRequest, reader: ResponseBodyReader) -> None:
        self._sending, self._reader = sending, reader

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            while (piece := await self._reader.read_chunk()) is not None:
                yield bytes(piece)

    async def aclose(self) -> None:
        with _translated():
            await self._sending.__aexit__(None, None, None)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PyreqwestError as error:
        kind = next(ours for theirs, ours in _KINDS if isinstance(error, theirs))
        raise kind(error.message) from error
