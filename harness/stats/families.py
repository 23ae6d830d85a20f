"""P-values adjusted for many tests at once."""

from __future__ import annotations

from collections.abc import Sequence


def holm(ps: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that alpha bounds the chance of any false alarm in the family.

    Source:
        Holm (1979).
    """
    adjusted, largest = [0.0] * len(ps), 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = largest
    return adjusted


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that q bounds the expected share of false alarms below q.

    Source:
        Benjamini and Hochberg (1995).
    """
    adjusted, smallest = [0.0] * len(ps), 1.0
    order = sorted(range(len(ps)), key=ps.__getitem__, reverse=True)
    for rank, index in zip(range(len(ps), 0, -1), order, strict=True):
        smallest = min(smallest, ps[index] * len(ps) / rank)
        adjusted[index] = smallest
    return adjusted
