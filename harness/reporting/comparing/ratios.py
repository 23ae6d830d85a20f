"""Latency, output tokens and cost of the cases that both sides have, by factor."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from harness.model.case_result import CaseResult
from harness.reporting.comparing.model import Change
from harness.reporting.comparing.pairs import Pair
from harness.reporting.tally import percentile
from harness.stats.means import mean


def ratios_of(pairs: Sequence[Pair]) -> dict[str, Change]:
    """Return latency, output tokens and cost by factor; what no case has on both sides is missing.

    Nothing is decided by them, and their trials share the load of their run, so that no test of
    single trials holds. They are computed where they are shown, which is mostly of the whole alone.
    """
    changes = {name: _ratio(pairs, values) for name, values in _VALUES.items()}
    return {name: change for name, change in changes.items() if change is not None}


def _ratio(pairs: Sequence[Pair], values: Callable[[CaseResult], Sequence[float]]) -> Change | None:
    both = [means for means in _means(pairs, values) if min(means) > 0]
    if not both:
        return None
    before, after = (mean([math.log(value) for value in side]) for side in zip(*both, strict=True))
    quantiles = None
    if values is _latencies:
        sides = ([pair.old for pair in pairs], [pair.new for pair in pairs])
        quantiles = (_quantiles(sides[0]), _quantiles(sides[1]))
    old, new, factor = map(math.exp, (before, after, after - before))
    return Change(old, new, factor, None, None, len(both), quantiles)


def _means(
    pairs: Iterable[Pair], values: Callable[[CaseResult], Sequence[float]]
) -> Iterator[tuple[float, float]]:
    """Yield the means of both sides of each case that has values on both."""
    for pair in pairs:
        old, new = values(pair.old), values(pair.new)
        if old and new:
            yield mean(old), mean(new)


def _quantiles(results: Iterable[CaseResult]) -> tuple[float, float]:
    """Return the median and the 95th percentile of all trials."""
    values = array("d", sorted(value for result in results for value in result.latencies))
    return percentile(values, 0.5) or 0.0, percentile(values, 0.95) or 0.0


def _latencies(result: CaseResult) -> Sequence[float]:
    return result.latencies


_VALUES: dict[str, Callable[[CaseResult], Sequence[float]]] = {
    "latency": _latencies,
    "output tokens": lambda result: result.tokens,
    "cost": lambda result: result.costs,
}
