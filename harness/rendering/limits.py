"""How large what a template makes may grow."""

from __future__ import annotations

from jinja2.exceptions import SecurityError

MAX_CHARACTERS = 10_000_000


def refuse_large(*sizes: int) -> None:
    """Raise SecurityError if a result would have more characters or digits than allowed."""
    if max(sizes) > MAX_CHARACTERS:
        raise SecurityError(f"the result would be larger than {MAX_CHARACTERS:,}")
