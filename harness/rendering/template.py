"""Templates taken apart, and the errors of filling them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from harness.source import Span, Text

MARKERS = ("{{", "{%", "{#")


class FillError(Exception):
    """A template cannot be filled with these values.

    Attributes:
        line: The line in the template, counted from 1, if known.
    """

    def __init__(self, problem: str, fix: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.problem, self.fix, self.line = problem, fix, line


class MissingVariableError(Exception):
    """A template uses a variable that is not set, or a key or attribute that a value lacks.

    Attributes:
        is_part: Whether `name` is a key or attribute.
        line: The line in the template, counted from 1, if known.
    """

    def __init__(self, name: str, message: str, *, is_part: bool) -> None:
        super().__init__(message)
        self.name, self.message, self.is_part = name, message, is_part
        self.line: int | None = None


class FindsNames(Protocol):
    """Finds a name in a template."""

    def __call__(self, name: str, *, is_part: bool) -> list[int]:
        """Return the offsets of a variable, or with `is_part` of a key or attribute, in order."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text taken apart once, to be rendered many times.

    Attributes:
        names: The variables that it requires.
        fill: Renders it; raises MissingVariableError or FillError.
        offsets: Finds names in it, as offsets from 0.
    """

    names: frozenset[str]
    fill: Callable[[Mapping[str, Any]], str]
    offsets: FindsNames


def is_template(text: str) -> bool:
    """Return whether rendering could change a text."""
    return "{" in text and any(marker in text for marker in MARKERS)


def inserted(value: Any) -> str:
    """Return how a value is written into a text: what is no text, as JSON writes it."""
    if value is None or isinstance(value, bool | list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def texts_in(value: Any) -> Iterator[Text]:
    """Yield every `Text` in a value, in order."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)


def line_span(text: Text, line: int | None) -> Span:
    """Return the span of the first marker in a line of the text, or of the line itself."""
    lines = text.split("\n")
    number = min(max(line or 1, 1), len(lines))
    start = sum(len(previous) + 1 for previous in lines[: number - 1])
    offsets = [at for marker in MARKERS if (at := lines[number - 1].find(marker)) >= 0]
    if not offsets and not lines[number - 1].strip():
        last = max((text.rfind(marker, 0, start) for marker in MARKERS), default=-1)
        return text.span_at(max(last, 0), 2)
    return text.span_at(min(start + min(offsets, default=0), len(text) - 1), 2)
