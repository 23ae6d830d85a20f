"""A paired test for cases that share something: whole groups change sides, not single trials."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Hashable, Iterable

from harness.stats.stratified import Repeats

_MOST_WORK = 4_000_000  # steps of the exact distribution, beyond which the normal limit is taken


def group_flips(cases: Iterable[tuple[Hashable, Repeats]], seed: int = 0) -> float:
    """Return the two-sided p-value of the hypothesis that no group passes more or less often.

    Cases of a group (about one document, of one conversation) fail together, so their repeats are
    no independent draws. Under the hypothesis, the old and the new results of a whole group may be
    exchanged, if there are equally many. Of a case with more repeats on one side, as many are drawn
    as the other side has.

    Args:
        cases: The group of each case, and its repeats.
        seed: Of what is drawn.

    Source:
        The permutation test of Fisher (1935) on signs, by the exact distribution of the sum.
    """
    source = random.Random(seed)  # noqa: S311  # not used for secrets
    sums: Counter[Hashable] = Counter()
    for group, case in cases:
        equal = min(case.old, case.new)
        old = _drawn(case.old_passed, case.old, equal, source)
        sums[group] += _drawn(case.new_passed, case.new, equal, source) - old
    sizes = [abs(size) for size in sums.values() if size]
    if not sizes:
        return 1.0
    total, observed = sum(sizes), abs(sum(sums.values()))
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


def _drawn(passed: int, repeats: int, wanted: int, source: random.Random) -> int:
    """Return how many of some repeats passed if only a part of them is drawn."""
    if wanted == repeats:
        return passed
    return sum(number < passed for number in source.sample(range(repeats), wanted))
