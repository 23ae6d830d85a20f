"""Two sides compared case by case, with a verdict that says what can be said."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from harness.reporting.comparing.checks import factors, refusals
from harness.reporting.comparing.decision import (
    MARGIN,
    decisive_p,
    least_p,
    power_in_words,
    verdict_on,
)
from harness.reporting.comparing.model import Change, Comparison, Scope, Within
from harness.reporting.comparing.sides import Pair, RunSide, Unit
from harness.reporting.rates import Rate, RateTally
from harness.stats.distributions import Interval
from harness.stats.families import benjamini_hochberg, holm
from harness.stats.paired import difference_interval, log_ratios, mcnemar, mean_difference
from harness.stats.stratified import (
    Repeats,
    excess,
    fisher_exact,
    mean_change,
    within_cases,
    within_interval,
)

_LEAST_EVEN = 1e-12


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares sides.

    Attributes:
        margin: Changes of pass rate up to this are as good as none.
        seed: Of sampled permutations.
    """

    margin: float = MARGIN
    seed: int = 0

    def compare(self, pairs: Iterable[tuple[RunSide, RunSide]]) -> list[Comparison]:
        """Compare new sides with old ones; together they are one family of tests.

        Args:
            pairs: An old and a new side each.
        """
        return self.compare_scopes(Scope(old, new) for old, new in pairs)

    def compare_scopes(self, scopes: Iterable[Scope]) -> list[Comparison]:
        """Compare new sides with old ones, each with a name of its own."""
        found = [self._compare(scope) for scope in scopes]
        adjusted = holm([each.p for each in found])
        return [
            replace(
                each,
                p=p,
                family=len(found),
                verdict=None if each.refusals else verdict_on(each, p, self.margin),
                power=power_in_words(each, len(found)),
            )
            for each, p in zip(found, adjusted, strict=True)
        ]

    def _compare(self, scope: Scope) -> Comparison:
        old, new = scope.old, scope.new
        pairs = _paired(old, new)
        passing, discordant = self._passing(pairs)
        within = _within(pairs)
        return Comparison(
            old=old,
            new=new,
            refusals=tuple(refusals(old, new, pairs)),
            factors=tuple(factors(old, new, pairs)),
            rates=(_rate(old), _rate(new)),
            passing=passing,
            others=self._others(pairs),
            within=within,
            p=decisive_p(passing, within, confirms=scope.confirms),
            least_p=least_p(pairs),
            scope=scope.name,
            confirms=scope.confirms,
            family=1,
            verdict=None,
            power="",
            discordant=discordant,
            broken=_those(pairs, lambda a, b: a.passes and not b.passes),
            fixed=_those(pairs, lambda a, b: b.passes and not a.passes),
            still_failing=_those(pairs, lambda a, b: not a.passes and not b.passes),
            newly_flaky=_those(pairs, lambda a, b: b.is_flaky and not a.is_flaky),
            moved=_moved(pairs),
            changed=_those(pairs, _says_something_else),
            added=tuple(unit.name for key, unit in new.units.items() if key not in old.units),
            removed=tuple(
                unit.name
                for key, unit in old.units.items()
                if key not in new.units and key not in new.unjudged
            ),
            unjudged=tuple(
                unit.name
                for key, unit in old.units.items()
                if key not in new.units and key in new.unjudged
            ),
        )

    def _passing(self, pairs: Sequence[Pair]) -> tuple[Change, float]:
        """Return the change of the pass rate, and the share of cases that changed."""
        differences = [pair.new.fraction - pair.old.fraction for pair in pairs]
        old = statistics.fmean(pair.old.fraction for pair in pairs) if pairs else 0.0
        new = statistics.fmean(pair.new.fraction for pair in pairs) if pairs else 0.0
        broken = sum(difference < -_LEAST_EVEN for difference in differences)
        fixed = sum(difference > _LEAST_EVEN for difference in differences)
        discordant = (broken + fixed) / len(pairs) if pairs else 0.0
        if all(unit.fraction in (0, 1) for pair in pairs for unit in (pair.old, pair.new)):
            interval = difference_interval(broken, fixed, len(pairs))
            p = mcnemar(broken, fixed).exact
            return Change(old, new, new - old, interval, p, len(pairs)), discordant
        mean = mean_difference(differences, seed=self.seed)
        spread = mean.interval
        if len(set(differences)) == 1:  # no spread is no certainty
            none = difference_interval(0, 0, len(pairs))
            low, high = max(-1.0, mean.mean + none.low), min(1.0, mean.mean + none.high)
            spread = Interval(low, high)
        return Change(old, new, mean.mean, spread, mean.p, len(pairs)), discordant

    def _others(self, pairs: Sequence[Pair]) -> dict[str, Change]:
        found = {"score": self._difference(pairs, lambda unit: unit.scores)}
        for name, values in _RATIOS.items():
            found[name] = self._ratio(pairs, values)
        return {name: change for name, change in found.items() if change is not None}

    def _difference(
        self, pairs: Sequence[Pair], values: Callable[[Unit], Sequence[float]]
    ) -> Change | None:
        both = _means(pairs, values)
        if not both:
            return None
        mean = mean_difference([b - a for a, b in both], seed=self.seed)
        old = statistics.fmean(a for a, _ in both)
        return Change(old, old + mean.mean, mean.mean, mean.interval, mean.p, len(both))

    def _ratio(
        self, pairs: Sequence[Pair], values: Callable[[Unit], Sequence[float]]
    ) -> Change | None:
        both = _means(pairs, values)
        logs = log_ratios([a for a, _ in both], [b for _, b in both])
        if not logs:
            return None
        mean = mean_difference(logs, seed=self.seed)
        interval = mean.interval and Interval(
            math.exp(mean.interval.low), math.exp(mean.interval.high)
        )
        old, new = (
            statistics.geometric_mean(side)
            for side in zip(*(pair for pair in both if min(pair) > 0), strict=True)
        )
        return Change(old, new, math.exp(mean.mean), interval, mean.p, len(logs))


