from __future__ import annotations

import base64
from typing import Any

import pytest

from harness.model.request_ranges import OPEN_RANGES
from harness.simulator.block_validation import MAX_FILE_BYTES
from harness.simulator.refusal import RefusedError
from harness.simulator.validation import check_request

HELLO: dict[str, Any] = {
    "model": "m",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello"}],
}


def with_content(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {**HELLO, "messages": [{"role": "user", "content": list(blocks)}]}


def refusal(body: object) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        check_request(body)
    return caught.value


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens: must be from 1 to 32000"),
        ({"max_tokens": 32001}, "max_tokens: must be from 1 to 32000"),
        ({"max_tokens": 5.5}, "max_tokens: must be a whole number"),
        ({"temperature": 1.1}, "temperature: must be from 0 to 1"),
        ({"temperature": "hot"}, "temperature: must be a number"),
        ({"temperature": None}, "temperature: must be a number"),
        ({"top_p": -0.1}, "top_p"),
        ({"top_k": 0}, "top_k: must be at least 1"),
        ({"stream": "yes"}, "stream: must be true or false"),
        ({"stream": True, "async": True}, "async: only supported for non-streaming requests"),
        ({"stop_sequences": [" "]}, "stop_sequences"),
        ({"system": 5}, "system"),
        ({"system": [{"type": "image"}]}, "system.0"),
        ({"messages": []}, "messages: at least one"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": []}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "content.0.text"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "content.0.source"),
    ],
)
def test_a_request_the_api_would_refuse_is_refused_with_the_field(
    change: dict[str, Any], words: str
) -> None:
    error = refusal({**HELLO, **change})

    assert (error.status, error.kind) == (400, "invalid_request_error")
    assert words in error.message


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"type": "image", "source": {"type": "path"}}, "source.type"),
        ({"type": "image", "source": {"type": "url", "url": "file:///x"}}, "source.url"),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "text/plain"}},
            "source.media_type",
        ),
        (
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "?"},
            },
            "source.data: must be base64",
        ),
        (
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "aGk="},
            },
            "does not look like application/pdf",
        ),
        ({"type": "file_data", "media_type": "video/mp4", "data": ""}, "media_type"),
    ],
)
def test_a_file_the_api_would_refuse_is_refused(block: dict[str, Any], words: str) -> None:
    error = refusal(with_content(block))

    assert (error.status, error.kind) == (400, "invalid_request_error")
    assert words in error.message


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_a_body_is_an_object(body: object) -> None:
    assert refusal(body).message == "the body must be a JSON object"


def test_a_file_of_more_than_20_mb_is_too_large() -> None:
    data = base64.b64encode(bytes(MAX_FILE_BYTES + 1)).decode()

    error = refusal(with_content({"type": "file_data", "media_type": "image/png", "data": data}))

    assert (error.status, error.kind) == (413, "request_too_large")


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"system": "Be terse.", "temperature": 0, "top_p": 1, "top_k": 1, "stream": True},
        {"system": [{"type": "text", "text": "Be terse."}], "async": True},
        {"stop_sequences": ["END"], "max_tokens": 32000, "unknown": "passed through"},
        {"messages": [{"role": "assistant", "content": [{"type": "server_tool_use"}]}]},
        with_content(
            {"type": "text", "text": "Hi"},
            {"type": "image", "source": {"type": "url", "url": "https://e.com/a.png"}},
            {"type": "file_data", "media_type": "text/plain", "data": "aGk="},
        ),
    ],
)
def test_a_request_the_api_would_take_is_returned(change: dict[str, Any]) -> None:
    body = {**HELLO, **change}

    assert check_request(body) is body


