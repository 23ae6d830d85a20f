"""Says "did you mean" for names that do not exist."""

from __future__ import annotations

from collections.abc import Iterable

_MAX_LISTED = 12


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like `name`, or None if none is like it."""
    names = list(candidates)
    by_folded_name = {_folded(candidate): candidate for candidate in names}
    same = by_folded_name.get(_folded(name))
    if same is not None:
        return same
    import difflib  # only mistakes need it

    matches = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return matches[0] if matches else None


def write_instead(name: str, candidates: Iterable[str]) -> str:
    """Return the fix for an unknown name: the closest candidate, or else a list of them."""
    names = list(candidates)
    match = closest(name, names)
    if match is not None:
        return f"write `{match}`"
    listed = ", ".join(f"`{candidate}`" for candidate in names[:_MAX_LISTED])
    more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
    return f"write one of {listed}{more}" if names else "remove it"


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_")
