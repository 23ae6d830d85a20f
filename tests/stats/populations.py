"""Populations of cases whose true change is known: intervals have to contain it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.decision import MARGIN
from harness.reporting.comparing.model import ChangeVerdict
from harness.stats.change_interval import change_interval
from tests.stats.simulated import Chances, Random, random_of, side_of_counts


@dataclass(frozen=True)
class Population:
    """What cases are drawn from: the share of each kind, its chance to pass before and after."""

    kinds: Sequence[tuple[float, float, float]]

    @property
    def change(self) -> float:
        """The true change of the pass rate."""
        return sum(share * (after - before) for share, before, after in self.kinds)

    def draw(self, cases: int, random_: Random) -> tuple[Chances, Chances]:
        """Draw the chances of some cases, before and after."""
        shares, before, after = (np.array(column) for column in zip(*self.kinds, strict=True))
        chosen = random_.choice(len(shares), cases, p=shares)
        return before[chosen], after[chosen]


POPULATIONS: Mapping[str, Population] = {
    "all stay at 98 %": Population([(1, 0.98, 0.98)]),
    "all stay at 90 %": Population([(1, 0.9, 0.9)]),
    "all stay at 50 %": Population([(1, 0.5, 0.5)]),
    "all fall from 98 % to 90 %": Population([(1, 0.98, 0.9)]),
    "all fall from 90 % to 80 %": Population([(1, 0.9, 0.8)]),
    "5 % break": Population([(0.95, 1, 1), (0.05, 1, 0)]),
    "10 % break": Population([(0.9, 1, 1), (0.1, 1, 0)]),
    "20 % break": Population([(0.8, 1, 1), (0.2, 1, 0)]),
    "40 % break": Population([(0.6, 1, 1), (0.4, 1, 0)]),
    "10 % break, 20 % are broken before": Population(
        [(0.7, 0.97, 0.97), (0.2, 0.02, 0.02), (0.1, 0.97, 0.02)]
    ),
    "20 % break, 30 % are flaky and fall": Population([(0.5, 1, 1), (0.3, 0.8, 0.5), (0.2, 1, 0)]),
    "15 % break, 15 % are fixed, 10 % stay broken": Population(
        [(0.6, 1, 1), (0.1, 0, 0), (0.15, 1, 0), (0.15, 0, 1)]
    ),
}
LEAST = 0.93
CASES = (5, 10, 20, 50)
REPEATS = (1, 3, 5)


def contains_change(population: Population, cases: int, repeats: int, random_: Random) -> bool:
    """Draw cases and their repeats; return whether the interval contains the true change."""
    before, after = population.draw(cases, random_)
    passed = random_.binomial(repeats, after) - random_.binomial(repeats, before)
    interval = change_interval((passed / repeats).tolist())
    # the ends of the range are reached by rounding only
    return interval.low - 1e-9 <= population.change <= interval.high + 1e-9


def coverage(name: str, cases: int, repeats: int, rounds: int) -> int:
    """Count how often the interval contains the true change."""
    random_ = random_of(name, cases, repeats)
    population = POPULATIONS[name]
    return sum(contains_change(population, cases, repeats, random_) for _ in range(rounds))


@dataclass(frozen=True)
class AtMargin:
    """Runs whose true change is just the margin, so that they are not equivalent.

    Attributes:
        breaks: How many cases break as a whole; None if each is drawn from the population.
    """

    name: str
    cases: int
    repeats: int
    population: Population
    breaks: int | None = None

    def is_called_equivalent(self, random_: Random) -> bool:
        """Draw both runs; return whether the change is said to be within the margin."""
        before, after = self._chances(random_)
        old, new = (
            side_of_counts(name, random_.binomial(self.repeats, chances)[None, :], self.repeats)
            for name, chances in (("old", before), ("new", after))
        )
        whole = Comparer().compare_run(old, new)[0]
        return whole.verdict in {ChangeVerdict.EQUIVALENT, ChangeVerdict.WITHIN_MARGIN}

    def _chances(self, random_: Random) -> tuple[Chances, Chances]:
        if self.breaks is None:
            return self.population.draw(self.cases, random_)
        after = np.ones(self.cases)
        after[: self.breaks] = 0
        return np.ones(self.cases), after


FALL = Population([(1, 0.95, 0.95 - MARGIN)])
FALL_FROM_SURE = Population([(1, 0.99, 0.99 - MARGIN)])
FALL_FROM_FLAKY = Population([(1, 0.6, 0.6 - MARGIN)])
RISE = Population([(1, 0.9, 0.9 + MARGIN)])
BREAK = Population([(1 - MARGIN, 1, 1), (MARGIN, 1, 0)])
_BROKEN = MARGIN / 0.95
MIXTURE = Population([(0.8 - _BROKEN, 0.97, 0.97), (_BROKEN, 0.97, 0.02), (0.2, 0.02, 0.02)])
SIZES = ((20, 5), (50, 1), (100, 1), (50, 5), (100, 5), (200, 1), (200, 3), (90, 1), (120, 10))
MOST_EQUIVALENT = 0.04
AT_MARGIN: Sequence[AtMargin] = (
    *(
        AtMargin(name, cases, repeats, population)
        for name, population in (
            ("all fall from 95 %", FALL),
            ("all fall from 99 %", FALL_FROM_SURE),
            ("all fall from 60 %", FALL_FROM_FLAKY),
            ("all rise from 90 %", RISE),
            ("each breaks with 5 %", BREAK),
            ("each breaks with 5.3 %, a fifth was broken", MIXTURE),
        )
        for cases, repeats in SIZES
    ),
    *(
        AtMargin("a twentieth breaks", cases, repeats, BREAK, breaks=-(-cases // 20))
        for cases in (20, 90, 100, 200, 400)
        for repeats in (1, 5)
    ),
)


def called_equivalent(setting: AtMargin, rounds: int) -> int:
    """Count how often a change of the whole margin is said to be within it."""
    random_ = random_of(setting)
    return sum(setting.is_called_equivalent(random_) for _ in range(rounds))
