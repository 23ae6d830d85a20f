"""Files in content blocks: read, checked against their media type, encoded."""

from __future__ import annotations

import base64
import binascii
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from harness.errors import SuiteError
from harness.model.media import (
    DOCUMENT_TYPES,
    IMAGE_TYPES,
    MEDIA_TYPE_BY_SUFFIX,
    fits_media_type,
    sniff_media_type,
)
from harness.source import Span

_CACHED_CHARACTERS = 64_000_000


class ReadsFiles(Protocol):
    """Reads files that a suite may read."""

    def read_bytes(self, folder: Path, name: str, span: Span) -> bytes:
        """Return the content of a file; raise SuiteError at `span` if it may not be read."""


@dataclass(slots=True)
class Attachments:
    """Encoded files; those used last are kept, up to 64 MB."""

    _files: ReadsFiles
    _kept: OrderedDict[tuple[Path, str, str, str], tuple[str, str]] = field(
        default_factory=OrderedDict
    )
    _lock: threading.Lock = field(
        default_factory=threading.Lock
    )  # a test may load while a run runs

    def encode(
        self, folder: Path, name: str, span: Span, block: str, declared: str | None
    ) -> tuple[str, str]:
        """Return the media type and the content in base64 of a file.

        Args:
            folder: Where `name` is relative to.
            name: The file, as the suite names it.
            span: Where the suite names it.
            block: The type of the content block it is for.
            declared: The media type the suite gives it, if it does.

        Raises:
            SuiteError: The file cannot be read, or is not of a type that goes here.
        """
        key = (folder, name, block, declared or "")
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        content = self._files.read_bytes(folder, name, span)
        media_type = declared or _media_type_of(name, span)
        _check_content(content, media_type, f"`{name}`", span)
        _check_block(media_type, block, f"`{name}`", span)
        encoded = (media_type, base64.b64encode(content).decode("ascii"))
        with self._lock:
            self._keep(key, encoded)
        return encoded

    def _keep(self, key: tuple[Path, str, str, str], encoded: tuple[str, str]) -> None:
        self._kept[key] = encoded
        size = sum(len(data) for _, data in self._kept.values())
        while size > _CACHED_CHARACTERS and len(self._kept) > 1:
            _, (_, dropped) = self._kept.popitem(last=False)
            size -= len(dropped)


def check_inline(data: str, media_type: str, span: Span) -> None:
    """Raise SuiteError if base64 in a suite is broken or not of its media type."""
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        problem = f"`data` is not base64: {error}"
        raise SuiteError(span, problem, "write base64, or name a file with `type: path`") from error
    _check_content(content, media_type, "`data`", span)


def _media_type_of(name: str, span: Span) -> str:
    media_type = MEDIA_TYPE_BY_SUFFIX.get(PurePosixPath(name).suffix.lower())
    if media_type is None:
        known = ", ".join(MEDIA_TYPE_BY_SUFFIX)
        problem = f"the ending of `{name}` names no media type"
        raise SuiteError(span, problem, f"add `media_type: …`, or use one of {known}")
    return media_type


def _check_content(content: bytes, media_type: str, what: str, span: Span) -> None:
    if fits_media_type(content, media_type):
        return
    found = sniff_media_type(content)
    if found is None:
        fix = "name another file, or another media type"
        raise SuiteError(span, f"{what} does not look like {media_type}", fix)
    raise SuiteError(
        span, f"{what} looks like {found}, not {media_type}", f"write `media_type: {found}`"
    )


def _check_block(media_type: str, block: str, what: str, span: Span) -> None:
    allowed = {"image": IMAGE_TYPES, "document": DOCUMENT_TYPES}.get(block)
    if allowed is not None and media_type not in allowed:
        other = "document" if block == "image" else "image"
        problem = f"{what} is {media_type}, which a block of `type: {block}` does not take"
        raise SuiteError(span, problem, f"write `type: {other}`")
