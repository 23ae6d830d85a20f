"""Whether the service answers the requests of the baseline as it did then.

Cases that flipped were chosen by their results, so they alone would show a change that is none. A
random sample of all others, weighted by how many it stands for, makes the estimate unbiased.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.model.case_result import CaseKey
from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.sides import RunSide
from harness.reporting.figures import points, points_interval
from harness.stats.distributions import Interval, normal_quantile, t_quantile

_MOST_DRAWN = 20


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """How the pass rate of the baseline's own requests changed.

    Attributes:
        difference: From -1 to 1.
        drawn: How many cases that did not flip were asked again, once each.
    """

    difference: float
    interval: Interval
    drawn: int

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out that nothing changed."""
        return 0 not in self.interval

    def sentence(self) -> str:
        """Say how the service changed; it fails no run by itself."""
        return (
            "the service seems to have changed: the pass rate of the baseline's own requests moved"
            f" by {points(self.difference)} {points_interval(self.interval)}, estimated from what"
            f" flipped and {cases(self.drawn)} drawn from the others"
        )


def drawn_unflipped(keys: Sequence[CaseKey], run_file: Path) -> list[CaseKey]:
    """Return some of the cases that did not flip, at random but alike for the same record."""
    # the whole path: every run is called `run.jsonl`, and would draw the same cases for ever
    source = random.Random(str(run_file))  # noqa: S311  # no secret
    return source.sample(list(keys), min(_MOST_DRAWN, len(keys)))


def service_change(
    before: RunSide, flipped: RunSide, drawn: RunSide, unflipped: int
) -> ServiceChange | None:
    """Return how the pass rate of the baseline's requests changed; None if nothing tells.

    Args:
        before: The baseline.
        flipped: All cases that flipped, asked again.
        drawn: A random sample of those that did not.
        unflipped: How many of these there are.

    Source:
        Horvitz and Thompson (1952): each case weighs as many as it stands for; Liang and Zeger
        (1986) for groups.
    """
    chosen, others = (list(_changes(before, side)) for side in (flipped, drawn))
    number = len(chosen) + unflipped
    if not others and (unflipped or not chosen):
        return None
    weight = unflipped / len(others) if others else 0.0
    total = sum(change for _, change in chosen) + weight * sum(change for _, change in others)
    # Around zero and with one change more than was seen: no spread is no proof. What a group has in
    # common moves all its cases.
    shrunk = weight * math.sqrt(len(others) / (len(others) + 1))
    by_group: dict[Hashable, float] = defaultdict(float)
    for share, changes in ((1.0, chosen), (shrunk, others)):
        for group, change in changes:
            by_group[group] += share * change
    size = (len(chosen) + len(others)) / len(by_group)
    variance = math.fsum(change * change for change in by_group.values()) + (shrunk * size) ** 2
    has_groups = size > 1
    quantile = t_quantile(0.975, len(by_group)) if has_groups else normal_quantile(0.975)
    difference, half = total / number, quantile * math.sqrt(variance) / number
    interval = Interval(max(-1.0, difference - half), min(1.0, difference + half))
    return ServiceChange(difference, interval, len(others))


def _changes(before: RunSide, again: RunSide) -> Iterator[tuple[Hashable, float]]:
    """Yield how the share of each case changed, with its group or, without one, the case."""
    for key, result in again.results.items():
        old, new = before.results[key].without_errors(), result.without_errors()
        if old.judged and new.judged:
            group = (key.suite, key.case) if old.group is None else (key.suite, "", old.group)
            yield group, new.passed / new.judged - old.passed / old.judged
