from __future__ import annotations

import base64
from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.rendering.attachments import Attachments, check_inline
from harness.source import Span

HERE = Span(Path("t.suite.yaml"), 1, 1)
PNG = b"\x89PNG\r\n\x1a\n rest"


class Files:
    """Files in memory; each reading is noted, and what is included without one."""

    def __init__(self, **contents: bytes) -> None:
        self.contents, self.read = contents, list[str]()
        self.included: list[str] = []

    def read_bytes(self, folder: Path, name: str, span: Span) -> bytes:  # noqa: ARG002
        self.read.append(name)
        return self.contents[name.partition(".")[0]]

    def include(self, folder: Path, name: str, span: Span) -> None:  # noqa: ARG002
        self.included.append(name)


def encode(name: str, content: bytes, block: str = "file", declared: str | None = None) -> str:
    files = Files(**{name.partition(".")[0]: content})
    media_type, data = Attachments(files).encode(Path(), name, HERE, block, declared)
    assert base64.b64decode(data) == content
    return media_type


@pytest.mark.parametrize(
    ("name", "content", "block", "declared", "media_type"),
    [
        ("a.png", PNG, "image", None, "image/png"),
        ("a.MD", b"# Hi", "document", None, "text/markdown"),
        ("a.bin", PNG, "file", "image/png", "image/png"),
        ("a.md", b"# Hi", "file", "text/plain", "text/plain"),
    ],
)
def test_a_file_has_the_declared_media_type_or_that_of_its_extension(
    name: str, content: bytes, block: str, declared: str | None, media_type: str
) -> None:
    assert encode(name, content, block, declared) == media_type


@pytest.mark.parametrize(
    ("name", "content", "block", "declared", "problem", "fix"),
    [
        ("a.xyz", b"x", "file", None, "`a.xyz` has no known extension", "add `media_type: …`"),
        ("a.png", b"x", "image", None, "`a.png` does not look like image/png", "use another file"),
        (
            "a.png",
            b"GIF89a",
            "image",
            None,
            "`a.png` looks like image/gif, not image/png",
            "write `media_type: image/gif`",
        ),
        ("a.md", b"x", "image", None, "of `type: image` does not accept", "write `type: document`"),
        ("a.png", PNG, "document", None, "of `type: document` does not", "write `type: image`"),
        ("a.txt", b"\xff", "file", None, "does not look like text/plain", "use another file"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    name: str, content: bytes, block: str, declared: str | None, problem: str, fix: str
) -> None:
    with pytest.raises(SuiteError) as caught:
        encode(name, content, block, declared)

    assert problem in caught.value.problem
    assert str(caught.value.fix).startswith(fix)


def test_a_file_is_read_once_for_each_use() -> None:
    files = Files(a=PNG)
    attachments = Attachments(files)

    for block in ("image", "image", "file"):
        attachments.encode(Path(), "a.png", HERE, block, None)

    assert files.read == ["a.png", "a.png"]
    assert files.included == ["a.png"]


def test_the_files_used_last_stay_in_memory() -> None:
    large = PNG + bytes(20_000_000)  # 27 million characters in base64: two fit
    files = Files(a=large, b=large, c=large)
    attachments = Attachments(files)

    for name in ("a.png", "b.png", "a.png", "c.png", "a.png", "b.png"):
        attachments.encode(Path(), name, HERE, "image", None)

    assert files.read == ["a.png", "b.png", "c.png", "b.png"]


def test_inline_base64_may_be_folded_over_lines() -> None:
    check_inline("aGVs\n  bG8=\n", "text/plain", HERE)


@pytest.mark.parametrize(
    ("data", "media_type", "problem"),
    [
        ("aGk", "text/plain", "`data` is not valid base64"),
        ("a§k=", "text/plain", "`data` is not valid base64"),
        ("aGk=", "image/png", "`data` does not look like image/png"),
    ],
)
def test_inline_data_that_cannot_be_sent_is_refused(
    data: str, media_type: str, problem: str
) -> None:
    with pytest.raises(SuiteError, match=problem):
        check_inline(data, media_type, HERE)
