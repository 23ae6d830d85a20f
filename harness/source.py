"""Positions in files: where a text is written, through YAML's quotes, folding and escapes."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Span:
    """A position in a file. Lines and columns count from 1; columns and `length` are characters."""

    path: Path
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, eq=False)
class SourceFile:
    """The text of a file with line feeds as line ends."""

    path: Path
    text: str

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def span(self, index: int, length: int = 1) -> Span:
        """Return the span of `length` characters from `index`, which counts from 0."""
        line = bisect_right(self._line_starts, index)
        return Span(self.path, line, index - self._line_starts[line - 1] + 1, max(length, 1))

    def line(self, number: int) -> str:
        """Return a line by its number from 1, without its line feed; empty if there is none."""
        starts = self._line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\n")


@dataclass(frozen=True, slots=True, eq=False)
class TextOrigin:
    """The stretch of a file that a text was read from.

    Attributes:
        start: Index of its first character, counted from 0.
        end: Index after its last character.
        style: How YAML writes the text: `'` or `"` (quoted), `|` or `>` (block), empty (plain), or
            `raw` if the stretch is the text itself, as in a file of its own.
    """

    file: SourceFile
    start: int
    end: int
    style: str = ""

    @property
    def span(self) -> Span:
        """The span of the first line."""
        end = self.file.text.find("\n", self.start, self.end)
        return self.file.span(self.start, (self.end if end < 0 else end) - self.start)

    def locate(self, value: str, offset: int, length: int = 1) -> Span:
        """Return the span of `value[offset]`, where `value` is what YAML reads from the stretch."""
        if self.style == "raw":
            return self.file.span(self.start + offset, length)
        # YAML folds lines, indents blocks and escapes characters, but keeps the order of everything
        # except white space: the n-th other character of the value is the n-th of the stretch.
        remaining = sum(1 for character in value[:offset] if not character.isspace())
        for index, character in self._source_characters():
            if character.isspace():
                continue
            if remaining == 0:
                return self.file.span(index, length)
            remaining -= 1
        return self.span

    def _source_characters(self) -> list[tuple[int, str]]:
        """Return (index in the file, character it reads as) for the stretch without quotes."""
        start, end, text = self.start, self.end, self.file.text
        if self.style in {"|", ">"}:
            start = text.find("\n", start, end) + 1 or end  # skips the header, such as `|2-`
        if self.style not in {"'", '"'}:
            return [(index, text[index]) for index in range(start, end)]
        return _unquoted(text, start + 1, end - 1, self.style)


def _unquoted(text: str, index: int, end: int, quote: str) -> list[tuple[int, str]]:
    hex_digits = {"x": 2, "u": 4, "U": 8}
    blanks = {"n", "t", "r", "_", "L", "P", "N", "v", "f", " ", "\n"}
    characters = []
    while index < end:
        width, character = 1, text[index]
        if quote == "'" and text[index : index + 2] == "''":
            width = 2
        elif quote == '"' and character == "\\":
            escape = text[index + 1]
            width = 2 + hex_digits.get(escape, 0)
            character = " " if escape in blanks else escape
            if escape in hex_digits:
                character = chr(int(text[index + 2 : index + width], 16))
        characters.append((index, character))
        index += width
    return characters


class Text(str):
    """A string that knows where in a file it was read."""

    __slots__ = ("origin",)
    origin: TextOrigin

    def __new__(cls, value: str, origin: TextOrigin) -> Text:
        """Return `value` with its origin attached."""
        text = str.__new__(cls, value)
        text.origin = origin
        return text

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # a copy in another process has no file to point into

    @property
    def span(self) -> Span:
        """The span of the first line of the text."""
        return self.origin.span

    def span_at(self, offset: int, length: int = 1) -> Span:
        """Return the span of `length` characters from `offset`, which counts from 0."""
        return self.origin.locate(self, offset, length)
