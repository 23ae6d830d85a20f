"""Validates content blocks as the API does."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from harness.model.blocks import ASSISTANT_BLOCKS, BLOCK_TYPES, USER_BLOCKS
from harness.model.media import DOCUMENT_TYPES, IMAGE_TYPES, fits_media_type
from harness.simulator.refusal import RefusedError

MAX_FILE_BYTES = 20_000_000
_MEDIA_TYPES = (*DOCUMENT_TYPES, *IMAGE_TYPES)
_ID = re.compile("[a-zA-Z0-9_-]+")
_NAME = re.compile("[a-zA-Z0-9_-]{1,128}")

_Check: TypeAlias = Callable[[Mapping[str, Any], str], Iterator[str]]


def block_problems(block: object, location: str, role: str) -> Iterator[str]:
    """Yield why the API would refuse a block in a message of a role."""
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(block, dict) or (kind not in BLOCK_TYPES and role == "user"):
        yield f"{location}.type: must be one of {', '.join(BLOCK_TYPES)}"
    elif kind in (ASSISTANT_BLOCKS if role == "user" else USER_BLOCKS):
        other = "assistant" if role == "user" else "user"
        yield f"{location}: `{kind}` blocks can only be in `{other}` messages"
    else:
        yield from _CHECKS.get(str(kind), _nothing)(block, location)
        yield from cache_control_problems(block, location)


def _nothing(_block: Mapping[str, Any], _location: str) -> Iterator[str]:
    return iter(())


def _fields(*names: str) -> _Check:
    def check(block: Mapping[str, Any], location: str) -> Iterator[str]:
        for name in names:
            if not isinstance(block.get(name), str):
                yield f"{location}.{name}: field required"

    return check


def _file_data(block: Mapping[str, Any], location: str) -> Iterator[str]:
    yield from _data(block, location, _MEDIA_TYPES)


def _of_source(allowed: tuple[str, ...]) -> _Check:
    def check(block: Mapping[str, Any], location: str) -> Iterator[str]:
        yield from _source(block.get("source"), f"{location}.source", allowed)

    return check


def _document(block: Mapping[str, Any], location: str) -> Iterator[str]:
    source = block.get("source")
    kind = source.get("type") if isinstance(source, dict) else None
    if kind == "text":
        yield from _text_source(dict(source or {}), f"{location}.source")
    elif kind == "content":
        yield from _nested((source or {}).get("content"), f"{location}.source.content")
    else:
        yield from _source(source, f"{location}.source", DOCUMENT_TYPES)


def _text_source(source: Mapping[str, Any], location: str) -> Iterator[str]:
    if source.get("media_type") != "text/plain":
        yield f"{location}.media_type: must be text/plain"
    if not isinstance(source.get("data"), str) or not source["data"]:
        yield f"{location}.data: field required"


def _call(block: Mapping[str, Any], location: str) -> Iterator[str]:
    yield from _fields("id", "name")(block, location)
    for name, pattern in (("id", _ID), ("name", _NAME)):
        if isinstance(block.get(name), str) and not pattern.fullmatch(block[name]):
            yield f"{location}.{name}: String should match pattern '^{pattern.pattern}$'"
    if not isinstance(block.get("input"), dict):
        yield f"{location}.input: Input should be a valid dictionary"


def _result(block: Mapping[str, Any], location: str) -> Iterator[str]:
    yield from _fields("tool_use_id")(block, location)
    if not isinstance(block.get("is_error", False), bool):
        yield f"{location}.is_error: Input should be a valid boolean"
    if "content" in block:
        yield from _nested(block["content"], f"{location}.content")


def _nested(content: object, location: str) -> Iterator[str]:
    """Check blocks inside a block: no calls and no results."""
    if isinstance(content, str):
        return
    if not isinstance(content, list):
        yield f"{location}: must be a string or a list of content blocks"
        return
    for number, block in enumerate(content):
        kind = block.get("type") if isinstance(block, dict) else None
        if kind in USER_BLOCKS:
            yield f"{location}.{number}.type: must be text, image or document"
        else:
            yield from block_problems(block, f"{location}.{number}", "user")


def cache_control_problems(block: Mapping[str, Any], location: str) -> Iterator[str]:
    """Yield why the API would refuse where a block is to be cached."""
    control = block.get("cache_control")
    if control is None:
        return
    if block.get("type") in {"thinking", "redacted_thinking"}:
        yield f"{location}.cache_control: Extra inputs are not permitted"
    elif not isinstance(control, dict) or control.get("type") != "ephemeral":
        yield f"{location}.cache_control.type: must be `ephemeral`"
    elif control.get("ttl", "5m") not in {"5m", "1h"}:
        yield f"{location}.cache_control.ttl: must be `5m` or `1h`"
    elif block.get("type") == "text" and not block.get("text"):
        yield f"{location}: cache_control cannot be set for empty text blocks"


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


_CHECKS: Mapping[str, _Check] = {
    "text": _fields("text"),
    "image": _of_source(IMAGE_TYPES),
    "document": _document,
    "file": _of_source(_MEDIA_TYPES),
    "file_data": _file_data,
    "tool_use": _call,
    "tool_result": _result,
    "thinking": _fields("thinking", "signature"),
    "redacted_thinking": _fields("data"),
}
