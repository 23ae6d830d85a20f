"""Reads the files of content blocks, checks their media type and encodes them."""

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

_MAX_CACHED_CHARACTERS = 64_000_000


class ReadsFiles(Protocol):
    """Reads files that a suite may read."""

    def read_bytes(self, folder: Path, name: str, span: Span) -> bytes:
        """Return the content of a file.

        Raises:
            SuiteError: At `span`, if the file may not or cannot be read.
        """

    def include(self, folder: Path, name: str, span: Span) -> None:
        """Take note of a file that a suite includes, if it was not read for this suite."""


@dataclass(slots=True)
class Attachments:
    """Encoded files; the most recently used are cached, up to 64 MB."""

    _files: ReadsFiles
    _cached: OrderedDict[tuple[Path, str, str, str], tuple[str, str]] = field(
        default_factory=OrderedDict
    )
    # Under pytest a test may load a suite in one thread while another thread runs trials.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def encode(
        self, folder: Path, name: str, span: Span, block: str, declared: str | None
    ) -> tuple[str, str]:
        """Return the media type of a file, and its content in base64.

        Args:
            folder: Where `name` is relative to.
            name: The file, as the suite names it.
            span: Where the suite names it.
            block: The type of the content block it is for.
            declared: The media type in the suite, if it is set.

        Raises:
            SuiteError: The file cannot be read, or the block does not accept its type.
        """
        key = (folder, name, block, declared or "")
        with self._lock:
            cached = self._cached.get(key)
            if cached is not None:
                self._cached.move_to_end(key)
        if cached is not None:
            self._files.include(folder, name, span)
            return cached
        content = self._files.read_bytes(folder, name, span)
        media_type = declared or _media_type_of(name, span)
        _check_content(content, media_type, f"`{name}`", span)
        _check_block(media_type, block, f"`{name}`", span)
        encoded = (media_type, base64.b64encode(content).decode("ascii"))
        with self._lock:
            self._cache(key, encoded)
        return encoded

    def _cache(self, key: tuple[Path, str, str, str], encoded: tuple[str, str]) -> None:
        self._cached[key] = encoded
        size = sum(len(data) for _, data in self._cached.values())
        while size > _MAX_CACHED_CHARACTERS and len(self._cached) > 1:
            _, (_, dropped) = self._cached.popitem(last=False)
            size -= len(dropped)


def check_inline(data: str, media_type: str, span: Span) -> None:
    """Raise SuiteError if base64 in a suite is invalid or not of its media type."""
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        problem = f"`data` is not valid base64: {error}"
        raise SuiteError(span, problem, "write base64, or name a file with `type: path`") from error
    _check_content(content, media_type, "`data`", span)


def _media_type_of(name: str, span: Span) -> str:
    media_type = MEDIA_TYPE_BY_SUFFIX.get(PurePosixPath(name).suffix.lower())
    if media_type is None:
        suffixes = ", ".join(MEDIA_TYPE_BY_SUFFIX)
        problem = f"`{name}` has no known extension, which would give its media type"
        raise SuiteError(span, problem, f"add `media_type: …`, or use one of {suffixes}")
    return media_type


def _check_content(content: bytes, media_type: str, what: str, span: Span) -> None:
    if fits_media_type(content, media_type):
        return
    actual = sniff_media_type(content)
    if actual is None:
        fix = "use another file, or another media type"
        raise SuiteError(span, f"{what} does not look like {media_type}", fix)
    raise SuiteError(
        span, f"{what} looks like {actual}, not {media_type}", f"write `media_type: {actual}`"
    )


def _check_block(media_type: str, block: str, what: str, span: Span) -> None:
    allowed = {"image": IMAGE_TYPES, "document": DOCUMENT_TYPES}.get(block)
    if allowed is not None and media_type not in allowed:
        other = "document" if block == "image" else "image"
        problem = f"{what} is {media_type}, which a block of `type: {block}` does not accept"
        raise SuiteError(span, problem, f"write `type: {other}`")
