"""From p-values and intervals to a verdict, and what could have been seen at all."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.model import Change, ChangeVerdict, Comparison, Within
from harness.reporting.comparing.sides import Pair
from harness.stats.paired import mcnemar
from harness.stats.power import USUAL_DISCORDANT, smallest_change
from harness.stats.stratified import Repeats, within_cases

ALPHA = 0.05
MARGIN = 0.05


def decisive_p(passing: Change, within: Within | None, *, confirms: bool) -> float:
    """Return the p-value that decides on the pass rate, before the family is adjusted for."""
    if within is None:
        return passing.p
    return within.p if confirms else min(1.0, 2 * min(passing.p, within.p))


def least_p(pairs: Sequence[Pair]) -> float:
    """Return the smallest p-value there could have been: had all cases broken in all repeats."""
    by_cases = mcnemar(len(pairs), 0).exact
    repeated = [pair for pair in pairs if pair.has_repeats]
    if not repeated:
        return by_cases
    worst = (Repeats(pair.old.judged, pair.old.judged, 0, pair.new.judged) for pair in repeated)
    return min(1.0, 2 * min(by_cases, within_cases(worst)))


def verdict_on(comparison: Comparison, p: float, margin: float) -> ChangeVerdict:
    """Return what can be said of a change with this adjusted p-value."""
    if p < ALPHA and comparison.difference and not _is_contradictory(comparison):
        return ChangeVerdict.REGRESSED if comparison.difference < 0 else ChangeVerdict.IMPROVED
    intervals = [comparison.passing.interval]
    if comparison.within is not None and comparison.within.interval is not None:
        intervals.append(comparison.within.interval)
    if all(
        interval is not None and -margin <= interval.low and interval.high <= margin
        for interval in intervals
    ):
        return ChangeVerdict.EQUIVALENT
    return ChangeVerdict.INCONCLUSIVE


def _is_contradictory(comparison: Comparison) -> bool:
    """Return whether repeats and cases point in two directions, as with uneven repeats."""
    if comparison.within is None or not comparison.decided_by_repeats:
        return False
    return comparison.within.excess * comparison.within.difference < 0


def power_in_words(comparison: Comparison, family: int) -> str:
    """Say what change could have been seen, as one of so many comparisons."""
    tests = family * (1 if comparison.within is None else 2)
    number = comparison.passing.cases
    if not number:
        return ""
    change = smallest_change(number, comparison.discordant or USUAL_DISCORDANT, ALPHA / tests)
    alone = "" if comparison.within is None else ", by cases alone,"
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
