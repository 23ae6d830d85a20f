"""Power: the changes that a comparison can detect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.stats.distributions import binomial_point, binomial_tail, normal_quantile

USUAL_DISCORDANT = 0.2
_NEGLIGIBLE = 1e-12
_MOST_CASES = 1000


def mcnemar_power(cases: int, discordant: float, change: float, alpha: float = 0.05) -> float:
    """Return the chance that the exact McNemar test detects a change of pass rate.

    Args:
        cases: The number of cases compared.
        discordant: The share of cases whose verdict changes.
        change: The difference of the pass rates, at most `discordant`.
        alpha: The significance level.
    """
    return _power(_rejections(cases, discordant, alpha), discordant, change)


def smallest_change(
    cases: int, discordant: float = USUAL_DISCORDANT, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Return the smallest change of pass rate that is detected with this power, to a thousandth.

    Returns None if no change is, as it cannot exceed the share of cases that change. For more than
    1,000 cases, it is the normal approximation, which is close from 50 cases on.
    """
    if cases > _MOST_CASES:
        z = normal_quantile(1 - alpha / 2) + normal_quantile(power)
        change = z * math.sqrt(discordant / cases)
        return change if change <= discordant else None
    rejections = _rejections(cases, discordant, alpha)
    low, high = 0, math.floor(discordant * 1000 + 1e-9)
    if _power(rejections, discordant, high / 1000) < power:
        return None
    while high - low > 1:  # power grows with the change
        middle = (low + high) // 2
        if _power(rejections, discordant, middle / 1000) < power:
            low = middle
        else:
            high = middle
    return high / 1000


@dataclass(frozen=True, slots=True)
class _Rejection:
    """A number of changed cases, and where the test becomes significant.

    Attributes:
        weight: The probability that this many cases change.
        changed: The number of cases that change.
        most: The largest smaller part of them (broken or fixed) that is significant.
    """

    weight: float
    changed: int
    most: int


def _rejections(cases: int, discordant: float, alpha: float) -> list[_Rejection]:
    rejections = []
    for changed in range(cases + 1):
        weight = binomial_point(changed, cases, discordant)
        most = _most_fewer(changed, alpha) if weight > _NEGLIGIBLE else -1
        if most >= 0:
            rejections.append(_Rejection(weight, changed, most))
    return rejections


def _power(rejections: Sequence[_Rejection], discordant: float, change: float) -> float:
    if discordant <= 0:
        return 0.0
    one_way = (discordant + abs(change)) / (2 * discordant)
    return math.fsum(
        rejection.weight
        * (
            binomial_tail(rejection.most, rejection.changed, 1 - one_way)
            + binomial_tail(rejection.most, rejection.changed, one_way)
        )
        for rejection in rejections
    )


def _most_fewer(changed: int, alpha: float) -> int:
    """Return the largest smaller part of this many changes that is significant, or -1."""
    most, tail = -1, 0
    while 2 * (most + 1) < changed:
        tail += math.comb(changed, most + 1)
        if 2 * tail > alpha * 2**changed:
            break
        most += 1
    return most
