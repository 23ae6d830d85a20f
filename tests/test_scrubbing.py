"""Secrets in every form they may come back in."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.scrubbing import Scrubber, is_secret_header

KEY = "sk-ant-api03-Zq81KxLmN42VbTrWs90Pq77uHt"
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


@pytest.mark.parametrize("length", range(8, len(KEY)))
def test_a_part_of_a_secret_goes_too_wherever_it_was_cut(length: int) -> None:
    scrubber = Scrubber([KEY])

    for part in (KEY[:length], KEY[-length:], KEY[1 : length + 1]):
        written = json.dumps({"reason": f"the reply is not HTML: `{part}…`"}).encode()
        clean = scrubber.clean(written)

        private = KEY.removeprefix("sk-ant-api03-")
        parts = {private[at : at + 8] for at in range(len(private) - 7)}
        assert not any(secret in clean.decode() for secret in parts)
        assert json.loads(clean)["reason"].endswith("…`")


def test_what_all_keys_begin_with_is_no_secret() -> None:
    text = b"keys begin with sk-ant-api03-"

    assert Scrubber([KEY]).clean(text) == text


# no key has a backslash: JSON would write it as two, of which one alone may be found
@settings(max_examples=50)
@given(st.text(alphabet='abcd"\n\té', min_size=8), st.text(alphabet='abcd\\"\n\té'))
def test_a_line_of_json_stays_one(secret: str, text: str) -> None:
    written = json.dumps({"text": text + secret[2:] + text + secret[:-2]}, ensure_ascii=False)

    assert isinstance(json.loads(Scrubber([secret]).clean(written.encode())), dict)


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("x-portkey-api-key", "abcdefgh", True),
        ("x-session", "abcdefgh", True),
        ("x-trace", "Zx81KqpLmN42VbTrWs90", True),
        ("anthropic-beta", "prompt-caching-2024-07-31", False),
        ("x-team", "support", False),
    ],
)
def test_headers_with_the_names_or_values_of_secrets_are_taken_out(
    name: str, value: str, is_secret: bool
) -> None:
    assert is_secret_header(name, value) is is_secret
