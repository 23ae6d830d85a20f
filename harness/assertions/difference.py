"""Where two texts differ, in words and in short excerpts."""

from __future__ import annotations

_SHOWN = 160
_BEFORE = 40


def first_difference(
    expected: str, actual: str, *, ignore_case: bool = False
) -> tuple[str, str, str]:
    """Return where two texts first differ, in words, and an excerpt of each around that."""
    pairs = enumerate(zip(expected, actual, strict=False))
    shared = min(len(expected), len(actual))
    differences = (
        index
        for index, (wanted, got) in pairs
        if wanted != got and not (ignore_case and wanted.casefold() == got.casefold())
    )
    index = next(differences, shared)
    before = actual[:index]
    line, column = before.count("\n") + 1, index - before.rfind("\n")
    words = f"they differ first at line {line}, column {column}"
    return words, excerpt(expected, index), excerpt(actual, index)


def excerpt(text: str, around: int = 0) -> str:
    """Return `text` or, if it is long, the part around an index, followed by its full length."""
    if len(text) <= _SHOWN:
        return text
    start = max(0, around - _BEFORE)
    part = text[start : start + _SHOWN]
    before = "…" if start else ""
    after = "…" if start + _SHOWN < len(text) else ""
    return f"{before}{part}{after} ({len(text):,} characters)"


def quoted(text: str) -> str:
    """Return `text` in quotes, shortened, on one line."""
    short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return repr(short)
