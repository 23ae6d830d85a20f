"""Distributions that tests and intervals need and the standard library lacks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_MOST_STEPS = 300
_TINY = 1e-300
_LEAST_STEP = 1e-15  # of a value that is looked for: the last bits of a float
_MOST_EXACT_TRIALS = 500  # with more, a binomial coefficient may exceed a float


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, both ends included."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@lru_cache(maxsize=256)  # the parts of a comparison, and the steps of a search, ask for the same
def normal_quantile(share: float) -> float:
    """Return a quantile of the standard normal distribution.

    It is the standard library's `statistics.NormalDist`, without what that takes to import.

    Args:
        share: The probability of smaller values, between 0 and 1 exclusively.
    """
    if share < 0.5:
        return -normal_quantile(1 - share)
    return _upper_quantile(1 - share, lambda value: normal_cumulated(-value), _normal_density)


def normal_cumulated(value: float) -> float:
    """Return the cumulative probability of the standard normal distribution at `value`."""
    return math.erfc(-value / math.sqrt(2)) / 2


def binomial_point(successes: int, trials: int, chance: float) -> float:
    """Return the binomial probability of exactly this many successes."""
    if chance in (0.0, 1.0):
        return float(successes == round(trials * chance))
    if trials <= _MOST_EXACT_TRIALS:
        ways = math.comb(trials, successes)
        return ways * chance**successes * (1 - chance) ** (trials - successes)
    logarithm = (
        math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    )
    logarithm += successes * math.log(chance) + (trials - successes) * math.log1p(-chance)
    return math.exp(logarithm)


def binomial_tail(successes: int, trials: int, chance: float) -> float:
    """Return the binomial probability of at most this many successes; 0 if they are negative."""
    if successes >= trials:
        return 1.0
    points = (binomial_point(number, trials, chance) for number in range(successes + 1))
    return math.fsum(points)


@lru_cache(maxsize=256)  # each part of a comparison asks for the same ones
def t_quantile(share: float, freedom: float) -> float:
    """Return a quantile of Student's t distribution.

    Args:
        share: The probability of smaller values, between 0 and 1 exclusively.
        freedom: The degrees of freedom, above 0.
    """
    if share < 0.5:
        return -t_quantile(1 - share, freedom)
    return _upper_quantile(
        1 - share,
        lambda value: t_cumulated(-value, freedom),
        lambda value: _t_density(value, freedom),
    )


def _upper_quantile(
    tail: float, upper: Callable[[float], float], density: Callable[[float], float]
) -> float:
    """Return the value that is exceeded with this probability, found by Newton's method.

    Args:
        tail: From 0 to 0.5.
        upper: Returns the probability of larger values, of a distribution that is symmetrical
            around 0 and has one peak. Above 0 it is convex: no step from 0 on goes past the value,
            but for one that rounding makes.
        density: Its derivative, with the sign changed.
    """
    value = 0.0
    for _ in range(_MOST_STEPS):
        step = (upper(value) - tail) / density(value)
        value += step
        if step <= _LEAST_STEP * value:
            break
    return value


def t_cumulated(value: float, freedom: float) -> float:
    """Return the cumulative probability of Student's t distribution at `value`."""
    square = value * value
    # of the two forms, the one that is not a difference of nearly equal numbers
    if square < freedom:
        tail = 0.5 - 0.5 * _incomplete_beta(0.5, freedom / 2, square / (freedom + square))
    else:
        tail = 0.5 * _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square))
    return 1 - tail if value > 0 else tail


def _normal_density(value: float) -> float:
    return math.exp(-value * value / 2) / math.sqrt(2 * math.pi)


def _t_density(value: float, freedom: float) -> float:
    log_front = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    log_power = (freedom + 1) / 2 * math.log1p(value * value / freedom)
    return math.exp(log_front - log_power) / math.sqrt(freedom * math.pi)


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function.

    Source:
        Press et al., Numerical Recipes, 3rd edition, section 6.4 (Lentz's continued fraction).
    """
    if x <= 0 or x >= 1:
        return float(x > 0)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for step in range(1, _MOST_STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for factor in (even, odd):
            d = 1 / _not_zero(1 + factor * d)
            c = _not_zero(1 + factor / c)
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return fraction


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
