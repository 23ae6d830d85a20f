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
) -> float | None:
    """Return the two-sided p-value of the hypothesis that no case scores higher or lower.

    With as many new as old trials, signs of the cases' differences are flipped. With unequal
    numbers that would not be valid, because means of fewer trials vary more; the trials of each
    case are then permuted.

    Args:
        cases: The old and the new scores of each case, one at least on both sides.
        groups: The group of each case, if cases share a document or a conversation.
        seed: Of signs that are drawn.

    Returns:
        The p-value; None where trials are unequal and groups, or too few cases, leave none.

    Source:
        Fisher (1935) for signs; for trials within cases the normal limit of the stratified
        permutation test, as in van Elteren (1960).
    """
    if all(len(old) == len(new) for old, new in cases):
        differences = [mean(new) - mean(old) for old, new in cases]
        return mean_difference(differences, groups, seed=seed).p
    if groups is not None:
        return None
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
