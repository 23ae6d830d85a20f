"""The cheapest variant of each suite that is as good as the best one, as far as intervals show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.reporting.rates import Rate


@dataclass(frozen=True, slots=True)
class PricedVariant:
    """A variant of a suite: its pass rate, and USD for a trial."""

    suite: str
    variant: str
    rate: Rate
    cost_per_trial: float


def cheapest_variants(
    variants: Iterable[PricedVariant],
) -> list[tuple[PricedVariant, PricedVariant]]:
    """Return the cheapest equal and the best variant of each suite that has several.

    A variant is as good as the best one if their intervals overlap and its rate lies above the
    lower end of the best one's: that is what the run can tell, not that they are the same.
    """
    by_suite: dict[str, list[PricedVariant]] = {}
    for variant in variants:
        if variant.rate.share is not None:
            by_suite.setdefault(variant.suite, []).append(variant)
    pairs = []
    for of_suite in by_suite.values():
        if len(of_suite) < 2:
            continue
        best = max(of_suite, key=_share)
        low = best.rate.interval.low
        equal = [
            variant
            for variant in of_suite
            if variant.rate.interval.high >= low and _share(variant) >= low
        ]
        pairs.append((min(equal, key=lambda variant: variant.cost_per_trial), best))
    return pairs


def _share(variant: PricedVariant) -> float:
    return variant.rate.share or 0.0
