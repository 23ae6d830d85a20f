"""Which drop a comparison would have found, and what it takes to find a small one, in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.stats.power import Design, cases_needed, drop_found, repeats_needed
from harness.stats.stratified import Repeats

_MOST_REPEATS = 50
_TIMES = "4 times of 5"
# The power is computed of the test within cases alone. A comparison has other tests beside it, so
# that it finds four times of five what this one finds a little less often: docs/statistics.md.
_POWER = 0.78


@dataclass(frozen=True)
class Hint:
    """What a comparison could have found; computed when it is read, because that takes a while.

    Attributes:
        design: What was compared.
        margin: Changes of pass rate up to this are as good as none.
        unit: What was compared: a `case` or a `group`.
        variants: In how many variants each; the design counts them all.
    """

    design: Design
    margin: float
    unit: str = "case"
    variants: int = 1

    @cached_property
    def drop(self) -> float | None:
        """The smallest drop of the pass rate that would have been found four times of five."""
        return drop_found(self.design, _POWER)

    @cached_property
    def words(self) -> str:
        """The drop in words, and what it takes to find one of the margin."""
        return power_in_words(self.design, self.drop, self.margin, self.unit, self.variants)


def design_of(
    repeats: Sequence[Repeats], groups: Sequence[Hashable] | None, alpha: float
) -> Design:
    """Return what the cases of a comparison can find, by how much their repeats vary.

    Args:
        repeats: Of each case.
        groups: The group of each case; cases of a group tell no more than one.
        alpha: The significance level of the comparison.
    """
    if groups is not None:
        first = dict(zip(groups, repeats, strict=True))
        repeats = [
            Repeats(case.old_passed > 0, 1, case.new_passed > 0, 1) for case in first.values()
        ]
    number = max(1, len(repeats))
    rate = sum(case.old_passed / case.old for case in repeats) / number
    # One more change than was seen where single trials tell how much they vary: none seen is no
    # proof that none happens.
    unseen = 0.5 if all(case.old == case.new == 1 for case in repeats) else 0.0
    variance = (sum(map(_variance, repeats)) + unseen) / number
    return Design(Counter((case.old, case.new) for case in repeats), variance, rate, alpha)


def power_in_words(
    design: Design, drop: float | None, margin: float, unit: str = "case", variants: int = 1
) -> str:
    """Say which drop would have been found, and what it takes to find one of the margin."""
    if not design.cases:
        return ""
    if drop is None:
        size = _counted(design.cases, unit, variants)
        found = f"with {size} this run cannot find a drop, however large"
    else:
        found = f"this run would have found a drop of {points_of(drop)} {_TIMES}"
    if drop is not None and drop <= margin:
        return found
    needed = _needed(design, margin, unit, variants)
    return f"{found}; {needed}" if needed else found


def points_of(drop: float) -> str:
    """Return a drop in whole percentage points, rounded up."""
    number = math.ceil(100 * drop - 1e-9)
    return f"{number} point{'' if number == 1 else 's'}"


def _needed(design: Design, margin: float, unit: str, variants: int) -> str:
    repeats = max(min(old, new) for old, new in design.repeats)
    number = cases_needed(design, margin, repeats, _POWER)
    ways = [] if number is None else [_size(number, unit, variants, repeats)]
    more = repeats_needed(design, margin, _MOST_REPEATS, _POWER)
    if more is not None and more > repeats:
        ways.append(_size(design.cases, unit, variants, more))
    return f"to find {points_of(margin)}: {' or '.join(ways)}" if ways else ""


def _size(number: int, unit: str, variants: int, repeats: int) -> str:
    return f"{_counted(number, unit, variants)} x {repeats} repeat{'' if repeats == 1 else 's'}"


def _variance(case: Repeats) -> float:
    """Return the variance of a repeat within its case, without bias."""
    old, new = case.old_passed / case.old, case.new_passed / case.new
    freedom = case.old + case.new - 2
    if freedom:
        return (case.old * old * (1 - old) + case.new * new * (1 - new)) / freedom
    return (old * (1 - new) + new * (1 - old)) / 2


def _counted(number: int, unit: str, variants: int) -> str:
    each = math.ceil(number / variants)
    counted = f"{each:,} {unit}{'' if each == 1 else 's'}"
    return f"{counted} x {variants} variants" if variants > 1 else counted
