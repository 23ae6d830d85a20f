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
_KEY_OR_TOKEN = re.compile(API_KEY.pattern.encode() + rb"|(?<=Bearer )[A-Za-z0-9._~+/-]{16,}=*")


class Scrubber:
    """Replaces secrets, and text that looks like one, with `***`.

    A secret is recognised verbatim, escaped for JSON or a URL, and in base64 at any offset of a
    longer text. Anything that looks like an API key or follows `Bearer` is replaced too.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {
            form for secret in secrets if len(secret) >= SHORTEST for form in _forms_of(secret)
        }
        self._forms = sorted(
            forms, key=len, reverse=True
        )  # a shorter form may be part of a longer one

    def clean(self, data: bytes) -> bytes:
        """Return UTF-8 text without secrets."""
        for form in self._forms:
            if form in data:
                data = data.replace(form, REPLACEMENT)
        if b"sk-ant-" in data or b"Bearer " in data:
            data = _KEY_OR_TOKEN.sub(REPLACEMENT, data)
        return data


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
