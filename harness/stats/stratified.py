"""Stratified tests: repeats of the same cases in two runs, compared within each case."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.stats.means import mean

MOST_EXACT = 600  # repeats of the smaller sides, up to which the exact distribution is computed


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

    @property
    def excess(self) -> float:
        """How many more new repeats passed than expected without a change."""
        total = self.old + self.new
        return self.new_passed - self.new * (self.old_passed + self.new_passed) / total


def fisher_exact(repeats: Repeats) -> float:
    """Return the two-sided p-value of the hypothesis that one case passes as often as before.

    Source:
        Fisher (1935); two-sided by doubling the smaller tail.
    """
    return within_cases([repeats])


def within_cases(cases: Iterable[Repeats]) -> float:
    """Return the two-sided p-value of the hypothesis that every case passes as often as before.

    The repeats of a case are independent draws, so under the hypothesis any of them may have been
    in either run; that holds for unequal numbers of repeats, too. The statistic is the number of
    new repeats that passed, over all cases. With one repeat on both sides it is McNemar's exact
    test.

    Source:
        The exact conditional test of stratified 2x2 tables, Gart (1970); for more than 600 repeats,
        its normal limit: Mantel and Haenszel (1959), with continuity correction.
    """
    informative = Counter(case for case in cases if case.is_informative)
    if not informative:
        return 1.0
    work = sum(number * min(case.old, case.new) for case, number in informative.items())
    return _limit(informative) if work > MOST_EXACT else _exact(frozenset(informative.items()))


def least_within(cases: Iterable[Repeats]) -> float:
    """Return the smallest p-value these cases could have given: all passed, and then none did."""
    # the ratio of two factorials for each case: logarithms, because it may be tiny
    chance = math.fsum(-_log_ways(case.old, case.new) for case in cases if case.old and case.new)
    return min(1.0, 2 * math.exp(chance))


def least_given(cases: Iterable[Repeats]) -> float:
    """Return the smallest p-value that cases can give with as many passes as they have."""
    lowest = highest = 1.0
    for case in cases:
        if case.is_informative:
            points = _points(case.old_passed + case.new_passed, case.old, case.new)
            lowest, highest = lowest * points[0], highest * points[-1]
    return min(1.0, 2 * min(lowest, highest))


def mean_change(cases: Sequence[Repeats]) -> float:
    """Return the mean change of the cases' pass rates; every case counts the same."""
    return mean([case.new_passed / case.new - case.old_passed / case.old for case in cases])


def excess(cases: Iterable[Repeats]) -> float:
    """Return how many more new repeats passed than expected without a change."""
    return math.fsum(case.excess for case in cases if case.is_informative)


@lru_cache(maxsize=64)  # what varies in a run may all be in one of its suites
def _exact(cases: frozenset[tuple[Repeats, int]]) -> float:
    alike: Counter[tuple[int, int, int]] = Counter()
    observed = 0
    for case, number in cases:
        alike[case.old_passed + case.new_passed, case.old, case.new] += number
        observed += number * (case.new_passed - _least(case))
    chances = [1.0]
    for (passed, old, new), number in alike.items():
        chances = _sum_of(chances, _repeated(_points(passed, old, new), number))
    # The tails are doubled: with unequal repeats the distribution is skewed, and a test that adds
    # up unlikely tables may spend all of its level on one side.
    tail = min(math.fsum(chances[: observed + 1]), math.fsum(chances[observed:]))
    return min(1.0, 2 * tail)


def _least(case: Repeats) -> int:
    """Return how many new repeats pass at least if as many pass on both sides together."""
    return max(0, case.new_passed - (case.old - case.old_passed))


def _points(passed: int, old: int, new: int) -> list[float]:
    """Return the chances of each number of new passes, from the least on, of so many passes."""
    ways = math.comb(old + new, passed)
    return [
        math.comb(new, number) * math.comb(old, passed - number) / ways
        for number in range(max(0, passed - old), min(passed, new) + 1)
    ]


def _repeated(chances: Sequence[float], number: int) -> list[float]:
    """Return the distribution of the sum of so many numbers that are distributed alike."""
    total, power = [1.0], list(chances)
    while True:
        if number % 2:
            total = _sum_of(total, power)
        number //= 2
        if not number:
            return total
        power = _sum_of(power, power)


def _sum_of(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Return the distribution of the sum of two independent numbers: their convolution."""
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    chances = [0.0] * (len(longer) + len(shorter) - 1)
    for shift, weight in enumerate(shorter):
        end = shift + len(longer)
        # by slices, which is faster than by each of their numbers
        window = zip(chances[shift:end], longer, strict=True)
        chances[shift:end] = [chance + weight * other for chance, other in window]
    return chances


def _limit(cases: Mapping[Repeats, int]) -> float:
    variance = distance = 0.0
    for case, number in cases.items():
        total, passed = case.old + case.new, case.old_passed + case.new_passed
        ways = case.old * case.new * passed * (total - passed)
        variance += number * ways / (total * total * (total - 1))
        distance += number * case.excess
    z = max(0.0, abs(distance) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def _log_ways(old: int, new: int) -> float:
    return math.lgamma(old + new + 1) - math.lgamma(old + 1) - math.lgamma(new + 1)
