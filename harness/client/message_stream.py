"""A message from the bytes of a stream."""

from __future__ import annotations

from typing import Any

from harness.client.sse import EventDecoder
from harness.client.stream_assembler import StreamAssembler


class MessageStream:
    """Reads a stream piece by piece; does no input or output."""

    def __init__(self) -> None:
        self._decoder, self._assembler = EventDecoder(), StreamAssembler()

    @property
    def has_content(self) -> bool:
        """Whether the first character of content has come."""
        return self._assembler.has_content

    @property
    def has_ended(self) -> bool:
        """Whether the message is complete; what comes later is not part of it."""
        return self._assembler.has_ended

    @property
    def text(self) -> str:
        """The text so far, for the error about a stream that broke off."""
        return self._assembler.text

    def feed(self, piece: bytes) -> None:
        """Read the next piece.

        Raises:
            StreamError: It is not a stream of the API.
            ApiStatusError: One of its events is an error.
        """
        for event in self._decoder.feed(piece):
            self._assembler.add(event)

    def message(self) -> dict[str, Any]:
        """Return the message, now that the stream has ended.

        Raises:
            StreamError: It ended before the message was complete.
        """
        for event in self._decoder.finish():
            self._assembler.add(event)
        unfinished = self._decoder.unfinished()
        if unfinished is not None:
            self._assembler.add_unfinished(unfinished)
        return self._assembler.message()
