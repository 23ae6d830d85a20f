"""Payloads, messages and streams of responses that are given by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from harness.client.exchange import Exchanges, OpenResponse
from harness.client.reading import message_in, message_of_task, read_payload, read_stream, truncated
from harness.errors import (
    ApiConnectionError,
    ApiError,
    ApiResponseError,
    ApiStatusError,
    StreamError,
    TaskError,
)
from harness.model.settings import Timeouts
from tests.support.replies import message, message_bytes, stream
from tests.support.virtual_time import run_in_virtual_time

STREAM = stream("hel", "lo")
FIRST_CONTENT = STREAM.index(b"event: content_block_delta")
CLOSING = {"content-type": "application/json"}  # without a length
WHOLE = {**CLOSING, "content-length": "99"}


class Body(httpx.AsyncByteStream):
    """The pieces of a body; an error among them is raised, a number is a wait in seconds."""

    def __init__(self, pieces: Sequence[bytes | float | Exception]) -> None:
        self._pieces = pieces
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, bytes):
                self.sent += 1
                yield piece
            else:
                await asyncio.sleep(piece)


async def _answer(body: Body, headers: dict[str, str], reader: Any) -> Any:
    async def handler(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, stream=body)

    exchanges = Exchanges(httpx.MockTransport(handler), Timeouts())
    async with exchanges.open(httpx.Request("GET", "http://api"), 1000) as response:
        return await reader(response)


def payload_of(body: bytes, headers: dict[str, str] = WHOLE) -> Any:
    return run_in_virtual_time(_answer(Body([body]), headers, read_payload))


def streamed(*pieces: bytes | float | Exception) -> tuple[Any, list[int], int]:
    """Return the message, after how many pieces there was content, and how many were read."""
    body, begun = Body(pieces), list[int]()

    async def read(response: OpenResponse) -> Any:
        return await read_stream(response, lambda: begun.append(body.sent))

    return run_in_virtual_time(_answer(body, {}, read)), begun, body.sent


@pytest.mark.parametrize(
    "body",
    [
        {"a": 1},
        {"type": "message", "error": {"type": "kept"}, "content": []},
        {"object": "task", "error": {"type": "api_error"}},
        {"error": None},
    ],
)
def test_an_object_is_a_payload_also_where_it_mentions_an_error(body: dict[str, Any]) -> None:
    assert payload_of(httpx.Response(200, json=body).content) == body


@pytest.mark.parametrize(
    ("body", "headers", "kind", "reason"),
    [
        (b"<html>", WHOLE, ApiResponseError, "unexpected_response"),
        (b"[1]", WHOLE, ApiResponseError, "unexpected_response"),
        (b'{"a": ', WHOLE, ApiResponseError, "unexpected_response"),
        (b'{"a": ', CLOSING, ApiConnectionError, "response_cut"),
        (b" [1, ", CLOSING, ApiConnectionError, "response_cut"),
        (b"<html>", CLOSING, ApiResponseError, "unexpected_response"),
        (b"", CLOSING, ApiResponseError, "unexpected_response"),
        (b'{"type": "error"}', WHOLE, ApiStatusError, "api_error"),
        (b'{"error": {"type": "overloaded_error"}}', WHOLE, ApiStatusError, "overloaded_error"),
        (b'{"error": "boom"}', WHOLE, ApiStatusError, "api_error"),
    ],
)
def test_what_is_not_a_payload_is_an_error_of_its_kind(
    body: bytes, headers: dict[str, str], kind: type[ApiError], reason: str
) -> None:
    with pytest.raises(kind) as caught:
        payload_of(body, headers)

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"n": NaN}', r"\(`NaN` is not a JSON number\): \{"),
        (b'{"n": 1', r"\(Expecting ',' delimiter"),
        (b'{"n": "\xff"}', r"\('utf-8' codec can't decode byte 0xff"),
    ],
)
def test_what_is_wrong_with_json_comes_before_the_json(body: bytes, why: str) -> None:
    with pytest.raises(ApiResponseError, match=why):
        payload_of(body, {"content-type": "application/json", "content-length": str(len(body))})


def test_a_payload_that_is_not_a_message_is_shown_with_what_is_wrong() -> None:
    async def read(response: OpenResponse) -> Any:
        return message_in({"hello": 1}, response)

    with pytest.raises(ApiResponseError, match=r'\(it has no list of content\): \{"hello":1\}'):
        run_in_virtual_time(_answer(Body([b"x"]), WHOLE, read))


@pytest.mark.parametrize(
    ("payload", "problem"), [(None, "there is none"), ({}, "it has no list of content")]
)
def test_a_task_whose_result_is_not_a_message_is_an_error(
    payload: dict[str, Any] | None, problem: str
) -> None:
    with pytest.raises(TaskError, match=f"the result of the task is not a message: {problem}"):
        message_of_task(payload)


def test_a_task_may_bring_a_message() -> None:
    assert message_of_task(message("hello")) == message("hello")


def test_the_first_content_is_reported_before_the_rest_has_come() -> None:
    whole, begun, _ = streamed(STREAM[:FIRST_CONTENT], STREAM[FIRST_CONTENT:-40], STREAM[-40:])

    assert whole["content"][0]["text"] == "hello"
    assert begun[0] == 2


def test_a_stream_that_ends_is_not_waited_for_although_it_is_kept_open() -> None:
    whole, _, sent = streamed(STREAM, 3600.0, b": never read\n\n")

    assert whole["stop_reason"] == "end_turn"
    assert sent == 1


def test_what_follows_the_end_at_once_is_read_so_that_the_connection_can_be_kept() -> None:
    _, _, sent = streamed(STREAM, b": bye\n\n", b"\n")

    assert sent == 3


def test_an_error_after_the_end_does_not_harm_the_message() -> None:
    whole, _, _ = streamed(STREAM, httpx.ReadError("reset"))

    assert whole["content"][0]["text"] == "hello"


def test_a_stream_that_breaks_says_how_much_had_come() -> None:
    with pytest.raises(StreamError) as caught:
        streamed(STREAM[: STREAM.index(b"event: content_block_stop")], httpx.ReadError("reset"))

    assert caught.value.message == (
        "the stream broke off: the connection to http://api broke: reset;"
        " 5 characters of text had come"
    )
    assert caught.value.reason == "truncated_stream"


def test_a_stream_that_broke_before_any_text_does_not_speak_of_text() -> None:
    error = truncated(ApiConnectionError("the connection broke", "response_cut"))

    assert error.message == "the stream broke off: the connection broke"


def test_a_message_in_place_of_a_stream_is_no_stream() -> None:
    with pytest.raises(StreamError):
        streamed(message_bytes())
