"""Twelve whole streams, cut at every byte, cut into pieces, and changed."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator

import pytest

from harness.errors import ApiStatusError, StreamError
from tests.support.replies import event, message, stream
from tests.support.streams import folded

START = event("message_start", message=message("", content=[], stop_reason=None))
STOP = event("message_delta", delta={"stop_reason": "end_turn"}) + event("message_stop")


def block(index: int, content: dict[str, object], *deltas: dict[str, object]) -> bytes:
    return b"".join(
        [
            event("content_block_start", index=index, content_block=content),
            *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
            event("content_block_stop", index=index),
        ]
    )


def text(index: int, *pieces: str) -> bytes:
    deltas: list[dict[str, object]] = [{"type": "text_delta", "text": piece} for piece in pieces]
    return block(index, {"type": "text", "text": ""}, *deltas)


THINKING = block(
    0,
    {"type": "thinking", "thinking": ""},
    {"type": "thinking_delta", "thinking": "hm, 2 + 2"},
    {"type": "signature_delta", "signature": "c2ln"},
)
TOOL = block(
    1,
    {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {}},
    {"type": "input_json_delta", "partial_json": '{"a": '},
    {"type": "input_json_delta", "partial_json": '[1, "x"]}'},
)
PING = event("ping")
STREAMS = {
    "plain": stream("Hello", " world"),
    "empty text": stream(""),
    "max_tokens": stream("The answer is ", "4", stop_reason="max_tokens"),
    "line separators": stream("a\u2028b", "c\u0085d", "e\x0bf"),
    "emoji": stream("👋", "👩‍👩‍👧", "é"),
    "pairs": stream("Grüße", "Welt").replace(b"\n", b"\r\n"),
    "carriage returns": stream("Grüße", "Welt").replace(b"\n", b"\r"),
    "byte order mark": b"\xef\xbb\xbf" + stream("Hello"),
    "thinking, text and a tool": START + THINKING + TOOL + text(2, "so ", "it is") + STOP,
    "many pings": START + 20 * PING + text(0, "x") + 20 * PING + STOP,
    "two texts": START + text(0, "one") + text(1, "two") + STOP,
    "no content": START + STOP,
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_is_cut_anywhere_is_truncated_and_never_a_reply(name: str) -> None:
    whole = STREAMS[name]
    last = len(whole.rstrip(b"\r\n"))  # the last event is complete with its data

    for end in range(last):
        with pytest.raises(StreamError) as caught:
            folded(whole[:end])
        assert caught.value.reason == "truncated_stream", end
    for end in range(last, len(whole)):
        assert folded(whole[:end]) == folded(whole)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_says_the_same_however_it_is_cut_into_pieces(name: str) -> None:
    whole, draw = STREAMS[name], random.Random(4711)
    expected = folded(whole)

    for size in (1, 2, 3, 7):
        assert folded(*(whole[at : at + size] for at in range(0, len(whole), size))) == expected
    for _ in range(200):
        cuts = sorted(draw.randrange(len(whole)) for _ in range(draw.randrange(1, 20)))
        assert folded(*_cut(whole, cuts)) == expected


def _cut(whole: bytes, cuts: list[int]) -> Iterator[bytes]:
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        yield whole[start:end]


HELLO = STREAMS["plain"]
DELTA = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hello"})


def with_error(kind: str, after: int) -> bytes:
    deltas = [event("content_block_delta", index=0, delta={"type": "text_delta", "text": "x"})]
    opened = START + event(
        "content_block_start", index=0, content_block={"type": "text", "text": ""}
    )
    return opened + b"".join(deltas * after) + event("error", error={"type": kind, "message": "no"})


SAME: dict[str, Callable[[], bytes]] = {
    "pairs": lambda: HELLO.replace(b"\n", b"\r\n"),
    "carriage returns": lambda: HELLO.replace(b"\n", b"\r"),
    "byte order mark": lambda: b"\xef\xbb\xbf" + HELLO,
    "comments": lambda: HELLO.replace(b"\n\n", b"\n\n: ping\n\n"),
    "a flood of pings": lambda: HELLO.replace(PING, 1000 * PING),
    "ids and retry times": lambda: HELLO.replace(b"event:", b"id: 7\nretry: 10\nevent:"),
    "unknown fields": lambda: HELLO.replace(b"event:", b"colour: red\nevent:"),
    "events without a type": lambda: b"\n".join(
        line for line in HELLO.split(b"\n") if not line.startswith(b"event:")
    ),
    "no space after the colon": lambda: HELLO.replace(b": {", b":{"),
    "empty lines between events": lambda: HELLO.replace(b"\n\n", b"\n\n\n\n"),
    "an unknown event": lambda: HELLO.replace(PING, event("news", anything=[1])),
    "a list for a ping": lambda: HELLO.replace(b'{"type": "ping"}', b"[]"),
    "a list without a name": lambda: HELLO.replace(PING, b"data: []\n\n"),
    "text after the end": lambda: HELLO + b": bye\n\n",
}
WRONG: dict[str, tuple[Callable[[], bytes], str]] = {
    "a second start": (lambda: START + HELLO, "bad_stream"),
    "an index twice": (lambda: START + text(0, "a") + text(0, "b") + STOP, "bad_stream"),
    "an index left out": (lambda: START + text(0, "a") + text(2, "b") + STOP, "bad_stream"),
    "a delta for another block": (
        lambda: HELLO.replace(b'"index": 0, "delta"', b'"index": 3, "delta"', 1), "bad_stream"),
    "a block that is not stopped": (
        lambda: HELLO.replace(event("content_block_stop", index=0), b""), "bad_stream"),
    "half a character": (lambda: HELLO.replace(b"Hello", b"\xf0\x9f"), "bad_stream"),
    "text that is not UTF-8": (lambda: HELLO.replace(b"Hello", b"\xff"), "bad_stream"),
    "JSON that is cut": (lambda: HELLO.replace(b'"Hello"}}', b'"Hello"'), "bad_stream"),
    "a number for a text": (lambda: HELLO.replace(b'"Hello"', b"4"), "bad_stream"),
    "a list for an event": (
        lambda: HELLO.replace(b'{"type": "message_stop"}', b"[]"), "bad_stream"),
    "no start": (lambda: HELLO.replace(HELLO.partition(b"\n\n")[0], b": gone"), "bad_stream"),
    "no message_stop": (lambda: HELLO.replace(event("message_stop"), b""), "truncated_stream"),
    "no message_delta": (lambda: HELLO[: HELLO.index(b"event: message_delta")], "truncated_stream"),
    "a page": (lambda: b"<html><body>Bad gateway</body></html>", "truncated_stream"),
    "nothing": (lambda: b"", "truncated_stream"),
    "only pings": (lambda: 100 * PING, "truncated_stream"),
    "half a gzip body": (lambda: gzip.compress(HELLO)[:80], "truncated_stream"),
    "an event of 17 MB": (lambda: HELLO.replace(b"Hello", b"x" * 17_000_000), "bad_stream"),
}  # fmt: skip
ERRORS = ["overloaded_error", "api_error", "rate_limit_error", "invalid_request_error"]


@pytest.mark.parametrize("name", SAME)
def test_a_stream_that_is_only_written_otherwise_says_the_same(name: str) -> None:
    assert folded(SAME[name]()) == folded(HELLO)


@pytest.mark.parametrize("name", WRONG)
def test_a_stream_that_breaks_the_rules_is_never_a_reply(name: str) -> None:
    make, reason = WRONG[name]

    with pytest.raises(StreamError) as caught:
        folded(make())

    assert caught.value.reason == reason


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("after", [0, 1, 5])
def test_an_error_in_a_stream_is_an_error_whatever_came_before(kind: str, after: int) -> None:
    with pytest.raises(ApiStatusError) as caught:
        folded(with_error(kind, after))

    assert caught.value.reason == kind


def test_there_are_as_many_streams_and_mutants_as_were_promised() -> None:
    assert len(STREAMS) == 12
    assert len(SAME) + len(WRONG) + 3 * len(ERRORS) >= 40
    assert json.loads(json.dumps(folded(HELLO)))["content"][0]["text"] == "Hello world"
