"""Paired tests of verdicts: the cases of two runs that pass in one and fail in the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from harness.stats.distributions import Interval, binomial_point, binomial_tail, normal_quantile

_STEPS = 60  # halves the range to less than a float can tell


@dataclass(frozen=True, slots=True)
class McNemar:
    """The p-values of McNemar's test on the cases that changed."""

    exact: float
    mid: float


def mcnemar(broken: int, fixed: int) -> McNemar:
    """Test whether as many cases were fixed as were broken.

    Args:
        broken: Cases that passed before and fail now.
        fixed: Cases that failed before and pass now.

    Source:
        McNemar (1947), exact by the binomial distribution; the mid-p value is that of Fagerland,
        Lydersen and Laake (2013).
    """
    if min(broken, fixed) < 0:
        raise ValueError(f"numbers of cases cannot be negative: {broken}, {fixed}")
    changed, fewer = broken + fixed, min(broken, fixed)
    if not changed:
        return McNemar(1.0, 1.0)
    exact = min(1.0, 2 * binomial_tail(fewer, changed, 0.5))
    point = binomial_point(fewer, changed, 0.5)
    return McNemar(exact, 1.0 if broken == fixed else min(1.0, exact - point))


def difference_interval(
    broken: float, fixed: float, cases: float, confidence: float = 0.95
) -> Interval:
    """Return the interval of the change in pass rate, from -1 to 1.

    Args:
        broken: Cases that passed before and fail now; parts of cases where repeats disagree.
        fixed: Cases that failed before and pass now, likewise.
        cases: All cases; without any, the interval is from -1 to 1.
        confidence: The share of such intervals that contain the true change.

    Source:
        Tango (1998), "Equivalence test and confidence interval for the difference in proportions
        for the paired-sample design"; the ends are found by bisection.
    """
    if min(broken, fixed) < 0 or broken + fixed > cases * (1 + 1e-9):
        raise ValueError(f"{broken} and {fixed} of {cases} cases cannot have changed")
    if not cases:
        return Interval(-1.0, 1.0)
    z, estimate = normal_quantile((1 + confidence) / 2), (fixed - broken) / cases

    def score(change: float) -> float:
        return _tango_score(fixed, broken, cases, change)

    low = -1.0 if estimate <= -1 else _root(lambda change: score(change) - z, -1.0, estimate)
    high = 1.0 if estimate >= 1 else _root(lambda change: score(change) + z, estimate, 1.0)
    return Interval(low, high)


def _tango_score(up: float, down: float, n: float, change: float) -> float:
    """Return the score statistic of the hypothesis that the rate changed by `change`."""
    a = 2 * n
    b = -up - down + (2 * n - up + down) * change
    c = -down * change * (1 - change)
    share = (math.sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = n * (2 * share + change * (1 - change))
    distance = up - down - n * change
    if variance <= 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a falling function, found by bisection."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
