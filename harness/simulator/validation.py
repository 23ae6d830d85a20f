"""Validates requests as the API does, with messages like the API's."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from harness.model.media import DOCUMENT_TYPES, IMAGE_TYPES, fits_media_type
from harness.model.request_ranges import API_RANGES, RequestRanges

MAX_FILE_BYTES = 20_000_000
_BLOCK_TYPES = ("text", "image", "document", "file", "file_data")
_MEDIA_TYPES = (*DOCUMENT_TYPES, *IMAGE_TYPES)


class RefusedError(Exception):
    """A request that the API would answer with an error."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


def check_request(body: object, ranges: RequestRanges = API_RANGES) -> dict[str, Any]:
    """Return the body if the API, or a service with other ranges, would accept it.

    Raises:
        RefusedError: It would not; the message begins with the field, as in the API.
    """
    if not isinstance(body, dict):
        raise _invalid("the body must be a JSON object")
    for problem in _problems(body, ranges):
        raise _invalid(problem)
    return body


def _invalid(message: str) -> RefusedError:
    return RefusedError(400, "invalid_request_error", message)


def _problems(body: Mapping[str, Any], ranges: RequestRanges) -> Iterator[str]:
    if not isinstance(body.get("model"), str) or not body["model"]:
        yield "model: field required, a string"
    yield from _number(body, "max_tokens", 1, ranges.max_tokens, whole=True, required=True)
    yield from _number(body, "temperature", 0, ranges.temperature)
    yield from _number(body, "top_p", 0, 1)
    yield from _number(body, "top_k", ranges.top_k, None, whole=True)
    for name in ("stream", "async"):
        if not isinstance(body.get(name, False), bool):
            yield f"{name}: must be true or false"
    if body.get("stream") and body.get("async"):
        yield "async: only supported for non-streaming requests"
    yield from _stop_sequences(body, ranges)
    yield from _system(body.get("system", ""))
    yield from _messages(body.get("messages"))


def _number(
    body: Mapping[str, Any],
    name: str,
    minimum: float,
    maximum: float | None,
    *,
    whole: bool = False,
    required: bool = False,
) -> Iterator[str]:
    if name not in body:
        if required:
            yield f"{name}: field required"
        return
    value = body[name]
    kinds = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, kinds):
        yield f"{name}: must be a {'whole ' if whole else ''}number"
    elif value < minimum or (maximum is not None and value > maximum):
        yield (
            f"{name}: must be at least {_written(minimum)}"
            if maximum is None
            else f"{name}: must be from {_written(minimum)} to {_written(maximum)}"
        )


def _written(bound: float) -> str:
    return str(int(bound) if bound == int(bound) else bound)


def _stop_sequences(body: Mapping[str, Any], ranges: RequestRanges) -> Iterator[str]:
    sequences = body.get("stop_sequences", [])
    if not isinstance(sequences, list) or not all(
        isinstance(sequence, str) for sequence in sequences
    ):
        yield "stop_sequences: must be a list of strings"
    elif ranges.blank_stop_sequences:
        if not all(sequences):
            yield "stop_sequences: each sequence must contain a character"
    elif not all(sequence.strip() for sequence in sequences):
        yield "stop_sequences: each sequence must contain non-whitespace"


def _system(system: object) -> Iterator[str]:
    if isinstance(system, str):
        return
    if not isinstance(system, list):
        yield "system: must be a string or a list of text blocks"
        return
    for index, block in enumerate(system):
        if not isinstance(block, dict) or block.get("type") != "text":
            yield f"system.{index}: must be a text block"
        elif not isinstance(block.get("text"), str):
            yield f"system.{index}.text: field required"


def _messages(messages: object) -> Iterator[str]:
    if not isinstance(messages, list) or not messages:
        yield "messages: at least one message is required"
        return
    for index, message in enumerate(messages):
        location = f"messages.{index}"
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
            yield f"{location}.role: must be `user` or `assistant`"
            continue
        content = message.get("content")
        if isinstance(content, str):
            continue
        if not isinstance(content, list) or not content:
            yield f"{location}.content: must be a string or a list of content blocks"
            continue
        for number, block in enumerate(content):
            yield from _block(block, f"{location}.content.{number}", message["role"])


def _block(block: object, location: str, role: str) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(block, dict) or (kind not in _BLOCK_TYPES and role == "user"):
        yield f"{location}.type: must be one of {', '.join(_BLOCK_TYPES)}"
    elif kind == "text":
        if not isinstance(block.get("text"), str):
            yield f"{location}.text: field required"
    elif kind == "file_data":
        yield from _data(block, location, _MEDIA_TYPES)
    elif kind in _BLOCK_TYPES:
        allowed = {"image": IMAGE_TYPES, "document": DOCUMENT_TYPES}.get(str(kind), _MEDIA_TYPES)
        yield from _source(block.get("source"), f"{location}.source", allowed)


def _source(source: object, location: str, allowed: tuple[str, ...]) -> Iterator[str]:
    kind = source.get("type") if isinstance(source, dict) else None
    if not isinstance(source, dict) or kind not in ("base64", "url"):
        yield f"{location}.type: must be `base64` or `url`"
    elif kind == "base64":
        yield from _data(source, location, allowed)
    elif not str(source.get("url", "")).startswith(("http://", "https://")):
        yield f"{location}.url: must be an http(s) URL"


def _data(source: Mapping[str, Any], location: str, allowed: tuple[str, ...]) -> Iterator[str]:
    media_type, data = source.get("media_type"), source.get("data")
    if media_type not in allowed:
        yield f"{location}.media_type: must be one of {', '.join(allowed)}"
        return
    try:
        content = base64.b64decode(data if isinstance(data, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        yield f"{location}.data: must be base64"
        return
    if len(content) > MAX_FILE_BYTES:
        raise RefusedError(413, "request_too_large", f"{location}.data: larger than 20 MB")
    if not fits_media_type(content, str(media_type)):
        yield f"{location}.data: does not look like {media_type}"
