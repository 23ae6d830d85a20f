"""Two sides compared case by case, with a verdict that says what can be said."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.reporting.units import Side, Unit
from harness.stats.distributions import Interval
from harness.stats.families import holm
from harness.stats.paired import difference_interval, log_ratios, mcnemar, mean_difference
from harness.stats.power import USUAL_DISCORDANT, smallest_change
from harness.stats.rates import wilson_interval

ALPHA = 0.05
MARGIN = 0.05
MOST_MISSING = 0.05
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
class Rate:
    """A side's pass rate over all its cases, each of them counted once."""

    passed: float
    cases: int
    interval: Interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two sides have to say of each other.

    Attributes:
        refusals: Why there is no verdict: what would make it one about something else.
        factors: What differs between the sides, and may.
        verdict: None if it was refused.
        p: Adjusted for the other comparisons of the family.
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
    p: float
    family: int
    verdict: ChangeVerdict | None
    power: str
    broken: tuple[Unit, ...]
    fixed: tuple[Unit, ...]
    still_failing: tuple[Unit, ...]
    newly_flaky: tuple[Unit, ...]
    changed: int
    added: tuple[str, ...]
    removed: tuple[str, ...]


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
        found = [self._compare(old, new) for old, new in pairs]
        adjusted = holm([each.passing.p for each in found])
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
        keys = [key for key in old.units if key in new.units]
        pairs = [(old.units[key], new.units[key]) for key in keys]
        passing, discordant = self._passing(pairs)
        return Comparison(
            old=old,
            new=new,
            refusals=tuple(_refusals(old, new, pairs)),
            factors=tuple(_factors(old, new, pairs)),
            rates=(_rate(old), _rate(new)),
            passing=passing,
            others=self._others(pairs),
            p=passing.p,
            family=1,
            verdict=None,
            power=_power_in_words(len(pairs), discordant),
            broken=tuple(b for a, b in pairs if a.passes and not b.passes),
            fixed=tuple(b for a, b in pairs if b.passes and not a.passes),
            still_failing=tuple(b for a, b in pairs if not a.passes and not b.passes),
            newly_flaky=tuple(b for a, b in pairs if b.is_flaky and not a.is_flaky),
            changed=sum(a.passes == b.passes and a.replies != b.replies for a, b in pairs),
            added=tuple(unit.name for key, unit in new.units.items() if key not in old.units),
            removed=tuple(unit.name for key, unit in old.units.items() if key not in new.units),
        )

    def _passing(self, pairs: Sequence[tuple[Unit, Unit]]) -> tuple[Change, float]:
        """Return the change of the pass rate, and the share of cases that changed."""
        differences = [b.fraction - a.fraction for a, b in pairs]
        old = statistics.fmean(a.fraction for a, _ in pairs) if pairs else 0.0
        new = statistics.fmean(b.fraction for _, b in pairs) if pairs else 0.0
        broken = sum(each < -_LEAST_EVEN for each in differences)
        fixed = sum(each > _LEAST_EVEN for each in differences)
        discordant = (broken + fixed) / len(pairs) if pairs else 0.0
        if all(unit.fraction in (0, 1) for pair in pairs for unit in pair):
            interval = difference_interval(broken, fixed, len(pairs))
            p = mcnemar(broken, fixed).exact
            return Change(old, new, new - old, interval, p, len(pairs)), discordant
        mean = mean_difference(differences, seed=self.seed)
        return Change(old, new, mean.mean, mean.interval, mean.p, len(pairs)), discordant

    def _others(self, pairs: Sequence[tuple[Unit, Unit]]) -> dict[str, Change]:
        found = {"score": self._difference(pairs, lambda unit: unit.scores)}
        for name, values in _RATIOS.items():
            found[name] = self._ratio(pairs, values)
        return {name: change for name, change in found.items() if change is not None}

    def _difference(
        self, pairs: Sequence[tuple[Unit, Unit]], values: Callable[[Unit], Sequence[float]]
    ) -> Change | None:
        both = _means(pairs, values)
        if not both:
            return None
        mean = mean_difference([b - a for a, b in both], seed=self.seed)
        old = statistics.fmean(a for a, _ in both)
        return Change(old, old + mean.mean, mean.mean, mean.interval, mean.p, len(both))

    def _ratio(
        self, pairs: Sequence[tuple[Unit, Unit]], values: Callable[[Unit], Sequence[float]]
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


def _means(
    pairs: Sequence[tuple[Unit, Unit]], values: Callable[[Unit], Sequence[float]]
) -> list[tuple[float, float]]:
    """Return the means of both sides of each case that has values on both."""
    known = [(values(a), values(b)) for a, b in pairs]
    return [(statistics.fmean(a), statistics.fmean(b)) for a, b in known if a and b]


_RATIOS: dict[str, Callable[[Unit], Sequence[float]]] = {
    "latency": lambda unit: unit.latencies,
    "output tokens": lambda unit: unit.tokens,
    "cost": lambda unit: unit.costs,
}


_MUST_BE_ALIKE: dict[str, Callable[[Unit], Set[object]]] = {
    "were given other inputs": lambda unit: unit.inputs,
    "were judged by other assertions": lambda unit: unit.expectations,
    "have another threshold or pass_rate": lambda unit: unit.rules,
}


def _rate(side: Side) -> Rate:
    units = side.units.values()
    passed = math.fsum(unit.fraction for unit in units)
    if all(unit.fraction in (0, 1) for unit in units):
        return Rate(passed, len(units), wilson_interval(round(passed), len(units)))
    mean = mean_difference([unit.fraction for unit in units])
    found = mean.interval or Interval(0.0, 1.0)
    return Rate(passed, len(units), Interval(max(0.0, found.low), min(1.0, found.high)))


def _verdict(change: Change, p: float, margin: float) -> ChangeVerdict:
    if p < ALPHA and change.difference:
        return ChangeVerdict.REGRESSED if change.difference < 0 else ChangeVerdict.IMPROVED
    interval = change.interval
    if interval is not None and -margin <= interval.low and interval.high <= margin:
        return ChangeVerdict.EQUIVALENT
    return ChangeVerdict.INCONCLUSIVE


def _refusals(old: Side, new: Side, pairs: Sequence[tuple[Unit, Unit]]) -> list[str]:
    if not pairs:
        return ["the sides have no case in common"]
    found = []
    for words, values in _MUST_BE_ALIKE.items():
        other = [b.name for a, b in pairs if values(a) and values(b) and values(a) != values(b)]
        if other:
            found.append(f"{_cases(len(other))} {words}: {_few(other)}")
    for side, another in ((old, new), (new, old)):
        missing = [unit.name for key, unit in another.units.items() if key not in side.units]
        if len(missing) > MOST_MISSING * len(another.units):
            found.append(f"{_cases(len(missing))} missing in {side.name}: {_few(missing)}")
    return found


def _factors(old: Side, new: Side, pairs: Sequence[tuple[Unit, Unit]]) -> list[str]:
    found = []
    if old.models != new.models:
        found.append(f"model: {_and(old.models)} -> {_and(new.models)}")
    for name in sorted({name for name, _ in old.settings ^ new.settings}):
        values = [
            _and({value for each, value in side.settings if each == name}) for side in (old, new)
        ]
        found.append(f"{name}: {values[0]} -> {values[1]}")
    prompts = sum(a.requests != b.requests for a, b in pairs)
    if prompts and not found:
        found.append(f"prompts or settings of {_cases(prompts)}")
    return found


def _power_in_words(cases: int, discordant: float) -> str:
    if not cases:
        return ""
    change = smallest_change(cases, discordant or USUAL_DISCORDANT)
    if change is None:
        return (
            f"with {_cases(cases)} no change that is likely here can be seen; add repeats or cases"
        )
    points = math.ceil(100 * change)
    return (
        f"with {_cases(cases)} a change under {points} points cannot be seen; add repeats or cases"
    )


def _cases(number: int) -> str:
    return f"{number:,} case{'' if number == 1 else 's'}"


def _few(names: Sequence[str], most: int = 5) -> str:
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left:,} more" if left > 0 else "")


def _and(values: set[str]) -> str:
    return ", ".join(sorted(values)) or "none"
