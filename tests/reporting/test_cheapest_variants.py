"""The cheapest variant that may be as good as the best one."""

from __future__ import annotations

import pytest

from harness.reporting.cheapest_variants import PricedVariant, cheapest_variants
from harness.reporting.rates import Rate
from harness.stats.distributions import Interval


def variant(
    name: str, share: float | None, low: float, high: float, cost: float, suite: str = "desk"
) -> PricedVariant:
    cases = 0 if share is None else 100
    rate = Rate(100 * (share or 0.0), cases, Interval(low, high))
    return PricedVariant(suite, name, rate, cost)


BEST = variant("best", 0.95, 0.8, 0.99, 5.0)


@pytest.mark.parametrize(
    ("other", "cheapest"),
    [
        pytest.param(variant("good", 0.9, 0.7, 0.97, 1.0), "good", id="overlapping and above"),
        pytest.param(variant("edge", 0.8, 0.6, 0.9, 1.0), "edge", id="just at the lower end"),
        pytest.param(variant("below", 0.79, 0.6, 0.9, 1.0), "best", id="below the lower end"),
        pytest.param(variant("poor", 0.5, 0.3, 0.7, 0.1), "best", id="apart"),
        pytest.param(variant("dear", 0.95, 0.8, 0.99, 9.0), "best", id="as good and dearer"),
    ],
)
def test_the_cheapest_variant_is_one_that_may_be_as_good_as_the_best(
    other: PricedVariant, cheapest: str
) -> None:
    ((chosen, best),) = cheapest_variants([BEST, other])

    assert (chosen.variant, best.variant) == (cheapest, "best")


def test_each_suite_has_a_choice_of_its_own() -> None:
    variants = [
        variant(name, 0.9, 0.8, 1.0, cost, suite)
        for suite, costs in (("desk", (1.0, 2.0)), ("triage", (2.0, 1.0)))
        for name, cost in zip(("haiku", "opus"), costs, strict=True)
    ]

    pairs = cheapest_variants(variants)

    assert [(chosen.suite, chosen.variant) for chosen, _ in pairs] == [
        ("desk", "haiku"),
        ("triage", "opus"),
    ]


@pytest.mark.parametrize(
    "variants",
    [
        pytest.param([], id="nothing"),
        pytest.param([BEST], id="one variant"),
        pytest.param([BEST, variant("skipped", None, 0.0, 1.0, 1.0)], id="the other not judged"),
        pytest.param([BEST, variant("a", 0.9, 0.8, 1.0, 1.0, "triage")], id="one in each suite"),
    ],
)
def test_without_two_judged_variants_there_is_no_choice(variants: list[PricedVariant]) -> None:
    assert cheapest_variants(variants) == []


def test_a_run_in_which_nothing_passed_still_has_a_cheapest_variant() -> None:
    ((chosen, _),) = cheapest_variants(
        [variant("a", 0.0, 0.0, 0.3, 2.0), variant("b", 0.0, 0.0, 0.3, 1.0)]
    )

    assert chosen.variant == "b"
