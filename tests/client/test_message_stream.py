"""A stream folds to the very message that the same reply is at once."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.client.payloads import message_problem
from harness.errors import ApiStatusError, StreamError
from tests.support.replies import event, message
from tests.support.streams import ENDS, PADDING, events_of, folded

EXAMPLES = int(os.environ.get("TEST_STREAMS", "150"))
TEXTS = st.text(max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
CITATION = st.fixed_dictionaries(
    {"type": st.just("char_location"), "cited_text": TEXTS, "document_index": st.integers(0, 9)}
)
TOOL = {"id": st.just("toolu_1"), "name": st.just("add")}
INPUT = st.dictionaries(TEXTS, JSON, max_size=3)
BLOCKS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("text"), "text": TEXTS},
        optional={"citations": st.lists(CITATION, min_size=1, max_size=3)},
    ),
    st.fixed_dictionaries({"type": st.just("thinking"), "thinking": TEXTS, "signature": TEXTS}),
    st.fixed_dictionaries({"type": st.just("redacted_thinking"), "data": TEXTS}),
    *(
        st.fixed_dictionaries({"type": st.just(kind), **TOOL, "input": INPUT})
        for kind in ("tool_use", "server_tool_use", "mcp_tool_use")
    ),
    *(
        st.fixed_dictionaries({"type": st.just(kind), "tool_use_id": TEXTS, "content": JSON})
        for kind in ("web_search_tool_result", "code_execution_tool_result", "mcp_tool_result")
    ),
    st.fixed_dictionaries({"type": st.just("compaction"), "content": TEXTS}),
    st.fixed_dictionaries({"type": st.just("not_yet_known"), "anything": JSON}),
)
COUNTS = st.integers(0, 10_000)
MESSAGES = st.fixed_dictionaries(
    {
        "content": st.lists(BLOCKS, max_size=5),
        "stop_reason": st.sampled_from(["end_turn", "tool_use", "max_tokens", "refusal", None]),
        "usage": st.fixed_dictionaries(
            {"input_tokens": COUNTS, "output_tokens": st.integers(1, 9_999)},
            optional={"cache_read_input_tokens": COUNTS, "service_tier": st.just("standard")},
        ),
    },
    optional={"container": st.just({"id": "c"}), "context_management": st.just({"edits": []})},
).map(lambda changes: {**message(), **changes})


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    whole=MESSAGES,
    draw=st.randoms(use_true_random=False),
    padding=st.sampled_from(sorted(PADDING)),
    end=st.sampled_from(sorted(ENDS)),
)
def test_a_stream_adds_up_to_the_message_that_it_is_at_once(
    whole: dict[str, Any], draw: random.Random, padding: str, end: str
) -> None:
    assert message_problem(whole) is None
    sent = b"".join(map(PADDING[padding], events_of(whole, draw))) + ENDS[end]
    cuts = sorted(draw.randrange(len(sent)) for _ in range(draw.randrange(8)))
    pieces = [sent[at:to] for at, to in zip([0, *cuts], [*cuts, len(sent)], strict=True)]

    assert folded(*pieces) == whole


OPENED = event("message_start", message=message("", content=[], stop_reason=None))


def ended(reason: str | None = "end_turn", **data: Any) -> bytes:
    return event("message_delta", delta={"stop_reason": reason}, **data) + event("message_stop")


def block(opened: dict[str, Any], *deltas: dict[str, Any]) -> bytes:
    return b"".join(
        [
            event("content_block_start", index=0, content_block=opened),
            *(event("content_block_delta", index=0, delta=delta) for delta in deltas),
            event("content_block_stop", index=0),
        ]
    )


TEXT: dict[str, Any] = {"type": "text", "text": ""}
TOOL_USE: dict[str, Any] = {"type": "tool_use", "id": "t", "name": "add", "input": {}}
THINKING: dict[str, Any] = {"type": "thinking", "thinking": "", "signature": ""}
OF_TEXT = {"type": "text_delta", "text": "x"}
OF_INPUT = {"type": "input_json_delta", "partial_json": "{}"}
OF_THINKING = {"type": "thinking_delta", "thinking": "x"}
OF_SIGNATURE = {"type": "signature_delta", "signature": "x"}
CITED = {"type": "citations_delta", "citation": {"type": "char_location"}}


@pytest.mark.parametrize(
    ("opened", "delta"),
    [
        (TOOL_USE, OF_TEXT),
        (THINKING, OF_TEXT),
        ({"type": "web_search_tool_result", "content": []}, OF_TEXT),
        ({"type": "redacted_thinking", "data": "x"}, OF_TEXT),
        ({"type": "redacted_thinking", "data": "x"}, OF_THINKING),
        (TEXT, OF_INPUT),
        (TEXT, OF_THINKING),
        (TEXT, OF_SIGNATURE),
        (TOOL_USE, OF_THINKING),
        (TOOL_USE, CITED),
        (TEXT, {"type": "compaction_delta", "content": "x"}),
        (TEXT, {"type": "citations_delta"}),
    ],
)
def test_a_delta_in_a_block_of_another_type_is_no_reply(
    opened: dict[str, Any], delta: dict[str, Any]
) -> None:
    with pytest.raises(StreamError) as caught:
        folded(OPENED + block(opened, delta) + ended())

    assert caught.value.reason == "bad_stream"


def test_a_delta_of_an_unknown_kind_is_kept() -> None:
    new = {"type": "sketch_delta", "stroke": [1, 2]}

    whole = folded(OPENED + block(TEXT, OF_TEXT, new, new) + ended())

    assert whole["content"] == [{"type": "text", "text": "x", "unknown_deltas": [new, new]}]


@pytest.mark.parametrize("piece", ["", " "])
def test_an_empty_piece_of_a_tools_input_changes_nothing(piece: str) -> None:
    opened = {**TOOL_USE, "input": {"a": 1}}

    whole = folded(OPENED + block(opened, {**OF_INPUT, "partial_json": piece}) + ended("tool_use"))

    assert whole["content"] == [opened]


@pytest.mark.parametrize("reason", ["max_tokens", "refusal", "model_context_window_exceeded"])
def test_a_tools_input_that_was_cut_with_the_reply_is_kept_as_text(reason: str) -> None:
    whole = folded(
        OPENED + block(TOOL_USE, {**OF_INPUT, "partial_json": '{"a": [1, '}) + ended(reason)
    )

    assert whole["content"] == [{**TOOL_USE, "input": '{"a": [1, '}]
    assert whole["stop_reason"] == reason
    assert message_problem(whole) is None  # as it is at once


@pytest.mark.parametrize("reason", ["end_turn", "tool_use", None])
def test_a_tools_input_that_is_broken_and_not_cut_is_no_reply(reason: str | None) -> None:
    with pytest.raises(StreamError, match="a tool's input is not JSON"):
        folded(OPENED + block(TOOL_USE, {**OF_INPUT, "partial_json": '{"a": '}) + ended(reason))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"output_tokens": 9}, {"input_tokens": 12, "output_tokens": 9}),
        ({"input_tokens": 0, "output_tokens": 9}, {"input_tokens": 12, "output_tokens": 9}),
        ({"input_tokens": None, "output_tokens": 9}, {"input_tokens": 12, "output_tokens": 9}),
        ({"input_tokens": 40, "output_tokens": 9}, {"input_tokens": 40, "output_tokens": 9}),
        (None, {"input_tokens": 12, "output_tokens": 3}),
    ],
)
def test_counts_at_the_end_of_a_stream_keep_what_they_do_not_tell(
    usage: dict[str, Any] | None, expected: dict[str, Any]
) -> None:
    assert folded(OPENED + ended(usage=usage))["usage"] == expected


def test_an_end_without_changes_keeps_what_was_known() -> None:
    start = event("message_start", message=message("", content=[]))

    whole = folded(
        start + event("message_delta", usage={"output_tokens": 4}) + event("message_stop")
    )

    assert (whole["stop_reason"], whole["usage"]["output_tokens"]) == ("end_turn", 4)


@pytest.mark.parametrize(
    ("data", "words", "status"),
    [
        (b"event: error\ndata: upstream timed out\n\n", "api_error: upstream timed out", 500),
        (b'event: error\ndata: {"message": "no"}\n\n', "api_error: no", 500),
        (b'event: error\ndata: {"error": "busy"}\n\n', "api_error: busy", 500),
        (b'data: {"error": {"message": "busy", "code": 429}}\n\n', "rate_limit_error: busy", 429),
        (b'data: {"error": {"message": "no", "type": "overloaded_error"}}\n\n', "overloaded", 529),
        (b'data: {"type": "error", "message": "no"}\n\n', "api_error: no", 500),
        (event("error", error={"type": "overloaded_error"}), "overloaded_error: ", 529),
    ],
)
def test_an_error_event_is_an_error_however_it_is_written(
    data: bytes, words: str, status: int
) -> None:
    with pytest.raises(ApiStatusError, match=words) as caught:
        folded(OPENED + data + ended())

    assert caught.value.status == status


@pytest.mark.parametrize("rest", [b"", b"\n", b"\r\n", b"\r"])
def test_the_last_event_needs_no_blank_line(rest: bytes) -> None:
    whole = OPENED + ended()

    assert folded(whole.rstrip(b"\n") + rest) == folded(whole)


@pytest.mark.parametrize("cut", [1, 2, 10, 20])
def test_half_a_last_event_is_no_end(cut: int) -> None:
    whole = (OPENED + ended()).rstrip(b"\n")

    with pytest.raises(StreamError) as caught:
        folded(whole[:-cut])

    assert caught.value.reason == "truncated_stream"


def test_many_deltas_in_one_burst_are_split_in_linear_time() -> None:
    def seconds(number: int) -> float:
        data = OPENED + block(TEXT, *[OF_TEXT] * number) + ended()
        began = time.process_time()
        folded(data)
        return time.process_time() - began

    few, many = min(seconds(4_000) for _ in range(3)), min(seconds(32_000) for _ in range(3))

    assert many < 8 * few * 2.5  # 64 times, were it quadratic