def _paired(old: RunSide, new: RunSide) -> list[Pair]:
    """Return the cases that both sides have; what repeats say of each is adjusted for all."""
    pairs = [Pair(unit, new.units[key]) for key, unit in old.units.items() if key in new.units]
    known: dict[Repeats, float] = {}  # most cases passed as often as another
    telling = [place for place, each in enumerate(pairs) if each.has_repeats]
    for place in telling:
        repeats = pairs[place].repeats
        if repeats not in known:
            known[repeats] = fisher_exact(repeats)
    qs = benjamini_hochberg([known[pairs[place].repeats] for place in telling])
    for place, q in zip(telling, qs, strict=True):
        pairs[place] = replace(pairs[place], q=q)
    return pairs


def _within(pairs: Sequence[Pair]) -> Within | None:
    repeated = [pair.repeats for pair in pairs if pair.has_repeats]
    if not repeated:
        return None
    return Within(
        mean_change(repeated), within_interval(repeated), within_cases(repeated), excess(repeated)
    )


def _says_something_else(old: Unit, new: Unit) -> bool:
    are_known = bool(old.replies and new.replies)
    return are_known and old.passes == new.passes and old.replies != new.replies


def _moved(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    return tuple(
        pair
        for pair in pairs
        if pair.is_sure
        and pair.old.passes == pair.new.passes
        and (pair.old.is_flaky or not pair.new.is_flaky)
    )


def _those(pairs: Sequence[Pair], fits: Callable[[Unit, Unit], bool]) -> tuple[Pair, ...]:
    return tuple(pair for pair in pairs if fits(pair.old, pair.new))


def _means(
    pairs: Sequence[Pair], values: Callable[[Unit], Sequence[float]]
) -> list[tuple[float, float]]:
    """Return the means of both sides of each case that has values on both."""
    known = [(values(pair.old), values(pair.new)) for pair in pairs]
    return [(statistics.fmean(a), statistics.fmean(b)) for a, b in known if a and b]


_RATIOS: dict[str, Callable[[Unit], Sequence[float]]] = {
    "latency": lambda unit: unit.latencies,
    "output tokens": lambda unit: unit.tokens,
    "cost": lambda unit: unit.costs,
}


def _rate(side: RunSide) -> Rate:
    tally = RateTally()
    for unit in side.units.values():
        tally.add(unit.passed, unit.counted)
    return tally.rate()
