"""The media types that the API accepts, and how to recognise them by content."""

from __future__ import annotations

IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
DOCUMENT_TYPES = ("application/pdf", "text/plain", "text/markdown", "text/csv")

MEDIA_TYPE_BY_SUFFIX = {
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}


def sniff_media_type(content: bytes) -> str | None:
    """Return the media type that the first bytes indicate, or None if they indicate none of ours.

    Source:
        WHATWG MIME Sniffing, 6 "Matching a MIME type pattern".
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content.startswith(b"RIFF") and content[8:14] == b"WEBPVP":
        return "image/webp"
    return "application/pdf" if content.startswith(b"%PDF-") else None


def is_text(content: bytes) -> bool:
    """Return whether content is UTF-8 without zero bytes."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def fits_media_type(content: bytes, media_type: str) -> bool:
    """Return whether content can be of a media type."""
    if media_type.startswith("text/"):
        return is_text(content) and sniff_media_type(content) is None
    return sniff_media_type(content) == media_type
