"""Paired tests of numbers: the mean of the cases' differences between two runs."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import product

from harness.stats.distributions import Interval, t_quantile
from harness.stats.means import mean

MOST_EXACT = 15  # differences (or groups) up to which all 2**n combinations of signs are tried
SAMPLES = 10_000
_MOST_SIZES = 50  # with more, a sum with random signs is as good as normal


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """The mean of paired differences.

    Attributes:
        p: The two-sided p-value of the sign-flip permutation test: exact for few differences,
            sampled for more, by the normal limit for more than 50 of different sizes.
        interval: By Student's t; None if there are fewer than two groups.
        effect: The mean in standard deviations of the differences (Cohen's d_z); None if they do
            not vary.
        groups: The number of independent groups of differences.
    """

    mean: float
    p: float
    interval: Interval | None
    effect: float | None
    groups: int


def mean_difference(
    differences: Sequence[float],
    groups: Sequence[Hashable] | None = None,
    *,
    seed: int = 0,
    confidence: float = 0.95,
) -> MeanDifference:
    """Test whether the mean of the cases' differences is 0.

    Args:
        differences: New minus old, for each case.
        groups: The group of each case, if cases share a document or a prompt and so are not
            independent. Signs are then flipped by group, and the standard error is clustered.
        seed: The seed of the sampled signs, used if there are too many to try all.
        confidence: The share of such intervals that contain the true mean.

    Source:
        The permutation test of Fisher (1935) on signs; the clustered error is that of Liang and
        Zeger (1986) with C / (C - 1) and C - 1 degrees of freedom.
    """
    n = len(differences)
    if not n:
        return MeanDifference(0.0, 1.0, None, None, 0)
    center = mean(differences)
    sums = _sums(differences, groups if groups is not None else range(n))
    clusters = len(sums)
    interval = None
    if clusters > 1:
        residuals = _sums([difference - center for difference in differences], groups or range(n))
        error = (
            math.sqrt(
                clusters / (clusters - 1) * math.fsum(residual * residual for residual in residuals)
            )
            / n
        )
        half = t_quantile((1 + confidence) / 2, clusters - 1) * error
        interval = Interval(center - half, center + half)
    return MeanDifference(
        center, _sign_flip(sums, seed), interval, _effect(differences, center), clusters
    )


def _sums(values: Sequence[float], groups: Sequence[Hashable]) -> list[float]:
    sums: dict[Hashable, list[float]] = defaultdict(list)
    for value, group in zip(values, groups, strict=True):
        sums[group].append(value)
    return [math.fsum(group) for group in sums.values()]


def _effect(differences: Sequence[float], center: float) -> float | None:
    if len(differences) < 2:
        return None
    spread = math.fsum((difference - center) ** 2 for difference in differences) / (
        len(differences) - 1
    )
    return center / math.sqrt(spread) if spread > 0 else None


def _sign_flip(sums: Sequence[float], seed: int) -> float:
    """Return the share of combinations of signs whose sum is as far from 0 as the observed one."""
    sizes = [abs(size) for size in sums if size]
    observed, largest = abs(math.fsum(sums)), math.fsum(sizes)
    bound = observed - 1e-9 * max(largest, 1e-300)  # equal sums of floats differ in their last bits
    if len(sizes) <= MOST_EXACT:
        totals = (
            abs(math.fsum(sign * size for sign, size in zip(signs, sizes, strict=True)))
            for signs in product((-1, 1), repeat=len(sizes))
        )
        as_far = sum(total >= bound for total in totals)
        return as_far / float(1 << len(sizes))
    numbers = Counter(sizes)
    if len(numbers) > _MOST_SIZES:
        return _two_sided(observed / math.sqrt(math.fsum(size * size for size in sizes)))
    source = random.Random(seed)  # noqa: S311  # not used for secrets
    as_far = 0
    for _ in range(SAMPLES):
        # of differences of equal size, only the number of positive ones counts
        positive = math.fsum(
            size * source.getrandbits(number).bit_count() for size, number in numbers.items()
        )
        as_far += abs(2 * positive - largest) >= bound
    return (as_far + 1) / (SAMPLES + 1)  # the observed signs are one of the combinations


def _two_sided(z: float) -> float:
    return math.erfc(z / math.sqrt(2))
