"""What a template is, and what can go wrong while it is filled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from harness.source import Span, Text

SIGNS = ("{{", "{%", "{#")


class FillError(Exception):
    """A template cannot be filled with these values; `line` is its line, from 1, if known."""

    def __init__(self, problem: str, fix: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.problem, self.fix, self.line = problem, fix, line


class MissingVariableError(Exception):
    """A template asks for a variable, or for a part of a value, that is not there."""

    def __init__(self, name: str, message: str, *, is_part: bool) -> None:
        super().__init__(message)
        self.name, self.message, self.is_part = name, message, is_part
        self.line: int | None = None


class FindsNames(Protocol):
    """Returns the characters where a name stands as a variable, or after a dot as a part."""

    def __call__(self, name: str, *, is_part: bool) -> list[int]:
        """Return them in order, counted from 0."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text that was taken apart once.

    Attributes:
        names: The variables it cannot do without.
        fill: Renders it; raises MissingVariableError or FillError.
        offsets: Finds names in it.
    """

    names: frozenset[str]
    fill: Callable[[Mapping[str, Any]], str]
    offsets: FindsNames


def is_template(text: str) -> bool:
    """Return whether a text holds anything that rendering would change."""
    return "{" in text and any(sign in text for sign in SIGNS)


def texts_in(value: Any) -> Iterator[Text]:
    """Yield every text from a file in a value, in order."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)


def line_span(text: Text, line: int | None) -> Span:
    """Return the place of the first template sign in a line of the text, or of the line."""
    lines = text.split("\n")
    number = min(max(line or 1, 1), len(lines))
    start = sum(len(each) + 1 for each in lines[: number - 1])
    signs = [at for sign in SIGNS if (at := lines[number - 1].find(sign)) >= 0]
    if not signs and not lines[number - 1].strip():
        last = max((text.rfind(sign, 0, start) for sign in SIGNS), default=-1)
        return text.span_at(max(last, 0), 2)
    return text.span_at(min(start + min(signs, default=0), len(text) - 1), 2)
