"""Texts inside Markdown, and how long it may be."""

from __future__ import annotations

from harness.printable import visible

MOST_BYTES = 60_000
_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]|#~"} | {"<": "&lt;", ">": "&gt;"})
_CUT = "\n\n… cut here; the run file has everything\n"


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, in one line."""
    line = " ".join(visible(text).split())
    return line.replace("&", "&amp;").translate(_SIGNS).replace("@", "@\u200b")  # no mention


def limited(text: str, most: int = MOST_BYTES) -> str:
    """Return a text of at most so many bytes, cut at the end of a line."""
    whole = text.encode()
    if len(whole) <= most:
        return text
    kept = whole[: most - len(_CUT.encode()) - 40].decode("utf-8", "ignore")
    kept = kept.rpartition("\n")[0]
    unclosed = kept.count("<details>") - kept.count("</details>")
    return kept + "\n\n</details>" * unclosed + _CUT
