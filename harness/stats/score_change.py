"""A paired test of scores: the trials of the same cases in two runs."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

from harness.stats.mean_differences import mean_difference
from harness.stats.means import mean

_LEAST_UNEQUAL = 20  # cases that vary, from which on the normal limit is close enough

Scores = tuple[Sequence[float], Sequence[float]]  # of the old and the new trials of a case


def score_change_p(
    cases: Sequence[Scores], groups: Sequence[Hashable] | None = None, *, seed: int = 0
) -> float:
    """Return the two-sided p-value of the hypothesis that no case scores higher or lower.

    With as many new as old trials, signs of the cases' differences are flipped. With unequal
    numbers that would not be valid, because means of fewer trials vary more: the trials of each
    case are then permuted or, where groups or too few cases leave no such test, only the first
    trials of the longer side are taken, as many as the other one has.

    Args:
        cases: The old and the new scores of each case, one at least on both sides.
        groups: The group of each case, if cases share a document or a conversation.
        seed: Of signs that are drawn.

    Returns:
        The p-value.

    Source:
        Fisher (1935) for signs; for trials within cases the normal limit of the stratified
        permutation test, as in van Elteren (1960).
    """
    is_equal = all(len(old) == len(new) for old, new in cases)
    p = None if is_equal or groups is not None else _permuted_within(cases)
    if p is not None:
        return p
    sizes = (min(len(old), len(new)) for old, new in cases)
    differences = [
        mean(new[:size]) - mean(old[:size]) for (old, new), size in zip(cases, sizes, strict=True)
    ]
    return mean_difference(differences, groups, seed=seed).p


def _permuted_within(cases: Sequence[Scores]) -> float | None:
    """Return the normal limit of the permutation test; None if too few cases vary for it."""
    distance = variance = 0.0
    varying = 0
    for old, new in cases:
        both = [*old, *new]
        center = mean(both)
        squares = math.fsum((score - center) ** 2 for score in both)
        distance += math.fsum(new) - len(new) * center
        if squares > 0:
            varying += 1
            variance += len(old) * len(new) * squares / (len(both) * (len(both) - 1))
    if not varying:
        return 1.0
    if varying < _LEAST_UNEQUAL:
        return None
    return math.erfc(abs(distance) / math.sqrt(2 * variance))
