"""Assembles a message from the events of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.client.failures import error_in
from harness.client.payloads import message_problem, parse_json
from harness.client.sse import ServerSentEvent
from harness.errors import StreamError

_DELTAS = {
    "text_delta": ("text", "text"),
    "input_json_delta": ("input", "partial_json"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("signature", "signature"),
}


@dataclass(slots=True)
class _Block:
    """A content block under way: its first event, and the pieces of its fields."""

    start: dict[str, Any]
    pieces: dict[str, list[str]] = field(default_factory=dict)
    is_open: bool = True

    def finished(self) -> dict[str, Any]:
        block = dict(self.start)
        for name, pieces in self.pieces.items():
            joined = _paired("".join(pieces))
            if name == "input":
                block["input"] = _tool_input(joined)
            else:
                block[name] = f"{block.get(name) or ''}{joined}"
        return block


def _paired(text: str) -> str:
    """Join the halves of characters that came in two pieces."""
    # JSON may write a character beyond U+FFFF as two escapes, and a service may cut between them.
    if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _tool_input(text: str) -> Any:
    try:
        return parse_json(text) if text.strip() else {}
    except ValueError as error:
        raise StreamError(f"a tool's input is not JSON: {error}", "bad_stream") from error


class StreamAssembler:
    """Collects events until the message is complete; half a message is never handed out."""

    def __init__(self) -> None:
        self._message: dict[str, Any] | None = None
        self._blocks: list[_Block] = []
        self._has_ended = False
        self._has_stop_reason = False

    @property
    def has_ended(self) -> bool:
        """Whether the message is complete; later events are not part of it."""
        return self._has_ended

    @property
    def has_content(self) -> bool:
        """Whether the first piece of content has come."""
        return any(block.pieces for block in self._blocks)

    @property
    def text(self) -> str:
        """The text so far, for the error about a stream that broke off."""
        return "".join("".join(block.pieces.get("text", ())) for block in self._blocks)

    def add(self, event: ServerSentEvent) -> None:
        """Add one event; unknown types are ignored, because the API may grow.

        Raises:
            StreamError: The event is broken, or misplaced.
            ApiStatusError: It is an error event.
        """
        try:
            data = parse_json(event.data)
        except ValueError as error:
            problem = f"the data of a `{event.type}` event is not JSON: {error}"
            raise StreamError(problem, "bad_stream") from error
        if not isinstance(data, dict):
            raise StreamError(f"the data of a `{event.type}` event is not an object", "bad_stream")
        kind = str(data.get("type", event.type))
        if kind == "error" or event.type == "error":
            raise error_in(data, status=200)
        handle = {
            "message_start": self._start_message,
            "content_block_start": self._start_block,
            "content_block_delta": self._add_delta,
            "content_block_stop": self._stop_block,
            "message_delta": self._change_message,
            "message_stop": self._stop_message,
        }.get(kind)
        if handle is not None and not self._has_ended:
            handle(data)

    def message(self) -> dict[str, Any]:
        """Return the complete message.

        Raises:
            StreamError: The stream ended before it was complete.
        """
        # Also where all text has come: without `message_stop` the service may not have finished.
        if self._message is None or not self._has_ended:
            had = f"; {len(self.text)} characters of text had come" if self.text else ""
            raise StreamError(f"the stream ended before `message_stop`{had}", "truncated_stream")
        message = {**self._message, "content": [block.finished() for block in self._blocks]}
        problem = message_problem(message)
        if problem is not None:
            raise StreamError(f"the events do not make a message: {problem}", "bad_stream")
        return message

    def _start_message(self, data: Mapping[str, Any]) -> None:
        if self._message is not None:
            raise _misplaced("a second `message_start`")
        self._message = dict(_part(data, "message"))

    def _start_block(self, data: Mapping[str, Any]) -> None:
        # Blocks come in their order. A gap means that an event was lost on the way.
        if self._message is None or data.get("index") != len(self._blocks):
            raise _misplaced(f"`content_block_start` with index {data.get('index')}")
        self._blocks.append(_Block(dict(_part(data, "content_block"))))

    def _add_delta(self, data: Mapping[str, Any]) -> None:
        block, delta = self._open_block(data), _part(data, "delta")
        # A kind of delta that is not in the table is one that no verdict reads; it is ignored.
        name, key = _DELTAS.get(str(delta.get("type")), ("", ""))
        if name:
            piece = delta.get(key)
            if not isinstance(piece, str):
                raise _misplaced(f"a `{delta.get('type')}` without `{key}`")
            block.pieces.setdefault(name, []).append(piece)

    def _stop_block(self, data: Mapping[str, Any]) -> None:
        self._open_block(data).is_open = False

    def _change_message(self, data: Mapping[str, Any]) -> None:
        if self._message is None:
            raise _misplaced("`message_delta` before `message_start`")
        delta = _part(data, "delta")
        self._message |= delta
        self._has_stop_reason |= isinstance(delta.get("stop_reason"), str)
        usage = data.get("usage")
        # Counts are cumulative; one that is left out or null keeps its value of `message_start`.
        if isinstance(usage, dict):
            counts = {key: value for key, value in usage.items() if value is not None}
            first = self._message.get("usage")
            self._message["usage"] = {**(first if isinstance(first, dict) else {}), **counts}

    def _stop_message(self, _data: Mapping[str, Any]) -> None:
        if self._message is None or any(block.is_open for block in self._blocks):
            raise _misplaced("`message_stop` before everything was finished")
        if not self._has_stop_reason:
            raise _misplaced("`message_stop` without a stop reason")
        self._has_ended = True

    def _open_block(self, data: Mapping[str, Any]) -> _Block:
        index = data.get("index")
        if (
            isinstance(index, int)
            and 0 <= index < len(self._blocks)
            and self._blocks[index].is_open
        ):
            return self._blocks[index]
        raise _misplaced(f"`{data.get('type')}` for the block {index}, which is not open")


def _part(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = data.get(name)
    if not isinstance(part, dict):
        raise _misplaced(f"a `{data.get('type')}` event without `{name}`")
    return part


def _misplaced(what: str) -> StreamError:
    return StreamError(f"the stream has {what}", "bad_stream")
