from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from harness.simulator.content import (
    describe_attachments,
    input_tokens,
    last_user_text,
    system_text,
    tokens,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + struct.pack(">II", 64, 48)


def body(*blocks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(blocks)}], **changes}


def file(content: bytes, media_type: str) -> dict[str, Any]:
    data = base64.b64encode(content).decode()
    return {"type": "file", "source": {"type": "base64", "media_type": media_type, "data": data}}


def test_the_system_prompt_is_one_text() -> None:
    blocks = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]

    assert system_text({"system": "a"}) == "a"
    assert system_text({"system": blocks}) == "a\nb"
    assert system_text({}) == ""


def test_the_last_text_of_the_user_is_found() -> None:
    messages = [
        {"role": "user", "content": "first"},
        {"role": "user", "content": [{"type": "text", "text": "last"}, {"type": "image"}]},
        {"role": "assistant", "content": "reply"},
    ]

    assert last_user_text({"messages": messages}) == "last"
    assert last_user_text({"messages": messages[2:]}) == ""


@pytest.mark.parametrize(("text", "count"), [("", 1), ("abcd", 1), ("abcde", 2)])
def test_a_token_has_four_characters(text: str, count: int) -> None:
    assert tokens(text) == count


def test_a_file_counts_as_1500_tokens() -> None:
    assert input_tokens(body({"type": "text", "text": "abcd"}, file(b"x", "text/plain"))) == 1501


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (file(PNG, "image/png"), "a 64 x 48 image/png"),
        (file(b"%PDF /Type /Page /Type /Pages", "application/pdf"), "a PDF of 1 page"),
        (file(b"%PDF /Type /Page /Type/Page", "application/pdf"), "a PDF of 2 pages"),
        (file(b"abc", "text/plain"), "3 bytes of text/plain"),
        ({"type": "image", "source": {"type": "url"}}, "an image at a URL"),
        (
            {"type": "file_data", "media_type": "text/plain", "data": "YQ=="},
            "1 byte of text/plain",
        ),
    ],
)
def test_a_file_is_described(block: dict[str, Any], words: str) -> None:
    assert describe_attachments(body(block)).startswith(words)


def test_files_are_described_together() -> None:
    one = file(b"a", "text/plain")

    assert describe_attachments(body(one, one)) == "1 byte of text/plain and 1 byte of text/plain"
