"""Many tests at once."""

from __future__ import annotations

from collections.abc import Sequence


def holm(ps: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that one false alarm in the whole family is as rare as alpha.

    Source:
        Holm (1979).
    """
    adjusted, largest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = largest
    return adjusted


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that q is the share of false ones among those below q.

    Source:
        Benjamini and Hochberg (1995).
    """
    adjusted, smallest = [0.0] * len(ps), 1.0
    order = sorted(range(len(ps)), key=ps.__getitem__, reverse=True)
    for rank, place in zip(range(len(ps), 0, -1), order, strict=True):
        smallest = min(smallest, ps[place] * len(ps) / rank)
        adjusted[place] = smallest
    return adjusted
