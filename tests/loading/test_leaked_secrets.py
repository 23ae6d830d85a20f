from __future__ import annotations

from pathlib import Path

from harness.loading.leaked_secrets import leaked_keys
from harness.source import SourceFile, Span


def test_every_key_is_reported_with_its_length() -> None:
    text = "# sk-ant-api03-abcdefgh\nvars: {a: sk-ant-0123456789}\n"

    errors = list(leaked_keys(SourceFile(Path("s.yaml"), text)))

    assert [error.span for error in errors] == [
        Span(Path("s.yaml"), 1, 3, 21),
        Span(Path("s.yaml"), 2, 11, 17),
    ]
    assert all("sk-ant" not in str(error) for error in errors)


def test_a_word_that_only_begins_like_a_key_is_not_one() -> None:
    assert list(leaked_keys(SourceFile(Path("s.yaml"), "sk-ant-… or sk-ant-abc"))) == []
