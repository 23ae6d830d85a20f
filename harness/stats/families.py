"""P-values adjusted for many tests at once."""

from __future__ import annotations

from collections.abc import Sequence

FIRST_SHARE = 0.8  # of the significance level, which the first question has before all others


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


def attainable(least: Sequence[float], alpha: float) -> list[bool]:
    """Return which tests of a family can become significant at all, and so have to be counted.

    Args:
        least: The smallest p-value that each test can give with the margins it has.
        alpha: The significance level of the family.

    Source:
        Tarone (1990), "A modified Bonferroni method for discrete data".
    """
    number = 1
    while sum(p <= alpha / number for p in least) > number:
        number += 1
    return [p <= alpha / number for p in least]


def first_and_others(first: float, others: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the p-values of a first question and of families of others, all adjusted together.

    Four fifths of the significance level are for the first question, the rest for the other
    families in equal parts. Once the first one is answered, its part goes to the others, too.

    Args:
        first: The p-value of the first question.
        others: The p-values of each family, adjusted within it.

    Returns:
        The adjusted p-value of the first question, alone in a list, and those of each family.

    Source:
        The fallback procedure of Wiens (2003), "A fixed sequence Bonferroni procedure"; Holm (1979)
        within a family.
    """
    families = [family for family in others if family]
    if not families:
        return [[first], *([] for _ in others)]
    answered = min(1.0, first / FIRST_SHARE)
    parts = len(families)
    adjusted: list[list[float]] = [[answered]]
    for family in others:
        with_all = [max(answered, parts * p) for p in family]
        alone = [parts * p / (1 - FIRST_SHARE) for p in family]
        adjusted.append([min(1.0, *both) for both in zip(with_all, alone, strict=True)])
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
