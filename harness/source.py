"""Where a thing is written, and the excerpt that shows it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from harness.scrubbing import API_KEY

_EXCERPT_WIDTH = 100
_BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Span:
    """Where something is written: line and column count from 1, both in characters."""

    path: Path
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, eq=False)
class SourceFile:
    """The text of a file that people wrote, its lines ending in line feeds."""

    path: Path
    text: str

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def span(self, index: int, length: int = 1) -> Span:
        """Return the place of the character at `index`; `length` characters are meant."""
        line = bisect_right(self._line_starts, index)
        return Span(self.path, line, index - self._line_starts[line - 1] + 1, max(length, 1))

    def line(self, number: int) -> str:
        """Return the line with this number, counted from 1, without its end."""
        starts = self._line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\n")


@dataclass(frozen=True, slots=True, eq=False)
class TextOrigin:
    """The stretch of a file that a text was read from.

    `style` says how the text is written there: `'` or `"` quoted, `|` or `>` as a block, an empty
    text for plain YAML, and `raw` when the stretch is the text itself.
    """

    file: SourceFile
    start: int
    end: int
    style: str = ""

    @property
    def span(self) -> Span:
        """The place of the whole text, as far as its first line goes."""
        end = self.file.text.find("\n", self.start, self.end)
        return self.file.span(self.start, (self.end if end < 0 else end) - self.start)

    def locate(self, value: str, offset: int, length: int = 1) -> Span:
        """Return the place of `value[offset]`, where `value` is what the stretch was read as.

        YAML folds lines, indents blocks and escapes characters, but keeps the order of all that is
        not white space; so the n-th such character of the value is the n-th of the stretch.
        """
        if self.style == "raw":
            return self.file.span(self.start + offset, length)
        wanted = sum(1 for character in value[:offset] if not character.isspace())
        for index, stands_for in self._written_characters():
            if stands_for.isspace():
                continue
            if wanted == 0:
                return self.file.span(index, length)
            wanted -= 1
        return self.span

    def _written_characters(self) -> list[tuple[int, str]]:
        """Return (index in the file, character meant) for the stretch, without its quotes."""
        start, end, text = self.start, self.end, self.file.text
        if self.style in {"|", ">"}:
            start = text.find("\n", start, end) + 1 or end
        if self.style not in {"'", '"'}:
            return [(index, text[index]) for index in range(start, end)]
        return _unquoted(text, start + 1, end - 1, self.style)


def _unquoted(text: str, index: int, end: int, quote: str) -> list[tuple[int, str]]:
    hex_digits = {"x": 2, "u": 4, "U": 8}
    blanks = {"n", "t", "r", "_", "L", "P", "N", "v", "f", " ", "\n"}
    found = []
    while index < end:
        width, meant = 1, text[index]
        if quote == "'" and text[index : index + 2] == "''":
            width = 2
        elif quote == '"' and meant == "\\":
            escape = text[index + 1]
            width = 2 + hex_digits.get(escape, 0)
            meant = " " if escape in blanks else escape
            if escape in hex_digits:
                meant = chr(int(text[index + 2 : index + width], 16))
        found.append((index, meant))
        index += width
    return found


class Text(str):
    """A string read from a file that still knows where it stands there."""

    __slots__ = ("origin",)
    origin: TextOrigin

    def __new__(cls, value: str, origin: TextOrigin) -> Text:
        """Return `value` with its origin."""
        text = str.__new__(cls, value)
        text.origin = origin
        return text

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # a copy in another process has no file to point into

    @property
    def span(self) -> Span:
        """The place of the first line of the text."""
        return self.origin.span

    def span_at(self, offset: int, length: int = 1) -> Span:
        """Return the place of the character at `offset` of the text."""
        return self.origin.locate(self, offset, length)


@dataclass(slots=True)
class Excerpts:
    """Shows source lines with a caret, reading each file once."""

    _files: dict[Path, SourceFile] = field(default_factory=dict)

    def of(self, span: Span) -> str:
        """Return the line of `span` and a caret line below, or an empty text if unreadable."""
        file = self._read(span.path)
        line = API_KEY.sub(lambda found: "*" * len(found[0]), file.line(span.line))
        if not line.strip():
            return ""
        first = max(0, span.column - 1 - _EXCERPT_WIDTH // 2)
        shown = line[first : first + _EXCERPT_WIDTH]
        before = visible(shown[: span.column - 1 - first].replace("\t", " "))
        marked = visible(shown[span.column - 1 - first :][: span.length].replace("\t", " "))
        after = visible(shown[span.column - 1 - first + span.length :].replace("\t", " "))
        gutter = " " * len(str(span.line))
        carets = "^" * max(1, _columns(marked))
        return (
            f"  {span.line} | {before}{marked}{after}\n"
            f"  {gutter} | {' ' * _columns(before)}{carets}"
        )

    def _read(self, path: Path) -> SourceFile:
        if path not in self._files:
            try:
                text = path.read_text("utf-8-sig")
            except (OSError, UnicodeDecodeError):
                text = ""
            self._files[path] = SourceFile(path, text)
        return self._files[path]


def visible(text: str) -> str:
    r"""Return `text` with everything a terminal could obey written out, such as `\x1b`.

    Line feeds and tabs stay. Escaped are the other C0 and C1 control characters, DEL, lone
    surrogates and the marks that change the direction of writing.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character in "\n\t":
        return character
    is_control = unicodedata.category(character) in {"Cc", "Cs"}
    if not is_control and character not in _BIDI_CONTROLS and character not in "\u2028\u2029":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _columns(text: str) -> int:
    """Return how many terminal columns `text` takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
