"""Removes secrets from everything that is written, such as a key that a server echoes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

REPLACEMENT = b"***"
SHORTEST = 8  # a shorter key is a dummy, and would be replaced in ordinary words
API_KEY = re.compile(r"sk-ant-[A-Za-z0-9_-]{8,}")
# what every key of a kind begins with is no secret, and texts about keys may name it
_PUBLIC = re.compile(rb"sk-(?:ant-)?(?:[a-z]+\d\d-)?")
_BLOCK = 4  # bytes; any seven of a secret hold one that begins at a multiple of four
# where a part ends at the latest: JSON has quotes and escapes of its own around a secret, and half
# a character beyond ASCII would be none
_ENDS = frozenset(b'"\\') | frozenset(range(0x80, 0x100))
_SECRET_NAME = re.compile(r"auth|cookie|credential|key|passw|secret|session|token", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)\S{20,}")
_KEY_OR_TOKEN = re.compile(API_KEY.pattern.encode() + rb"|(?<=Bearer )[A-Za-z0-9._~+/-]{16,}=*")


class Scrubber:
    """Replaces secrets, and text that looks like one, with `***`.

    A secret is recognised verbatim, escaped for JSON or a URL, and in base64 at any offset of a
    longer text; a part of it as well, from eight bytes on: excerpts and messages of parsers are cut
    where they please. Anything that looks like an API key or follows `Bearer` is replaced too.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        secrets = list(secrets)
        forms = {
            form for secret in secrets if len(secret) >= SHORTEST for form in _forms_of(secret)
        }
        self._forms = sorted(
            forms, key=len, reverse=True
        )  # a shorter form may be part of a longer one
        self._blocks = [
            (secret.encode(), start)
            for secret in secrets
            if len(secret) >= SHORTEST
            for start in _block_starts(secret.encode())
        ]

    def clean(self, data: bytes) -> bytes:
        """Return UTF-8 text without secrets."""
        for form in self._forms:
            if form in data:
                data = data.replace(form, REPLACEMENT)
        for secret, start in self._blocks:
            block = secret[start : start + _BLOCK]
            if block in data:
                data = _without_parts(data, secret, start)
        if b"sk-ant-" in data or b"Bearer " in data:
            data = _KEY_OR_TOKEN.sub(REPLACEMENT, data)
        return data


def is_secret_header(name: str, value: str) -> bool:
    """Return whether a header that a project sets has a name, or a value, as secrets have."""
    return _SECRET_NAME.search(name) is not None or _SECRET_VALUE.fullmatch(value) is not None


def _block_starts(secret: bytes) -> Iterable[int]:
    public = _PUBLIC.match(secret)
    first = 0 if public is None else public.end()
    starts = range(first, len(secret) - _BLOCK + 1, _BLOCK)
    return (start for start in starts if _ENDS.isdisjoint(secret[start : start + _BLOCK]))


def _without_parts(data: bytes, secret: bytes, start: int) -> bytes:
    """Replace the parts of a secret, eight bytes or longer, that hold one of its blocks."""
    block = secret[start : start + _BLOCK]
    at = data.find(block)
    while at >= 0:
        low, high = _part_around(data, at, secret, start)
        if high - low >= SHORTEST:
            data = data[:low] + REPLACEMENT + data[high:]
            at = data.find(block, low + len(REPLACEMENT))
        else:
            at = data.find(block, at + 1)
    return data


def _part_around(data: bytes, at: int, secret: bytes, start: int) -> tuple[int, int]:
    """Return where the part of a secret begins and ends that has one of its blocks at `at`."""
    low, first = at, start
    while low and first and data[low - 1] == secret[first - 1] and data[low - 1] not in _ENDS:
        low, first = low - 1, first - 1
    high, last = at + _BLOCK, start + _BLOCK
    while high < len(data) and last < len(secret) and data[high] == secret[last]:
        if data[high] in _ENDS:
            break
        high, last = high + 1, last + 1
    if low and data[low - 1 : low] == b"\\":  # half an escape sequence would break the line
        low += 1
    return low, high


def _forms_of(secret: str) -> Iterator[bytes]:
    raw = secret.encode()
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode()
    yield quote(secret, safe="").encode()
    yield quote(secret).encode()
    for before in range(3):  # base64 depends on how many bytes precede the secret, modulo 3
        whole = base64.b64encode(b"\0" * before + raw)
        core = whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")
