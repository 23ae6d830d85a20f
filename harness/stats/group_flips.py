"""A paired test for cases that share something: whole groups change sides, not single trials."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from harness.stats.stratified import Repeats

_MOST_WORK = 4_000_000  # steps of the exact distribution, beyond which the normal limit is taken


def group_flips(cases: Iterable[tuple[Hashable, Repeats]], seed: int = 0) -> float:
    """Return the two-sided p-value of the hypothesis that no group passes more or less often.

    Cases of a group (about one document, of one conversation) fail together, so their repeats are
    no independent draws. Under the hypothesis, the old and the new results of a whole group may be
    exchanged, if each case has equally many on both sides. A group that has no such case tells no
    more than one of its cases does: which repeats of the others belong together is not known, and
    the sum of some that do varies more than that of some that do not. Of that case, as many repeats
    are drawn as the other side has.

    Args:
        cases: The group of each case, and its repeats.
        seed: Of what is drawn.

    Source:
        The permutation test of Fisher (1935) on signs, by the exact distribution of the sum.
    """
    groups: dict[Hashable, list[Repeats]] = defaultdict(list)
    for group, case in cases:
        groups[group].append(case)
    # The same results give the same p-value, but other results draw anew: were it always the third
    # repeat of the fourth case, all comparisons of a suite would lean to the same side.
    source = random.Random(f"{seed} {[*groups.values()]}")  # noqa: S311  # not used for secrets
    sums = [_change(group, source) for group in groups.values()]
    sizes = [abs(size) for size in sums if size]
    if not sizes:
        return 1.0
    total, observed = sum(sizes), abs(sum(sums))
    if total * len(sizes) > _MOST_WORK:
        z = max(0.0, observed - 0.5) / math.sqrt(sum(size * size for size in sizes))
        return math.erfc(z / math.sqrt(2))
    chances = [1.0]  # of each possible sum of those sizes whose sign is positive
    for size in sizes:
        kept = [*chances, *[0.0] * size]
        for index, chance in enumerate(chances, size):
            kept[index] += chance
        chances = [chance / 2 for chance in kept]
    # a sum with signs is twice the positive part minus the total
    least = (total + observed + 1) // 2
    return min(1.0, 2 * math.fsum(chances[least:]))


def least_flipped(groups: int) -> float:
    """Return the smallest p-value that so many groups can give."""
    return min(1.0, 2.0 ** (1 - groups))


def _change(group: Sequence[Repeats], source: random.Random) -> int:
    """Return how many more new repeats of a group passed, of those that may be exchanged."""
    even = [case for case in group if case.old == case.new]
    if even:
        return sum(case.new_passed - case.old_passed for case in even)
    case = source.choice(group)
    equal = min(case.old, case.new)
    old = _drawn(case.old_passed, case.old, equal, source)
    return _drawn(case.new_passed, case.new, equal, source) - old


def _drawn(passed: int, repeats: int, wanted: int, source: random.Random) -> int:
    """Return how many of some repeats passed if only a part of them is drawn."""
    if wanted == repeats:
        return passed
    return sum(number < passed for number in source.sample(range(repeats), wanted))
