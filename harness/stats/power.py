"""Power: which drop of the pass rate a comparison finds, and how many cases find a given one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.stats.distributions import (
    binomial_point,
    binomial_tail,
    normal_cumulated,
    normal_quantile,
)

POWER = 0.8
_NEGLIGIBLE = 1e-12
_FAR = 5.5  # standard deviations
_MOST_CASES = 300  # with more, the normal limit is as good as the binomial distribution
_STEPS = 20
_MOST = 1_000_000  # cases; whoever needs more should change the suite
_BROKEN = 0.25  # how much of a drop comes of cases that break: drops are rarely all of one kind


@dataclass(frozen=True, slots=True)
class Design:
    """What a comparison has, and how much its repeats vary.

    Attributes:
        repeats: How many cases there are with so many old and so many new repeats.
        variance: Of a repeat within its case, the mean of p * (1 - p) over cases.
        rate: The pass rate before the drop.
        alpha: The significance level, two-sided.
    """

    repeats: Mapping[tuple[int, int], int]
    variance: float
    rate: float
    alpha: float

    @property
    def cases(self) -> int:
        """All cases."""
        return sum(self.repeats.values())

    @property
    def lean(self) -> float:
        """By how much the variance grows with a drop; it falls for cases that rarely pass."""
        return 1 - 2 * self.variance / self.rate if self.rate else 0.0


def drop_found(design: Design, power: float = POWER) -> float | None:
    """Return the smallest drop of the pass rate that is found with this power, from 0 to 1.

    Returns None if not even the drop to a pass rate of 0 is.
    """
    if not design.cases or power_at(design, design.rate) < power:
        return None
    low, high = 0.0, design.rate
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if power_at(design, middle) < power:
            low = middle
        else:
            high = middle
    return high


def cases_needed(design: Design, drop: float, repeats: int, power: float = POWER) -> int | None:
    """Return how many cases with so many repeats on both sides find this drop.

    Returns None if a million do not.
    """

    def finds(cases: int) -> bool:
        wanted = Design({(repeats, repeats): cases}, design.variance, design.rate, design.alpha)
        return power_at(wanted, drop) >= power

    return _least(finds, _MOST) if drop <= design.rate else None


def repeats_needed(design: Design, drop: float, most: int, power: float = POWER) -> int | None:
    """Return how many repeats on both sides let as many cases as there are find this drop.

    Returns None if not even the most do.
    """

    def finds(repeats: int) -> bool:
        wanted = {(repeats, repeats): design.cases}
        return power_at(Design(wanted, design.variance, design.rate, design.alpha), drop) >= power

    return _least(finds, most) if drop <= design.rate else None


def power_at(design: Design, drop: float) -> float:
    """Return the chance that the test within cases finds a drop of the pass rate.

    Args:
        design: What is compared.
        drop: From 0 to the pass rate.
    """
    if drop <= 0:
        return 0.0
    if design.repeats.keys() == {(1, 1)}:
        discordant = min(1.0, max(drop, 2 * design.variance + drop * design.lean))
        return _mcnemar_power(design.cases, discordant, drop, design.alpha)
    if design.variance <= 0:
        return _power_without_failures(design, drop)
    return _power_by_limit(design, drop)


def _mcnemar_power(cases: int, discordant: float, change: float, alpha: float) -> float:
    if cases <= _MOST_CASES:
        return mcnemar_power(cases, discordant, change, alpha)
    spread = math.sqrt(max(_NEGLIGIBLE, discordant - change * change))
    distance = change * math.sqrt(cases) - normal_quantile(1 - alpha / 2) * math.sqrt(discordant)
    return normal_cumulated(distance / spread)


def _power_without_failures(design: Design, drop: float) -> float:
    """Return the power where repeats never disagreed: each failure is one more on the new side."""
    new = sum(repeats * number for (_, repeats), number in design.repeats.items())
    total = sum((old + fresh) * number for (old, fresh), number in design.repeats.items())
    share = new / total
    if share >= 1:
        return 0.0
    least = math.ceil(math.log(design.alpha / 2) / math.log(share))
    return 1 - binomial_tail(least - 1, new, drop) if least <= new else 0.0


def _power_by_limit(design: Design, drop: float) -> float:
    variance, rate = design.variance, design.rate
    fresh = _mixed(_fallen_variance(design, drop), (1 - drop / rate) * variance)
    # of the cases' drops; they differ only if some cases break
    between = _mixed(0.0, max(0.0, drop * (1 - variance / rate) - drop * drop))
    mean = null = spread = 0.0
    for (old, new), number in design.repeats.items():
        if not old or not new:
            continue
        total, weight = old + new, old * new / (old + new)
        mean += number * drop * weight
        spread += number * weight**2 * (variance / old + fresh / new + between)
        product = max(0.0, _passed_times_failed(design, drop, old, new))
        null += number * old * new * product / (total * total * (total - 1))
    if not spread:
        return 0.0
    limit = normal_quantile(1 - design.alpha / 2) * math.sqrt(null)
    return normal_cumulated((mean - 0.5 - limit) / math.sqrt(spread))


def _fallen_variance(design: Design, drop: float) -> float:
    """Return the variance of a repeat within its case once all cases have fallen alike."""
    return max(0.0, design.variance + drop * design.lean - drop * drop)


def _passed_times_failed(design: Design, drop: float, old: int, new: int) -> float:
    """Return the mean of passed * failed over both sides: what the test takes its variance from."""
    variance, rate, total = design.variance, design.rate, old + new
    alike = (
        total * total * variance
        + total * new * drop * design.lean
        - old * variance
        - new * _fallen_variance(design, drop)
        - (new * drop) ** 2
    )
    # of a case that breaks, only old repeats pass
    of_broken = old * (total * rate - variance - old * (rate - variance))
    broken = drop / rate
    return _mixed(alike, (1 - broken) * total * (total - 1) * variance + broken * of_broken)


def _mixed(alike: float, broken: float) -> float:
    """Return what lies between all cases falling alike and some of them breaking altogether."""
    return (1 - _BROKEN) * alike + _BROKEN * broken


def _least(fits: Callable[[int], bool], most: int) -> int | None:
    """Return the least number that fits, if all above it do; None if the greatest does not."""
    if not fits(most):
        return None
    low, high = 0, 1
    while high < most and not fits(high):
        low, high = high, min(most, 2 * high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def mcnemar_power(cases: int, discordant: float, change: float, alpha: float = 0.05) -> float:
    """Return the chance that the exact McNemar test detects a change of pass rate.

    Args:
        cases: The number of cases compared.
        discordant: The share of cases whose verdict changes.
        change: The difference of the pass rates, at most `discordant`.
        alpha: The significance level.
    """
    return _power(_rejections(cases, discordant, alpha), discordant, change)


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
    # what lies further from the mean is less likely than one in a million
    middle, spread = cases * discordant, math.sqrt(cases * discordant * (1 - discordant))
    first = max(0, math.floor(middle - _FAR * spread - 1))
    for changed in range(first, min(cases, math.ceil(middle + _FAR * spread + 1)) + 1):
        most = _most_fewer(changed, alpha)
        if most >= 0:
            weight = binomial_point(changed, cases, discordant)
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
    most, point = -1, 0.5**changed
    tail = point
    while 2 * tail <= alpha and 2 * (most + 1) < changed:
        most += 1
        point *= (changed - most) / (most + 1)
        tail += point
    return most
