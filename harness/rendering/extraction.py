"""Filters that extract a part of a text: what to judge of a reply."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from jinja2.exceptions import FilterArgumentError, SecurityError
from jinja2.runtime import Undefined

from harness.assertions.patterns import REGEX_SECONDS, PatternError, as_python_reads, compiled

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*$")
_SEPARATORS = {",": r",", ".": r"\.", " ": r"[ \u00a0\u202f]", "'": r"['\u2019]", "_": "_", "": ""}
_MOST_DIGITS = 300
_MINUS = "\u2212"


def _of_text(extract: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that leaves what is undefined as it is."""

    @functools.wraps(extract)
    def extracted(text: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(text, Undefined):
            return text
        return extract(str(text), *arguments, **options)

    return extracted


@_of_text
def between(text: str, start: str, end: str) -> str:
    """Return the text between the first `start` and the next `end`."""
    _, opening, rest = text.partition(start)
    content, closing, _ = rest.partition(end)
    if not opening or not closing:
        raise ValueError(f"between: {end if opening else start!r} not found")
    return content


@_of_text
def fenced(text: str, language: str | None = None) -> str:
    """Return the content of the first fenced block in a Markdown text, of a language if named."""
    for block_language, content in _fenced_blocks(text):
        if language is None or block_language.casefold() == language.casefold():
            return content
    kind = "fenced block" if language is None else f"fenced block of {language}"
    raise ValueError(f"fenced: no {kind} found")


@_of_text
def unfenced(text: str) -> str:
    """Return the content of the first fenced block if there is one, or else the whole text."""
    return next((content for _, content in _fenced_blocks(text)), text).strip()


@_of_text
def search(text: str, pattern: str, group: int | str = 0) -> str:
    """Return the first match of a regular expression, or one of its groups."""
    try:
        expression = compiled(as_python_reads(pattern))
    except PatternError as error:
        raise FilterArgumentError(f"search: {error}") from error
    try:
        match = expression.search(text, timeout=REGEX_SECONDS)
    except TimeoutError as error:
        raise SecurityError(f"search: `{pattern}` took over {REGEX_SECONDS} s") from error
    if match is None:
        raise ValueError(f"search: no match of `{pattern}`")
    try:
        found = match[group]
    except IndexError as error:
        raise FilterArgumentError(f"search: `{pattern}` has no group {group}") from error
    if found is None:
        raise ValueError(f"search: group {group} of `{pattern}` matched nothing")
    return str(found)


@_of_text
def number(text: str, thousands: str = ",", decimals: str = ".") -> int | float:
    """Return the number that a text is, such as `1,234.50`.

    Args:
        text: Digits, perhaps with a sign, separators and white space around.
        thousands: What separates groups of three digits; they may stand without it.
        decimals: What stands before the decimals.
    """
    for separator in (thousands, decimals):
        if separator not in _SEPARATORS:
            listed = ", ".join(f"'{one}'" for one in _SEPARATORS)
            raise FilterArgumentError(f"number: a separator is one of {listed}")
    if thousands == decimals:
        raise FilterArgumentError("number: thousands and decimals need different separators")
    group, point = _SEPARATORS[thousands], _SEPARATORS[decimals]
    whole = rf"\d{{1,3}}(?:{group}\d{{3}})+|\d+" if group else r"\d+"
    fraction = rf"(?:{point}(\d+))?" if point else "()"
    match = re.fullmatch(rf"([-+{_MINUS}]?)({whole}){fraction}", text.strip(), re.ASCII)
    if match is None:
        raise ValueError(f"number: `{text.strip()[:40]}` is no number")
    sign = "-" if match[1] in ("-", _MINUS) else ""
    digits = sign + re.sub(r"\D", "", match[2])
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"number: it has more than {_MOST_DIGITS} digits")
    return float(f"{digits}.{match[3]}") if match[3] else int(digits)


@_of_text
def lines(text: str) -> list[str]:
    """Return the lines that are not blank, without white space around them."""
    return [stripped for line in text.splitlines() if (stripped := line.strip())]


@_of_text
def parts(text: str, separator: str) -> list[str]:
    """Return what stands between separators, without blank parts and white space around."""
    if not separator:
        raise FilterArgumentError("parts: the separator is empty")
    return [stripped for part in text.split(separator) if (stripped := part.strip())]


def _fenced_blocks(text: str) -> list[tuple[str, str]]:
    """Return the language and the content of fenced blocks.

    Source:
        CommonMark 0.31, 4.5: a fence closes a block if it is at least as long as the opening one.
    """
    blocks: list[tuple[str, str]] = []
    fence, language, content = "", "", list[str]()
    for line in text.splitlines(keepends=True):
        match = _FENCE.match(line)
        if not fence and match is not None:
            fence, language, content = match[1], match[2], []
        elif fence and match is not None and not match[2] and match[1].startswith(fence):
            blocks.append((language, "".join(content)))
            fence = ""
        elif fence:
            content.append(line)
    return blocks
