"""The source line that an error points to, with carets below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.printable import terminal_width, visible
from harness.scrubbing import API_KEY
from harness.source import SourceFile, Span

_EXCERPT_WIDTH = 100


@dataclass(slots=True)
class Excerpts:
    """Shows source lines with carets; each file is read once."""

    _files: dict[Path, SourceFile] = field(default_factory=dict)

    def of(self, span: Span) -> str:
        """Return two lines, source and carets, or an empty text if the file cannot be read."""
        file = self._read(span.path)
        # The error may be the key itself: excerpts end up in logs and reports.
        line = API_KEY.sub(lambda match: "*" * len(match[0]), file.line(span.line))
        if not line.strip():
            return ""
        first = max(0, span.column - 1 - _EXCERPT_WIDTH // 2)
        shown = line[first : first + _EXCERPT_WIDTH]
        before = visible(shown[: span.column - 1 - first].replace("\t", " "))
        marked = visible(shown[span.column - 1 - first :][: span.length].replace("\t", " "))
        after = visible(shown[span.column - 1 - first + span.length :].replace("\t", " "))
        gutter = " " * len(str(span.line))
        carets = "^" * max(1, terminal_width(marked))
        return (
            f"  {span.line} | {before}{marked}{after}\n"
            f"  {gutter} | {' ' * terminal_width(before)}{carets}"
        )

    def _read(self, path: Path) -> SourceFile:
        if path not in self._files:
            try:
                text = path.read_text("utf-8-sig")
            except (OSError, UnicodeDecodeError):
                text = ""
            self._files[path] = SourceFile(path, text)
        return self._files[path]
