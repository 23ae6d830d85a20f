"""What a person may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST_LISTED = 12


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like `name`, if one is like it."""
    names = list(known)
    folded = {each.casefold().replace("-", "_"): each for each in names}
    same = folded.get(name.casefold().replace("-", "_"))
    if same is not None:
        return same
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return found[0] if found else None


def write_instead(name: str, known: Iterable[str]) -> str:
    """Return a fix for an unknown name: the closest one, or all of them if they are few."""
    names = list(known)
    meant = closest(name, names)
    if meant is not None:
        return f"write `{meant}`"
    shown = ", ".join(f"`{each}`" for each in names[:_MOST_LISTED])
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return f"write one of {shown}{more}" if names else "remove it"
