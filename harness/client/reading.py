"""Reads responses of the Messages API: messages, tasks and streams, and answers of other kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any

from harness.client.exchange import OpenResponse
from harness.client.failures import error_in, not_a_message, response_cut
from harness.client.message_stream import MessageStream
from harness.client.payloads import message_problem, parse_json
from harness.client.tasks import is_task
from harness.errors import ApiConnectionError, StreamError, TaskError
from harness.json_text import json_bytes

_DRAIN_SECONDS = 0.05


async def read_payload(response: OpenResponse) -> Mapping[str, Any]:
    """Return the JSON object of a response.

    Raises:
        ApiError: The body is not a JSON object, is one that reports an error, or was cut off.
    """
    body = await response.body()
    try:
        payload = parse_json(body)
    except ValueError as error:
        # Only the text shows that this body was cut: its end is that of the connection.
        if response.ends_with_connection and body.lstrip()[:1] in (b"{", b"["):
            raise response_cut(response.server, "it closed inside the JSON text") from error
        # of a body that is no JSON at all, what it is says more than why it cannot be read
        problem = str(error) if body.lstrip()[:1] in (b"{", b"[") else None
        raise not_a_message(response.content_type, body, response.request_id, problem) from error
    if not isinstance(payload, dict):
        raise not_a_message(response.content_type, body, response.request_id)
    # A failed task has an `error` as well, and says more when it is read as a task. A message that
    # carries one is still a message, and was paid for.
    if payload.get("type") == "error" or (
        isinstance(payload.get("error"), dict | str)
        and not is_task(payload)
        and "content" not in payload
    ):
        raise error_in(payload, response.status)
    return payload


def message_in(payload: Mapping[str, Any], response: OpenResponse) -> Mapping[str, Any]:
    """Return a payload if it is a message; raise ApiResponseError otherwise."""
    problem = message_problem(payload)
    if problem is not None:
        body = json_bytes(payload)
        raise not_a_message(response.content_type, body, response.request_id, problem)
    return payload


def message_of_task(payload: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the result of a task if it is a message; raise TaskError otherwise."""
    problem = "there is none" if payload is None else message_problem(payload)
    if payload is None or problem is not None:
        raise TaskError(f"the result of the task is not a message: {problem}", "bad_task")
    return payload


async def read_stream(response: OpenResponse, begun: Callable[[], None]) -> Mapping[str, Any]:
    """Return the message that the events of a stream add up to.

    Args:
        response: The stream.
        begun: Called after every piece once there is content.

    Raises:
        StreamError: It broke off, or is not a stream of the API.
        ApiStatusError: One of its events is an error.
    """
    stream = MessageStream()
    try:
        pieces = response.pieces()
        async for piece in pieces:
            stream.feed(piece)
            if stream.has_content:
                begun()
            if stream.has_ended:
                # Not to the end of the stream: a server that keeps it open would hold the reply.
                await _drain(pieces)
                break
    except ApiConnectionError as error:
        raise truncated(error, stream.text) from error
    return stream.message()


def truncated(error: ApiConnectionError, text: str = "") -> StreamError:
    """Return the error of a stream that broke off after some text."""
    had = f"; {len(text)} characters of text had come" if text else ""
    return StreamError(f"the stream broke off: {error.message}{had}", "truncated_stream")


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    """Read the rest after a complete message, if it is there, so that the connection is kept."""
    with suppress(ApiConnectionError, TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in pieces:
                pass
