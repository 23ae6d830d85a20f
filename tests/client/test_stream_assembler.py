from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import ApiResponseError, ApiStatusError, StreamError
from tests.support.replies import event, message, stream
from tests.support.streams import folded

TEXT_BLOCK = {"type": "text", "text": ""}
START = event("message_start", message=message("", content=[], stop_reason=None))
STOP = event("message_delta", delta={"stop_reason": "end_turn"}) + event("message_stop")


def test_the_events_of_a_stream_add_up_to_a_message() -> None:
    whole = folded(stream("Hel", "lo ", "👋"))

    assert whole["content"] == [{"type": "text", "text": "Hello 👋"}]
    assert whole["stop_reason"] == "end_turn"
    assert whole["usage"] == {"input_tokens": 12, "output_tokens": 3}


@pytest.mark.parametrize(
    "fixture",
    [
        stream("Grüße, ", "Welt\u2028", "👋"),
        stream("Grüße, ", "Welt", "👋").replace(b"\n", b"\r\n"),
        stream("Grüße, ", "Welt", "👋").replace(b"\n", b"\r"),
        stream("The answer is ", "4", stop_reason="max_tokens"),
        b"\xef\xbb\xbf" + stream("x" * 3000),
    ],
    ids=["line feeds", "pairs", "carriage returns", "max_tokens", "byte order mark"],
)
def test_of_a_stream_cut_at_every_byte_only_the_whole_is_a_reply(fixture: bytes) -> None:
    complete = [end for end in range(len(fixture) + 1) if _is_reply(fixture[:end])]

    # the last event needs no line ends after its data
    assert complete == list(range(len(fixture.rstrip(b"\r\n")), len(fixture) + 1))


def _is_reply(data: bytes) -> bool:
    try:
        folded(data)
    except StreamError:
        return False
    return True


def test_a_cut_stream_says_how_much_text_had_come() -> None:
    with pytest.raises(StreamError, match="before `message_stop`; 5 characters") as caught:
        folded(stream("Hello").partition(b"event: content_block_stop")[0])

    assert caught.value.reason == "truncated_stream"


def test_thinking_and_tools_are_kept_beside_text() -> None:
    tool = {"type": "tool_use", "id": "t", "name": "add", "input": {}}
    parts = [
        START,
        event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}),
        event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "hm"}),
        event("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "s"}),
        event("content_block_stop", index=0),
        event("content_block_start", index=1, content_block=tool),
        event("content_block_delta", index=1, delta=_json('{"a": ')),
        event("content_block_delta", index=1, delta=_json("1}")),
        event("content_block_stop", index=1),
        STOP,
    ]

    assert folded(b"".join(parts))["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {**tool, "input": {"a": 1}},
    ]


def _json(piece: str) -> dict[str, str]:
    return {"type": "input_json_delta", "partial_json": piece}


def test_unknown_events_are_passed_over() -> None:
    parts = [
        START,
        event("content_block_start", index=0, content_block=TEXT_BLOCK),
        event("new_event", anything=1),
        event("content_block_stop", index=0),
        STOP,
    ]

    assert folded(b"".join(parts))["content"] == [TEXT_BLOCK]


@pytest.mark.parametrize(
    ("kind", "status"),
    [("overloaded_error", 529), ("rate_limit_error", 429), ("new_error", 200)],
)
def test_an_error_event_is_classified_like_a_status(kind: str, status: int) -> None:
    data = START + event("error", error={"type": kind, "message": "Overloaded"})

    with pytest.raises(ApiStatusError) as caught:
        folded(data)

    assert (caught.value.reason, caught.value.status) == (kind, status)


BROKEN: list[tuple[str, Callable[[], bytes]]] = [
    ("a second message_start", lambda: START + START),
    (
        "a block before the message",
        lambda: event("content_block_start", index=0, content_block=TEXT_BLOCK),
    ),
    (
        "a block out of order",
        lambda: START + event("content_block_start", index=1, content_block=TEXT_BLOCK),
    ),
    ("a block twice", lambda: START + 2 * event(
        "content_block_start", index=0, content_block=TEXT_BLOCK)),
    (
        "a delta without a block",
        lambda: START
        + event("content_block_delta", index=0, delta={"type": "text_delta", "text": "x"}),
    ),
    (
        "an end with an open block",
        lambda: START + event("content_block_start", index=0, content_block=TEXT_BLOCK) + STOP,
    ),
    ("an end without a stop reason", lambda: START + event("message_stop")),
    ("data that is no JSON", lambda: START + b"event: message_stop\ndata: {\n\n"),
    ("data that is no object", lambda: START + b"event: message_stop\ndata: 1\n\n"),
    (
        "a tool input that is no JSON",
        lambda: START
        + event("content_block_start", index=0, content_block={"type": "tool_use"})
        + event("content_block_delta", index=0, delta=_json("{"))
        + event("content_block_stop", index=0)
        + STOP,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data"), BROKEN, ids=[name for name, _ in BROKEN])
def test_a_stream_that_breaks_the_rules_is_no_reply(name: str, data: Callable[[], bytes]) -> None:
    with pytest.raises(StreamError) as caught:
        folded(data())

    assert caught.value.reason == "bad_stream", name


def test_a_stream_of_another_interface_is_called_by_its_name() -> None:
    with pytest.raises(ApiResponseError, match="chat completions"):
        folded(b'data: {"choices": [{"delta": {"content": "hi"}}]}\n\n')
