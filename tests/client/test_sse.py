from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.client.sse import EventDecoder, ServerSentEvent
from harness.errors import StreamError


def decoded(*pieces: bytes) -> list[tuple[str, str]]:
    decoder = EventDecoder()
    events: list[ServerSentEvent] = []
    for piece in pieces:
        events += decoder.feed(piece)
    events += decoder.finish()
    return [(event.type, event.data) for event in events]


def test_an_event_ends_at_an_empty_line() -> None:
    assert decoded(b"event: a\ndata: 1\n\nevent: b\ndata: 2\n") == [("a", "1")]


def test_an_event_without_a_type_is_a_message() -> None:
    assert decoded(b"data: 1\n\n") == [("message", "1")]


def test_lines_of_data_are_joined() -> None:
    assert decoded(b"data: 1\ndata:2\ndata:  3\n\n") == [("message", "1\n2\n 3")]


def test_comments_unknown_fields_and_events_without_data_are_passed_over() -> None:
    assert decoded(b": hello\nid: 7\nretry: 10\n\nevent: ping\n\ndata: 1\n\n") == [("message", "1")]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_line_may_end_in_any_of_three_ways(end: bytes) -> None:
    stream = b"event: a" + end + b"data: 1" + end + end

    assert decoded(stream) == [("a", "1")]


def test_a_stream_of_pairs_cut_inside_the_last_pair_is_cut() -> None:
    assert decoded(b"data: 1\r\n\r\ndata: 2\r\n\r") == [("message", "1")]


def test_a_byte_order_mark_at_the_start_is_no_text() -> None:
    assert decoded(b"\xef", b"\xbb", b"\xbfdata: 1\n\n") == [("message", "1")]


def test_only_line_feeds_and_carriage_returns_end_a_line() -> None:
    text = "a\u2028b\u0085c\x0bd\x0ce"

    assert decoded(f"data: {text}\n\n".encode()) == [("message", text)]


def test_text_that_is_not_utf_8_is_an_error() -> None:
    with pytest.raises(StreamError, match="not UTF-8"):
        decoded(b"data: \xff\n\n")


def test_an_event_of_more_than_16_megabytes_is_an_error() -> None:
    decoder = EventDecoder()

    with pytest.raises(StreamError, match="larger than 16 MB"):
        list(decoder.feed(b"data: " + b"x" * 16_000_001))


@given(st.data())
def test_a_stream_decodes_to_the_same_events_however_it_is_cut(data: st.DataObject) -> None:
    stream = "event: a\r\ndata: Grüße 👋\r\n\r\n: c\n\ndata: 1\rdata: 2\r\rdata: end\n\n".encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    edges = [0, *cuts, len(stream)]

    pieces = [stream[a:b] for a, b in pairwise(edges)]

    assert decoded(*pieces) == [("a", "Grüße 👋"), ("message", "1\n2"), ("message", "end")]
