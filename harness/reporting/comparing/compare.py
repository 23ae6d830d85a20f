"""Two sides compared case by case, with a verdict that says what can be said."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from harness.model.case_result import CaseResult
from harness.reporting.comparing.checks import factors, refusals
from harness.reporting.comparing.decision import (
    MARGIN,
    decisive_p,
    least_p,
    power_in_words,
    verdict_on,
)
from harness.reporting.comparing.model import Change, Comparison, Scope, Within
from harness.reporting.comparing.sides import Pair, RunSide
from harness.reporting.rates import Rate, RateTally
from harness.stats.distributions import Interval
from harness.stats.families import benjamini_hochberg, holm
from harness.stats.mean_differences import log_ratios, mean_difference
from harness.stats.paired import difference_interval, mcnemar
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
        comparisons = [self._compare(scope) for scope in scopes]
        adjusted = holm([comparison.p for comparison in comparisons])
        return [
            replace(
                comparison,
                p=p,
                family=len(comparisons),
                verdict=None if comparison.refusals else verdict_on(comparison, p, self.margin),
                power=power_in_words(comparison, len(comparisons)),
            )
            for comparison, p in zip(comparisons, adjusted, strict=True)
        ]

    def _compare(self, scope: Scope) -> Comparison:
        old, new = scope.old, scope.new
        pairs = _paired(old, new)
        passing, discordant = self._passing(pairs)
        within = _within(pairs)
        gone = [key for key in old.results if key not in new.results]
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
            broken=_those(pairs, lambda a, b: a.label.passes and not b.label.passes),
            fixed=_those(pairs, lambda a, b: b.label.passes and not a.label.passes),
            still_failing=_those(pairs, lambda a, b: not a.label.passes and not b.label.passes),
            newly_flaky=_those(pairs, lambda a, b: _is_flaky(b) and not _is_flaky(a)),
            moved=_moved(pairs),
            changed=_those(pairs, _says_something_else),
            added=tuple(str(key) for key in new.results if key not in old.results),
            removed=tuple(str(key) for key in gone if key not in new.not_compared),
            not_compared=tuple(str(key) for key in gone if key in new.not_compared),
        )

    def _passing(self, pairs: Sequence[Pair]) -> tuple[Change, float]:
        """Return the change of the pass rate, and the share of cases that changed."""
        differences = [pair.change for pair in pairs]
        old, new = (
            statistics.fmean(pair.shares[side] for pair in pairs) if pairs else 0.0
            for side in (0, 1)
        )
        broken = sum(difference < -_LEAST_EVEN for difference in differences)
        fixed = sum(difference > _LEAST_EVEN for difference in differences)
        discordant = (broken + fixed) / len(pairs) if pairs else 0.0
        if all(share in (0, 1) for pair in pairs for share in pair.shares):
            interval = difference_interval(broken, fixed, len(pairs))
            p = mcnemar(broken, fixed).exact
            return Change(old, new, new - old, interval, p, len(pairs)), discordant
        mean = mean_difference(differences, seed=self.seed)
        spread = _bounded(mean.interval)
        if len(set(differences)) == 1:  # no spread is no certainty
            none = difference_interval(0, 0, len(pairs))
            low, high = max(-1.0, mean.mean + none.low), min(1.0, mean.mean + none.high)
            spread = Interval(low, high)
        return Change(old, new, mean.mean, spread, mean.p, len(pairs)), discordant

    def _others(self, pairs: Sequence[Pair]) -> dict[str, Change]:
        changes = {"score": self._difference(pairs, lambda result: result.scores)}
        for name, values in _RATIOS.items():
            changes[name] = self._ratio(pairs, values)
        return {name: change for name, change in changes.items() if change is not None}

    def _difference(
        self, pairs: Sequence[Pair], values: Callable[[CaseResult], Sequence[float]]
    ) -> Change | None:
        both = _means(pairs, values)
        if not both:
            return None
        mean = mean_difference([b - a for a, b in both], seed=self.seed)
        old = statistics.fmean(a for a, _ in both)
        return Change(old, old + mean.mean, mean.mean, _bounded(mean.interval), mean.p, len(both))

    def _ratio(
        self, pairs: Sequence[Pair], values: Callable[[CaseResult], Sequence[float]]
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


def _bounded(interval: Interval | None) -> Interval | None:
    """Return the part of an interval that a change of a share can have, from -1 to 1.

    Student's t knows no bounds, so with few cases its ends lie beyond what is possible.
    """
    if interval is None:
        return None
    return Interval(max(-1.0, interval.low), min(1.0, interval.high))


def _paired(old: RunSide, new: RunSide) -> list[Pair]:
    """Return the cases that both sides have; what repeats say of each is adjusted for all."""
    pairs = [
        Pair(result, new.results[key]) for key, result in old.results.items() if key in new.results
    ]
    p_values: dict[Repeats, float] = {}  # most cases passed as often as another
    telling = [position for position, pair in enumerate(pairs) if pair.has_repeats]
    for position in telling:
        repeats = pairs[position].repeats
        if repeats not in p_values:
            p_values[repeats] = fisher_exact(repeats)
    qs = benjamini_hochberg([p_values[pairs[position].repeats] for position in telling])
    for position, q in zip(telling, qs, strict=True):
        pairs[position] = replace(pairs[position], q=q)
    return pairs


def _within(pairs: Sequence[Pair]) -> Within | None:
    repeated = [pair.repeats for pair in pairs if pair.has_repeats]
    if not repeated:
        return None
    return Within(
        mean_change(repeated), within_interval(repeated), within_cases(repeated), excess(repeated)
    )


def _is_flaky(result: CaseResult) -> bool:
    """Return whether the repeats of one variant disagree; those of several may well."""
    return result.label.is_flaky and result.pooled == 1


def _says_something_else(old: CaseResult, new: CaseResult) -> bool:
    are_known = bool(old.replies and new.replies)
    return are_known and old.label.passes == new.label.passes and old.replies != new.replies


def _moved(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    return tuple(
        pair
        for pair in pairs
        if pair.is_sure
        and pair.old.label.passes == pair.new.label.passes
        and (_is_flaky(pair.old) or not _is_flaky(pair.new))
    )


def _those(
    pairs: Sequence[Pair], fits: Callable[[CaseResult, CaseResult], bool]
) -> tuple[Pair, ...]:
    return tuple(pair for pair in pairs if fits(pair.old, pair.new))


def _means(
    pairs: Sequence[Pair], values: Callable[[CaseResult], Sequence[float]]
) -> list[tuple[float, float]]:
    """Return the means of both sides of each case that has values on both."""
    both = [(values(pair.old), values(pair.new)) for pair in pairs]
    return [(statistics.fmean(a), statistics.fmean(b)) for a, b in both if a and b]


_RATIOS: dict[str, Callable[[CaseResult], Sequence[float]]] = {
    "latency": lambda result: result.latencies,
    "output tokens": lambda result: result.tokens,
    "cost": lambda result: result.costs,
}


def _rate(side: RunSide) -> Rate:
    tally = RateTally()
    for result in side.results.values():
        tally.add(result)
    return tally.rate()
