"""Whether the service answers the requests of the baseline as it did then.

Cases that flipped were chosen by their results, so they alone would show a change that is none. A
random sample of all others, weighted by how many it stands for, makes the estimate unbiased.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.model.case_result import CaseKey
from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.sides import RunSide
from harness.reporting.figures import points, points_interval
from harness.stats.distributions import Interval, normal_quantile

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
        Horvitz and Thompson (1952): each case weighs as many as it stands for.
    """
    chosen, others = (list(_changes(before, side)) for side in (flipped, drawn))
    number = len(chosen) + unflipped
    if not others and (unflipped or not chosen):
        return None
    weight = unflipped / len(others) if others else 0.0
    difference = (math.fsum(chosen) + weight * math.fsum(others)) / number
    # around zero and with one change more than was seen: no spread is no proof
    spread = (math.fsum(change * change for change in others) + 1) / (len(others) + 1)
    variance = math.fsum(change * change for change in chosen) + weight * unflipped * spread
    half = normal_quantile(0.975) * math.sqrt(variance) / number
    interval = Interval(max(-1.0, difference - half), min(1.0, difference + half))
    return ServiceChange(difference, interval, len(others))


def _changes(before: RunSide, again: RunSide) -> Iterator[float]:
    for key, result in again.results.items():
        old, new = before.results[key].without_errors(), result.without_errors()
        if old.judged and new.judged:
            yield new.passed / new.judged - old.passed / old.judged
