"""Takes secrets out of what is written, whoever sent them back."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

STAND_IN = b"***"
SHORTEST = 8  # a shorter key is a stand-in itself, and would be found in ordinary words
API_KEY = re.compile(r"sk-ant-[A-Za-z0-9_-]{8,}")
_KNOWN_KINDS = re.compile(API_KEY.pattern.encode() + rb"|(?<=Bearer )[A-Za-z0-9._~+/-]{16,}=*")


class Scrubber:
    """Replaces secrets, and what looks like one, by `***`.

    A secret is found as it is, escaped for JSON or a URL, and in base64 at any place of a longer
    text; what looks like a key of the API or follows `Bearer` goes too.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {
            form for secret in secrets if len(secret) >= SHORTEST for form in _forms_of(secret)
        }
        self._forms = sorted(forms, key=len, reverse=True)  # the longest first

    def clean(self, data: bytes) -> bytes:
        """Return UTF-8 text without secrets."""
        for form in self._forms:
            if form in data:
                data = data.replace(form, STAND_IN)
        if b"sk-ant-" in data or b"Bearer " in data:
            data = _KNOWN_KINDS.sub(STAND_IN, data)
        return data


def _forms_of(secret: str) -> Iterator[bytes]:
    raw = secret.encode()
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode()
    yield quote(secret, safe="").encode()
    yield quote(secret).encode()
    for before in range(3):  # base64 has three ways to write it, by what stands before it
        whole = base64.b64encode(b"\0" * before + raw)
        core = whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")