@pytest.mark.parametrize(
    "changes",
    [{"max_tokens": 128_000}, {"temperature": 2}, {"top_k": 0}, {"stop_sequences": ["\n"]}],
)
def test_a_service_with_open_ranges_accepts_what_the_api_refuses(changes: dict[str, Any]) -> None:
    body = {**HELLO, **changes}

    assert check_request(body, OPEN_RANGES) == body
    assert refusal(body).status == 400


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"max_tokens": 0}, "max_tokens: must be at least 1"),
        ({"temperature": -1}, "temperature: must be at least 0"),
        ({"stop_sequences": [""]}, "stop_sequences: each sequence must contain a character"),
    ],
)
def test_open_ranges_still_end_somewhere(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        check_request({**HELLO, **changes}, OPEN_RANGES)


CALL = {"type": "tool_use", "id": "t1", "name": "find", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "x"}
TEXT = {"type": "text", "text": "Hi"}
MARK = {"type": "ephemeral"}
THOUGHT = {"type": "thinking", "thinking": "", "signature": "s"}


def conversation(*contents: Any) -> dict[str, Any]:
    """Return a request whose messages are of the user and the assistant by turns."""
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": each} for n, each in enumerate(contents)]
    return {**HELLO, "messages": messages}


@pytest.mark.parametrize(
    "contents",
    [
        ["Hi", [CALL], [RESULT]],
        ["Hi", [THOUGHT, TEXT, CALL], [RESULT, TEXT]],
        ["Hi", [CALL], [{**RESULT, "content": [TEXT], "is_error": True, "cache_control": MARK}]],
        ["Hi", [CALL], [{"type": "tool_result", "tool_use_id": "t1"}]],
        [[{"type": "document", "title": "T", "source": {
            "type": "text", "media_type": "text/plain", "data": "x"}}]],
        [[{"type": "document", "source": {"type": "content", "content": [TEXT]}}]],
        [[{**TEXT, "cache_control": {**MARK, "ttl": "1h"}}] * 4],
    ],
)  # fmt: skip
def test_a_conversation_with_tools_the_api_would_take_is_returned(contents: list[Any]) -> None:
    assert check_request(conversation(*contents)) == conversation(*contents)


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (["Hi", [CALL], "Hi"],
         "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t"),
        (["Hi", "Hi", [RESULT]],
         "messages.2: unexpected `tool_use_id` found in `tool_result` blocks: t1. Each"),
        (["Hi", [CALL], [TEXT, RESULT]], "messages.2: `tool_result` blocks must come before"),
        ([[CALL]], "messages.0.content.0: `tool_use` blocks can only be in `assistant` messages"),
        (["Hi", [RESULT]], "messages.1.content.0: `tool_result` blocks can only be in `user`"),
        (["Hi", [{**CALL, "id": "a b"}]], "messages.1.content.0.id: String should match pattern"),
        (["Hi", [{**CALL, "input": "{}"}]], "messages.1.content.0.input: Input should be a valid"),
        (["Hi", [CALL], [{**RESULT, "is_error": "yes"}]], "messages.2.content.0.is_error"),
        (["Hi", [CALL], [{**RESULT, "content": [RESULT]}]], "messages.2.content.0.content.0.type"),
        (["Hi", [CALL], [{**RESULT, "content": 12}]], "messages.2.content.0.content: must be"),
        (["Hi", [{"type": "thinking", "thinking": "hm"}]], "messages.1.content.0.signature"),
        ([[{**TEXT, "cache_control": {"type": "forever"}}]], "cache_control.type"),
        ([[{**TEXT, "cache_control": {**MARK, "ttl": "2h"}}]], "cache_control.ttl"),
        ([[{"type": "text", "text": "", "cache_control": MARK}]], "cannot be set for empty text"),
        ([[{**TEXT, "cache_control": MARK}] * 5],
         "A maximum of 4 blocks with cache_control may be provided. Found 5."),
        ([[{"type": "document", "source": {"type": "text", "data": "x"}}]], "source.media_type"),
        ([[{"type": "document", "source": {"type": "content", "content": [{"type": "x"}]}}]],
         "messages.0.content.0.source.content.0.type"),
    ],
)  # fmt: skip
def test_what_the_api_refuses_about_blocks_is_refused(contents: list[Any], words: str) -> None:
    assert words in refusal(conversation(*contents)).message
