"""What rendering needs of text files."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from harness.source import Span, Text


class ReadsTexts(Protocol):
    """Reads text files that a suite may read."""

    def read_text_at(self, folder: Path, name: str, span: Span) -> Text:
        """Return the content of a file.

        Raises:
            SuiteError: At `span`, if the file may not or cannot be read.
        """

    def include(self, folder: Path, name: str, span: Span) -> None:
        """Take note of a file that a suite includes, if it was not read for this suite."""
