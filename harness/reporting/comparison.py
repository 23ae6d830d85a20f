"""Two sides compared case by case, with a verdict that says what can be said."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.reporting.comparability import cases, factors, refusals
from harness.reporting.rates import Rate, RateTally
from harness.reporting.units import Pair, Side, Unit
from harness.stats.distributions import Interval
from harness.stats.families import benjamini_hochberg, holm
from harness.stats.paired import difference_interval, log_ratios, mcnemar, mean_difference
from harness.stats.power import USUAL_DISCORDANT, smallest_change
from harness.stats.stratified import (
    Repeats,
    excess,
    fisher_exact,
    mean_change,
    within_cases,
    within_interval,
)

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
        old: Of the old side; the mean, or the geometric mean of what is compared by ratio.
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
        difference: The change of the pass rate of the cases that have repeats.
        interval: Of that change; None if all repeats of all cases agree.
        p: Of the hypothesis that no case passes more or less often.
        excess: How many more repeats passed than if nothing had changed; p belongs to that.
    """

    difference: float
    interval: Interval | None
    p: float
    excess: float


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
            for the other comparisons of the family; if the cases were run again to confirm what
            they showed, that of their repeats.
        family: How many comparisons there are in the family.
        power: In words, what change could have been seen.
        broken: Cases that passed and do not any more; likewise the other lists.
        moved: Cases that pass more or less often by their own repeats, and are in no other list.
        unjudged: Cases that were judged and are skipped now, or nothing is expected of them.
        changed: Cases with another reply and the same verdict, as far as replies are known.
        discordant: The share of cases that passed more or less often.
        least_p: The smallest p-value that so many cases and repeats could have given.
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
    moved: tuple[Pair, ...]
    changed: tuple[Pair, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    unjudged: tuple[str, ...]
    scope: str | None = None
    discordant: float = 0.0
    least_p: float = 0.0

    def pairs_that_changed(self) -> Iterator[Pair]:
        """Yield the cases that are in one of the lists."""
        for each in (self.broken, self.fixed, self.newly_flaky, self.moved, self.still_failing):
            yield from each
        yield from self.changed

    @property
    def told_by_repeats(self) -> bool:
        """Whether it is the repeats of these very cases that decide."""
        return self.within is not None and self.within.p < self.passing.p

    @property
    def difference(self) -> float:
        """The change of the pass rate that is decided on."""
        if self.within is not None and self.told_by_repeats:
            return self.within.difference
        return self.passing.difference

    @property
    def interval(self) -> Interval | None:
        """The interval of that change."""
        if self.within is not None and self.told_by_repeats:
            return self.within.interval
        return self.passing.interval


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared with what.

    Attributes:
        name: Told where there are several.
        confirms: Whether the cases were chosen by what they showed before, so that only their
            repeats can tell anything.
    """

    old: Side
    new: Side
    name: str | None = None
    confirms: bool = False


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
                verdict=None if each.refusals else _verdict(each, p, self.margin),
                power=self._power(each, len(found)),
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
            p=_p(passing, within, confirms=scope.confirms),
            least_p=_least_p(pairs),
            scope=scope.name,
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

    def _power(self, found: Comparison, family: int) -> str:
        tests = family * (1 if found.within is None else 2)
        return _power_in_words(found, ALPHA / max(1, tests))

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


def _p(passing: Change, within: Within | None, *, confirms: bool) -> float:
    if within is None:
        return passing.p
    return within.p if confirms else min(1.0, 2 * min(passing.p, within.p))


def _least_p(pairs: Sequence[Pair]) -> float:
    """Return the smallest p-value there could have been: had all cases broken in all repeats."""
    by_cases = mcnemar(len(pairs), 0).exact
    repeated = [each for each in pairs if each.has_repeats]
    if not repeated:
        return by_cases
    worst = (Repeats(each.old.counted, each.old.counted, 0, each.new.counted) for each in repeated)
    return min(1.0, 2 * min(by_cases, within_cases(worst)))


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
        each
        for each in pairs
        if each.is_sure
        and each.old.passes == each.new.passes
        and (each.old.is_flaky or not each.new.is_flaky)
    )


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


def _verdict(found: Comparison, p: float, margin: float) -> ChangeVerdict:
    if p < ALPHA and found.difference and not _is_contradictory(found):
        return ChangeVerdict.REGRESSED if found.difference < 0 else ChangeVerdict.IMPROVED
    intervals = [found.passing.interval]
    if found.within is not None and found.within.interval is not None:
        intervals.append(found.within.interval)
    if all(each is not None and -margin <= each.low and each.high <= margin for each in intervals):
        return ChangeVerdict.EQUIVALENT
    return ChangeVerdict.INCONCLUSIVE


def _is_contradictory(found: Comparison) -> bool:
    """Return whether repeats and cases point in two directions, as with uneven repeats."""
    if found.within is None or not found.told_by_repeats:
        return False
    return found.within.excess * found.within.difference < 0


def _power_in_words(found: Comparison, alpha: float) -> str:
    number = found.passing.cases
    if not number:
        return ""
    change = smallest_change(number, found.discordant or USUAL_DISCORDANT, alpha)
    alone = "" if found.within is None else ", by cases alone,"
    if change is None:
        return (
            f"with {cases(number)}{alone} no change that is likely here can be seen;"
            " add repeats or cases"
        )
    points = math.ceil(100 * change)
    return (
        f"with {cases(number)}{alone} a change under {points} points cannot be seen;"
        " add repeats or cases"
    )
