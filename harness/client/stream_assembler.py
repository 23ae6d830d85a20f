"""Assembles a message from the events of a stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.client.failures import error_in, not_a_message, other_api
from harness.client.payloads import message_problem, parse_json
from harness.client.sse import ServerSentEvent
from harness.errors import StreamError
from harness.model.reply import UNKNOWN_DELTAS


@dataclass(frozen=True, slots=True)
class _Delta:
    """A kind of delta: which key of it is a piece of which field of its block."""

    key: str
    field: str
    home: str  # the type of its block; there are several whose name ends in `_tool_use`


_DELTAS = {
    "text_delta": _Delta("text", "text", "text"),
    "input_json_delta": _Delta("partial_json", "input", "tool_use"),
    "thinking_delta": _Delta("thinking", "thinking", "thinking"),
    "signature_delta": _Delta("signature", "signature", "thinking"),
}
_WHOLE = frozenset({"end_turn", "tool_use", None})  # reasons to stop that cut nothing
_CITATIONS, _COMPACTION = "citations_delta", "compaction_delta"
_HOMES = {name: delta.home for name, delta in _DELTAS.items()}
_HOMES |= {_CITATIONS: "text", _COMPACTION: "compaction"}
# other types of blocks may come to take deltas of these kinds
_KNOWN_BLOCKS = ("text", "thinking", "tool_use", "tool_result", "compaction", "image", "document")


@dataclass(slots=True)
class _Block:
    """A content block under way: its first event, and the pieces of its fields."""

    start: dict[str, Any]
    pieces: dict[str, list[str]] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    is_open: bool = True

    @property
    def holds_characters(self) -> bool:
        """Whether anything of its content has come."""
        if any(any(pieces) for pieces in self.pieces.values()):
            return True
        return any(isinstance(text := self.start.get(name), str) and text for name in _TEXTS)

    def add(self, delta: Mapping[str, Any]) -> None:
        """Add a delta; one of an unknown kind is kept as it came."""
        kind = str(delta.get("type"))
        home, own = _HOMES.get(kind), str(self.start.get("type"))
        if home is None:
            self.others.setdefault(UNKNOWN_DELTAS, []).append(dict(delta))
            return
        is_home = own == home or (home == "tool_use" and own.endswith("_tool_use"))
        if not is_home and own.endswith(_KNOWN_BLOCKS):
            raise _misplaced(f"a `{kind}` in a block of the type `{own}`")
        if kind == _CITATIONS:
            known = self.others.setdefault("citations", list(self.start.get("citations") or ()))
            known.append(_part({"type": kind, **delta}, "citation"))
        elif kind == _COMPACTION:
            self.others |= {key: value for key, value in delta.items() if key != "type"}
        else:
            piece = delta.get(_DELTAS[kind].key)
            if not isinstance(piece, str):
                raise _misplaced(f"a `{kind}` without `{_DELTAS[kind].key}`")
            self.pieces.setdefault(_DELTAS[kind].field, []).append(piece)

    def finished(self, *, may_be_cut: bool) -> dict[str, Any]:
        """Return the whole block.

        Args:
            may_be_cut: Whether the model was stopped, so that a tool's input may be half of one.

        Raises:
            StreamError: A tool's input is not JSON.
        """
        block = {**self.start, **self.others}
        for name, pieces in self.pieces.items():
            joined = _paired("".join(pieces))
            if name != "input":
                block[name] = f"{block.get(name) or ''}{joined}"
            elif joined.strip():  # an empty piece changes nothing
                block["input"] = _tool_input(joined, may_be_cut=may_be_cut)
        return block


_TEXTS = ("text", "thinking")


def _paired(text: str) -> str:
    """Join the halves of characters that came in two pieces."""
    # JSON may write a character beyond U+FFFF as two escapes, and a service may cut between them.
    if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _tool_input(text: str, *, may_be_cut: bool) -> Any:
    try:
        return parse_json(text)
    except ValueError as error:
        if may_be_cut:
            return text
        raise StreamError(f"a tool's input is not JSON: {error}", "bad_stream") from error


class StreamAssembler:
    """Collects events until the message is complete; half a message is never handed out."""

    def __init__(self) -> None:
        self._message: dict[str, Any] | None = None
        self._blocks: list[_Block] = []
        self._has_ended = self._has_delta = False

    @property
    def has_ended(self) -> bool:
        """Whether the message is complete; later events are not part of it."""
        return self._has_ended

    @property
    def has_content(self) -> bool:
        """Whether the first character of content has come."""
        return any(block.holds_characters for block in self._blocks)

    @property
    def text(self) -> str:
        """The text so far, for the error about a stream that broke off."""
        return "".join("".join(block.pieces.get("text", ())) for block in self._blocks)

    def add(self, event: ServerSentEvent) -> None:
        """Add one event. What comes after the end, and what the API has no word for, is padding.

        Raises:
            StreamError: The event is broken, or misplaced.
            ApiStatusError: It is an error event.
            ApiResponseError: It is one of another interface.
        """
        # Gateways pad: `data: [DONE]` after the end, pings of their own. Whatever its data are,
        # padding must not cost a reply.
        if self._has_ended or not event.data.strip():
            return
        if event.type == "error":
            raise error_in(_error_data(event.data), status=200)
        if event.type in _EVENTS or event.type == _UNNAMED:
            self._add(event)

    def add_unfinished(self, event: ServerSentEvent) -> None:
        """Add the event that a stream ended in: `message_stop` is complete if its data are."""
        try:
            data = parse_json(event.data)
        except ValueError:
            return
        is_end = isinstance(data, dict) and data.get("type") == "message_stop"
        if is_end and event.type in {"message_stop", _UNNAMED}:
            self.add(event)

    def _add(self, event: ServerSentEvent) -> None:
        try:
            data = parse_json(event.data)
        except ValueError as error:
            if event.type == _UNNAMED and not event.data.lstrip().startswith("{"):
                return
            problem = f"the data of a `{event.type}` event is not JSON: {error}"
            raise StreamError(problem, "bad_stream") from error
        if not isinstance(data, dict):
            if event.type == _UNNAMED:
                return
            raise StreamError(f"the data of a `{event.type}` event is not an object", "bad_stream")
        kind = str(data.get("type") or event.type)
        if kind == "error" or (kind == _UNNAMED and data.get("error")):
            raise error_in(data, status=200)
        if kind == _UNNAMED and self._message is None and other_api(data) is not None:
            # told at once: to ask again would bring, and cost, the same
            raise not_a_message("text/event-stream", event.data.encode(), None)
        handle = _EVENTS.get(kind)
        if handle is not None:
            handle(self, data)

    def message(self) -> dict[str, Any]:
        """Return the complete message.

        Raises:
            StreamError: The stream ended before it was complete.
        """
        # Also where all text has come: without `message_stop` the service may not have finished.
        if self._message is None or not self._has_ended:
            had = f"; {len(self.text)} characters of text had come" if self.text else ""
            raise StreamError(f"the stream ended before `message_stop`{had}", "truncated_stream")
        may_be_cut = self._message.get("stop_reason") not in _WHOLE
        blocks = [block.finished(may_be_cut=may_be_cut) for block in self._blocks]
        message = {**self._message, "content": blocks}
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
        self._open_block(data).add(_part(data, "delta"))

    def _stop_block(self, data: Mapping[str, Any]) -> None:
        self._open_block(data).is_open = False

    def _change_message(self, data: Mapping[str, Any]) -> None:
        if self._message is None:
            raise _misplaced("`message_delta` before `message_start`")
        self._has_delta = True
        delta = data.get("delta")
        self._message |= delta if isinstance(delta, dict) else {}
        others = {key: value for key, value in data.items() if key not in _OWN_KEYS}
        self._message |= {key: value for key, value in others.items() if value is not None}
        usage, first = data.get("usage"), self._message.get("usage")
        if isinstance(usage, dict):
            known = first if isinstance(first, dict) else {}
            told = {key: value for key, value in usage.items() if not _is_untold(key, value, known)}
            self._message["usage"] = {**known, **told}

    def _stop_message(self, _data: Mapping[str, Any]) -> None:
        if self._message is None or any(block.is_open for block in self._blocks):
            raise _misplaced("`message_stop` before everything was finished")
        if not self._has_delta and self._message.get("stop_reason") is None:
            raise _misplaced("`message_stop` without a `message_delta`")
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


_UNNAMED = "message"  # the type of an event that has none
_OWN_KEYS = frozenset({"type", "delta", "usage"})
_EVENTS: Mapping[str, Callable[[StreamAssembler, Mapping[str, Any]], None]] = {
    "message_start": StreamAssembler._start_message,  # noqa: SLF001  # a table of its own methods
    "content_block_start": StreamAssembler._start_block,  # noqa: SLF001
    "content_block_delta": StreamAssembler._add_delta,  # noqa: SLF001
    "content_block_stop": StreamAssembler._stop_block,  # noqa: SLF001
    "message_delta": StreamAssembler._change_message,  # noqa: SLF001
    "message_stop": StreamAssembler._stop_message,  # noqa: SLF001
}


def _error_data(data: str) -> Mapping[str, Any] | str:
    """Return the data of an error event: an object, or plain text as several gateways send it."""
    try:
        value = parse_json(data)
    except ValueError:
        return data
    return value if isinstance(value, dict) else data


def _is_untold(name: str, value: object, known: Mapping[str, Any]) -> bool:
    """Return whether a count at the end of a stream says nothing that its start did not say."""
    # Counts are cumulative. One that is left out keeps its value of `message_start`; gateways write
    # null or 0 for input tokens that they only know at the start.
    return value is None or (value == 0 and "output" not in name and bool(known.get(name)))


def _part(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = data.get(name)
    if not isinstance(part, dict):
        raise _misplaced(f"a `{data.get('type')}` event without `{name}`")
    return part


def _misplaced(what: str) -> StreamError:
    return StreamError(f"the stream has {what}", "bad_stream")
