"""Secrets in every form they may come back in."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scrubbing import Scrubber

SECRET = 'sk-canary/4711+"quoted"'  # noqa: S105


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps({"said": SECRET}),
        f"https://example.com/?key={quote(SECRET, safe='')}",
        f"https://example.com/{quote(SECRET)}",
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        base64.urlsafe_b64encode(f"Bearer {SECRET}!".encode()).decode(),
    ],
)
def test_a_secret_is_found_in_every_form(written: str) -> None:
    clean = Scrubber([SECRET]).clean(written.encode())

    assert b"***" in clean
    assert b"canary" not in clean


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_base64_is_found_wherever_it_begins(before: bytes, after: bytes) -> None:
    written = base64.b64encode(before + b"canary-0123456789" + after)

    assert b"***" in Scrubber(["canary-0123456789"]).clean(written)


def test_what_looks_like_a_key_goes_too() -> None:
    written = b'{"said": "sk-ant-api03-abcdefgh", "and": "Bearer abcdefghijklmnop123"}'

    assert Scrubber().clean(written) == b'{"said": "***", "and": "Bearer ***"}'


def test_a_short_stand_in_is_no_secret() -> None:
    assert Scrubber(["key"]).clean(b"the key to it") == b"the key to it"


@given(st.text())
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert Scrubber([SECRET]).clean(text.encode("utf-8", "replace")) == text.encode(
        "utf-8", "replace"
    )
