"""Stratified tests: repeats of the same cases in two runs, compared within each case."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.stats.distributions import Interval, normal_quantile

MOST_EXACT = 600  # repeats of the smaller sides, up to which the exact distribution is computed
_SAME = 1 + 1e-9  # equal chances, as products of floats, differ in their last bits


@dataclass(frozen=True, slots=True)
class Repeats:
    """The repeats of one case in an old and a new run: how many there are, and how many passed."""

    old_passed: int
    old: int
    new_passed: int
    new: int

    def __post_init__(self) -> None:
        if not (0 <= self.old_passed <= self.old and 0 <= self.new_passed <= self.new):
            raise ValueError(f"more repeats passed than there are: {self}")

    @property
    def is_informative(self) -> bool:
        """Whether there are repeats on both sides, and their verdicts are not all the same."""
        passed = self.old_passed + self.new_passed
        return bool(self.old and self.new and 0 < passed < self.old + self.new)


def fisher_exact(repeats: Repeats) -> float:
    """Return the two-sided p-value of the hypothesis that one case passes as often as before.

    Source:
        Fisher (1935); two-sided by adding up all tables that are at most as likely.
    """
    return within_cases([repeats])


def within_cases(cases: Iterable[Repeats]) -> float:
    """Return the two-sided p-value of the hypothesis that every case passes as often as before.

    The repeats of a case are independent draws, so under the hypothesis any of them may have been
    in either run. The statistic is the number of new repeats that passed, over all cases.

    Source:
        The exact conditional test of stratified 2x2 tables, Gart (1970); for more than 600 repeats,
        its normal limit: Mantel and Haenszel (1959), with continuity correction.
    """
    informative = [case for case in cases if case.is_informative]
    if not informative:
        return 1.0
    work = sum(min(case.old, case.new) for case in informative)
    return _limit(informative) if work > MOST_EXACT else _exact(informative)


def within_interval(cases: Iterable[Repeats], confidence: float = 0.95) -> Interval | None:
    """Return the interval of the mean change of these cases; None if none is informative.

    Unlike the interval by Student's t, it does not generalise to other cases that might have been
    asked: only the repeats count as drawn at random.

    Source:
        Wald's interval of a mean of differences of proportions, each with its variance in the test
        of Mantel and Haenszel (1959): that of repeats drawn from both runs together.
    """
    both = [case for case in cases if case.old and case.new]
    if not any(case.is_informative for case in both):
        return None
    change = mean_change(both)
    variance = math.fsum(_variance(case) for case in both)
    half = normal_quantile((1 + confidence) / 2) * math.sqrt(variance) / len(both)
    return Interval(max(-1.0, change - half), min(1.0, change + half))


def mean_change(cases: Sequence[Repeats]) -> float:
    """Return the mean change of the cases' pass rates; every case counts the same."""
    changes = (case.new_passed / case.new - case.old_passed / case.old for case in cases)
    return math.fsum(changes) / len(cases)


def excess(cases: Iterable[Repeats]) -> float:
    """Return how many more new repeats passed than expected without a change."""
    return math.fsum(
        case.new_passed - case.new * (case.old_passed + case.new_passed) / (case.old + case.new)
        for case in cases
        if case.is_informative
    )


def _variance(case: Repeats) -> float:
    total = case.old + case.new
    rate = (case.old_passed + case.new_passed) / total
    return rate * (1 - rate) * (1 / case.old + 1 / case.new) * total / (total - 1)


def _exact(cases: Sequence[Repeats]) -> float:
    chances, observed = [1.0], 0
    for case in cases:
        least, points = _points(case)
        chances = _sum_of(chances, points)
        observed += case.new_passed - least
    most = chances[observed] * _SAME
    return min(1.0, math.fsum(chance for chance in chances if chance <= most))


def _points(case: Repeats) -> tuple[int, list[float]]:
    """Return the least possible number of new passes, and the chances of all from there on."""
    passed = case.old_passed + case.new_passed
    least, most = max(0, passed - case.old), min(passed, case.new)
    ways = math.comb(case.old + case.new, passed)
    return least, [
        math.comb(case.new, number) * math.comb(case.old, passed - number) / ways
        for number in range(least, most + 1)
    ]


def _sum_of(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Return the distribution of the sum of two independent numbers: their convolution."""
    chances = [0.0] * (len(first) + len(second) - 1)
    for shift, weight in enumerate(second):
        for index, chance in enumerate(first, shift):
            chances[index] += weight * chance
    return chances


def _limit(cases: Sequence[Repeats]) -> float:
    variance = 0.0
    for case in cases:
        total, passed = case.old + case.new, case.old_passed + case.new_passed
        ways = case.old * case.new * passed * (total - passed)
        variance += ways / (total * total * (total - 1))
    z = max(0.0, abs(excess(cases)) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))
