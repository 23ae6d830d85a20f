"""Repeats of the same cases in two runs, compared within each case."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.stats.distributions import Interval, normal_quantile

MOST_EXACT = 600  # repeats of the smaller sides, up to which the distribution is worked out
_SAME = 1 + 1e-9  # products of floats that stand for the same chance differ in their last bits


@dataclass(frozen=True, slots=True)
class Repeats:
    """How many repeats of one case passed in the old run and in the new one, and of how many."""

    old_passed: int
    old: int
    new_passed: int
    new: int

    def __post_init__(self) -> None:
        if not (0 <= self.old_passed <= self.old and 0 <= self.new_passed <= self.new):
            raise ValueError(f"{self} cannot be")

    @property
    def can_tell(self) -> bool:
        """Whether there are repeats on both sides and their verdicts are not all the same."""
        passed = self.old_passed + self.new_passed
        return bool(self.old and self.new and 0 < passed < self.old + self.new)


def fisher_exact(repeats: Repeats) -> float:
    """Return the two-sided p-value of the hypothesis that a case passes as often as before.

    Source:
        Fisher (1935); of two-sided p-values the one that adds up all tables that are as unlikely.
    """
    return within_cases([repeats])


def within_cases(cases: Iterable[Repeats]) -> float:
    """Return the two-sided p-value of the hypothesis that no case passes more or less often.

    The repeats of a case are independent draws, so that under the hypothesis any of them may have
    been in either run. What is looked at is the number of new repeats that passed, in all cases.

    Source:
        The exact conditional test of stratified 2x2 tables, Gart (1970); for more than 600 repeats,
        its normal limit: Mantel and Haenszel (1959), with continuity correction.
    """
    telling = [case for case in cases if case.can_tell]
    if not telling:
        return 1.0
    work = sum(min(each.old, each.new) for each in telling)
    return _limit(telling) if work > MOST_EXACT else _exact(telling)


def within_interval(cases: Iterable[Repeats], confidence: float = 0.95) -> Interval | None:
    """Return the interval of the mean change of these very cases; None if none of them can tell.

    Other than the interval of Student's t, it says nothing of cases that might have been asked
    instead: only the repeats are drawn.

    Source:
        Wald's interval of a mean of differences of proportions, each with the variance that the
        test of Mantel and Haenszel (1959) has for it: that of repeats drawn from both runs.
    """
    both = [case for case in cases if case.old and case.new]
    if not any(each.can_tell for each in both):
        return None
    change = mean_change(both)
    variance = math.fsum(_variance(each) for each in both)
    half = normal_quantile((1 + confidence) / 2) * math.sqrt(variance) / len(both)
    return Interval(max(-1.0, change - half), min(1.0, change + half))


def mean_change(cases: Sequence[Repeats]) -> float:
    """Return by how much the pass rate of these cases changed, each of them counted once."""
    changes = (case.new_passed / case.new - case.old_passed / case.old for case in cases)
    return math.fsum(changes) / len(cases)


def excess(cases: Iterable[Repeats]) -> float:
    """Return how many more new repeats passed than if nothing had changed: what is tested."""
    return math.fsum(
        case.new_passed - case.new * (case.old_passed + case.new_passed) / (case.old + case.new)
        for case in cases
        if case.can_tell
    )


def _variance(case: Repeats) -> float:
    total = case.old + case.new
    rate = (case.old_passed + case.new_passed) / total
    return rate * (1 - rate) * (1 / case.old + 1 / case.new) * total / (total - 1)


def _exact(cases: Sequence[Repeats]) -> float:
    chances, seen = [1.0], 0
    for case in cases:
        least, points = _points(case)
        chances = _sum_of(chances, points)
        seen += case.new_passed - least
    most = chances[seen] * _SAME
    return min(1.0, math.fsum(chance for chance in chances if chance <= most))


def _points(case: Repeats) -> tuple[int, list[float]]:
    """Return the least number of new repeats that may pass, and the chances from there on."""
    passed = case.old_passed + case.new_passed
    least, most = max(0, passed - case.old), min(passed, case.new)
    ways = math.comb(case.old + case.new, passed)
    return least, [
        math.comb(case.new, number) * math.comb(case.old, passed - number) / ways
        for number in range(least, most + 1)
    ]


def _sum_of(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Return the chances of the sum of two independent numbers."""
    chances = [0.0] * (len(first) + len(second) - 1)
    for shift, weight in enumerate(second):
        for place, chance in enumerate(first, shift):
            chances[place] += weight * chance
    return chances


def _limit(cases: Sequence[Repeats]) -> float:
    variance = 0.0
    for case in cases:
        total, passed = case.old + case.new, case.old_passed + case.new_passed
        ways = case.old * case.new * passed * (total - passed)
        variance += ways / (total * total * (total - 1))
    z = max(0.0, abs(excess(cases)) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))
