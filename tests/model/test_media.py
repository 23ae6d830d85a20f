from __future__ import annotations

import pytest

from harness.model.media import fits_media_type, is_text, sniff_media_type


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"%PDF-1.7", "application/pdf"),
        (b"plain", None),
        (b"", None),
    ],
)
def test_the_first_bytes_indicate_a_media_type(content: bytes, media_type: str | None) -> None:
    assert sniff_media_type(content) == media_type


@pytest.mark.parametrize(
    ("content", "expected"), [("é".encode(), True), (b"", True), (b"\xe9", False), (b"a\0", False)]
)
def test_text_is_utf_8_without_zero_bytes(content: bytes, *, expected: bool) -> None:
    assert is_text(content) == expected


@pytest.mark.parametrize(
    ("content", "media_type", "fits"),
    [
        (b"# Hi", "text/markdown", True),
        (b"%PDF-1.7", "text/plain", False),
        (b"%PDF-1.7", "application/pdf", True),
        (b"GIF89a", "image/png", False),
        (b"\xff\xfe", "text/csv", False),
    ],
)
def test_content_fits_a_media_type_or_not(content: bytes, media_type: str, *, fits: bool) -> None:
    assert fits_media_type(content, media_type) == fits
