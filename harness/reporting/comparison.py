"""Two sides compared case by case, with a verdict that says what can be said."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.reporting.comparability import cases, factors, refusals
from harness.reporting.rates import Rate, RateTally
from harness.reporting.units import Pair, Side, Unit
from harness.stats.distributions import Interval
from harness.stats.families import benjamini_hochberg, holm
from harness.stats.paired import difference_interval, log_ratios, mcnemar, mean_difference
from harness.stats.power import USUAL_DISCORDANT, smallest_change
from harness.stats.stratified import Repeats, fisher_exact, within_cases, within_interval

ALPHA = 0.05
MARGIN = 0.05
_LEAST_EVEN = 1e-12


class ChangeVerdict(StrEnum):
    """What can be said of a change; nothing found is never called no change."""

    REGRESSED = "regressed"
    IMPROVED = "improved"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Change:
    """How something differs between the sides, over the cases that both have.

    Attributes:
        old: Of the old side; the mean, or the median of what is compared by ratio.
        new: Likewise.
        difference: New minus old, or new over old.
        interval: Of the difference; None where there is too little to say.
        p: Of the hypothesis that nothing changed.
        cases: How many were compared.
    """

    old: float
    new: float
    difference: float
    interval: Interval | None
    p: float
    cases: int


@dataclass(frozen=True, slots=True)
class Within:
    """What the repeats of the cases say, if it is these very cases that matter.

    Attributes:
        p: Of the hypothesis that no case passes more or less often.
        interval: Of the change of the pass rate.
    """

    p: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two sides have to say of each other.

    Attributes:
        refusals: Why there is no verdict: what would make it one about something else.
        factors: What differs between the sides, and may.
        verdict: None if it was refused.
        scope: The variant it is about, where there are several.
        within: What the repeats alone say of these very cases; None if there are none on both
            sides.
        p: The smaller of the two p-values of the pass rate, adjusted for there being two, and
            for the other comparisons of the family.
        family: How many comparisons there are in the family.
        power: In words, what change could have been seen.
        broken: Cases that passed and do not any more; likewise the other lists.
        changed: Cases with another reply and the same verdict.
    """

    old: Side
    new: Side
    refusals: tuple[str, ...]
    factors: tuple[str, ...]
    rates: tuple[Rate, Rate]
    passing: Change
    others: dict[str, Change]
    within: Within | None
    p: float
    family: int
    verdict: ChangeVerdict | None
    power: str
    broken: tuple[Pair, ...]
    fixed: tuple[Pair, ...]
    still_failing: tuple[Pair, ...]
    newly_flaky: tuple[Pair, ...]
    changed: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    scope: str | None = None

    @property
    def told_by_repeats(self) -> bool:
        """Whether the repeats say more of the pass rate than the cases do."""
        return self.within is not None and self.within.p < self.passing.p


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares sides.

    Attributes:
        margin: Changes of pass rate up to this are as good as none.
        seed: Of sampled permutations.
    """

    margin: float = MARGIN
    seed: int = 0

    def compare(self, pairs: Iterable[tuple[Side, Side]]) -> list[Comparison]:
        """Compare new sides with old ones; together they are one family of tests.

        Args:
            pairs: An old and a new side each.
        """
        return self.compare_scopes((None, old, new) for old, new in pairs)

    def compare_scopes(self, scopes: Iterable[tuple[str | None, Side, Side]]) -> list[Comparison]:
        """Compare new sides with old ones, each about a variant of its own."""
        found = [replace(self._compare(old, new), scope=scope) for scope, old, new in scopes]
        adjusted = holm([each.p for each in found])
        return [
            replace(
                each,
                p=p,
                family=len(found),
                verdict=None if each.refusals else _verdict(each.passing, p, self.margin),
            )
            for each, p in zip(found, adjusted, strict=True)
        ]

    def _compare(self, old: Side, new: Side) -> Comparison:
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
            p=passing.p if within is None else min(1.0, 2 * min(passing.p, within.p)),
            family=1,
            verdict=None,
            power=_power_in_words(len(pairs), discordant),
            broken=_those(pairs, lambda a, b: a.passes and not b.passes),
            fixed=_those(pairs, lambda a, b: b.passes and not a.passes),
            still_failing=_those(pairs, lambda a, b: not a.passes and not b.passes),
            newly_flaky=_those(pairs, lambda a, b: b.is_flaky and not a.is_flaky),
            changed=len(
                _those(pairs, lambda a, b: a.passes == b.passes and a.replies != b.replies)
            ),
            added=tuple(unit.name for key, unit in new.units.items() if key not in old.units),
            removed=tuple(unit.name for key, unit in old.units.items() if key not in new.units),
        )

    def _passing(self, pairs: Sequence[Pair]) -> tuple[Change, float]:
        """Return the change of the pass rate, and the share of cases that changed."""
        differences = [each.new.fraction - each.old.fraction for each in pairs]
        old = statistics.fmean(each.old.fraction for each in pairs) if pairs else 0.0
        new = statistics.fmean(each.new.fraction for each in pairs) if pairs else 0.0
        broken = sum(each < -_LEAST_EVEN for each in differences)
        fixed = sum(each > _LEAST_EVEN for each in differences)
        discordant = (broken + fixed) / len(pairs) if pairs else 0.0
        if all(unit.fraction in (0, 1) for each in pairs for unit in (each.old, each.new)):
            interval = difference_interval(broken, fixed, len(pairs))
            p = mcnemar(broken, fixed).exact
            return Change(old, new, new - old, interval, p, len(pairs)), discordant
        mean = mean_difference(differences, seed=self.seed)
        return Change(old, new, mean.mean, mean.interval, mean.p, len(pairs)), discordant

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
        old, new = (statistics.median(side) for side in zip(*both, strict=True))
        return Change(old, new, math.exp(mean.mean), interval, mean.p, len(logs))


def _paired(old: Side, new: Side) -> list[Pair]:
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
    repeated = [each.repeats for each in pairs if each.has_repeats]
    interval = within_interval(repeated)
    return None if interval is None else Within(within_cases(repeated), interval)


def _those(pairs: Sequence[Pair], fits: Callable[[Unit, Unit], bool]) -> tuple[Pair, ...]:
    return tuple(each for each in pairs if fits(each.old, each.new))


def _means(
    pairs: Sequence[Pair], values: Callable[[Unit], Sequence[float]]
) -> list[tuple[float, float]]:
    """Return the means of both sides of each case that has values on both."""
    known = [(values(each.old), values(each.new)) for each in pairs]
    return [(statistics.fmean(a), statistics.fmean(b)) for a, b in known if a and b]


_RATIOS: dict[str, Callable[[Unit], Sequence[float]]] = {
    "latency": lambda unit: unit.latencies,
    "output tokens": lambda unit: unit.tokens,
    "cost": lambda unit: unit.costs,
}


def _rate(side: Side) -> Rate:
    tally = RateTally()
    for unit in side.units.values():
        tally.add(unit.passed, unit.counted)
    return tally.rate()


def _verdict(change: Change, p: float, margin: float) -> ChangeVerdict:
    if p < ALPHA and change.difference:
        return ChangeVerdict.REGRESSED if change.difference < 0 else ChangeVerdict.IMPROVED
    interval = change.interval
    if interval is not None and -margin <= interval.low and interval.high <= margin:
        return ChangeVerdict.EQUIVALENT
    return ChangeVerdict.INCONCLUSIVE


def _power_in_words(number: int, discordant: float) -> str:
    if not number:
        return ""
    change = smallest_change(number, discordant or USUAL_DISCORDANT)
    if change is None:
        return (
            f"with {cases(number)} no change that is likely here can be seen; add repeats or cases"
        )
    points = math.ceil(100 * change)
    return (
        f"with {cases(number)} a change under {points} points cannot be seen; add repeats or cases"
    )
