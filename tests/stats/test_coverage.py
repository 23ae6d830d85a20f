"""How often intervals contain the true value: enumerated exactly where results can be counted.

Without `TEST_ROUNDS` a thin slice is tried. `TEST_ROUNDS=2000` takes minutes, tries the whole grid
and makes the table of `docs/statistics.md` again.
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.stats.rates import rate_interval, wilson_interval

ROUNDS = int(os.environ.get("TEST_ROUNDS", "0"))
PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"
LEAST = 0.93
STEP = 0.001 if ROUNDS else 0.01
CHANCES = [share * STEP for share in range(round(0.5 / STEP), round(1 / STEP))] + [0.999, 0.9995]
CASES = [*range(1, 101), 150, 200, 500, 1000] if ROUNDS else [1, 2, 5, 10, 20, 50, 54]
REPEATS = [1, 2, 3, 5, 10] if ROUNDS else [1, 3, 5]

Floats = NDArray[np.float64]
Mixture = Sequence[tuple[float, float]]  # shares of the cases, and their chance to pass

MIXTURES: dict[str, Mixture] = {
    "most pass, a fifth is broken": [(0.8, 0.97), (0.2, 0.02)],
    "sure, flaky and broken": [(0.7, 1.0), (0.2, 0.5), (0.1, 0.0)],
    "hardly any is flaky": [(0.97, 1.0), (0.03, 0.3)],
    "hardly any is broken": [(0.98, 0.999), (0.02, 0.0)],
    "all are a little flaky": [(0.5, 0.99), (0.5, 0.9)],
    "chances spread evenly": [(0.05, (number + 0.5) / 20) for number in range(20)],
}


def binomial(trials: int, chance: float) -> Floats:
    """Return the probabilities of 0 to `trials` passes."""
    points = [math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k)
              for k in range(trials + 1)]  # fmt: skip
    return np.array(points)


def passes_of_all(of_one_case: Floats, cases: int) -> Floats:
    """Return the probabilities of the passes of all cases, from those of one."""
    total, power = np.ones(1), of_one_case
    while cases:
        if cases & 1:
            total = np.convolve(total, power)
        power, cases = np.convolve(power, power), cases >> 1
    return total


@cache
def intervals(cases: int, repeats: int) -> tuple[Floats, Floats]:
    """Return the ends of the interval for each number of passes."""
    rates = [rate_interval(k / repeats, cases) for k in range(cases * repeats + 1)]
    return np.array([rate.low for rate in rates]), np.array([rate.high for rate in rates])


def critical_chances(lows: Floats, highs: Floats) -> list[float]:
    """Return chances at which coverage can be least: on both sides of where intervals begin or end.

    Between two ends the same results cover, and their probability has no minimum in between. The
    chances below a half are those above, mirrored.
    """
    ends = {float(end) for end in (*lows, *highs) if 0.5 <= end < 1}
    return [end + aside for end in ends for aside in (-1e-10, 1e-10)]


def coverage(mixture: Mixture, cases: int, repeats: int) -> float:
    """Return how often the interval contains the mean chance of the population, exactly."""
    mean = sum(share * chance for share, chance in mixture)
    of_one = sum(share * binomial(repeats, chance) for share, chance in mixture)
    lows, highs = intervals(cases, repeats)
    covers = (lows <= mean + 1e-12) & (mean <= highs + 1e-12)
    return float(passes_of_all(np.asarray(of_one), cases)[covers].sum())


def worst(cases: int, repeats: int) -> tuple[float, str]:
    """Return the least coverage over chances and mixtures, and where it is."""
    tried: list[tuple[str, Mixture]] = list(MIXTURES.items())
    of_one_repeat = critical_chances(*intervals(cases, 1)) if repeats == 1 else []
    for chance in [*CHANCES, *of_one_repeat]:
        tried.append((f"each passes with {chance:.4g}", [(1, chance)]))
        if repeats > 1:
            tried.append((f"{chance:.4g} always pass", [(chance, 1.0), (1 - chance, 0.0)]))
            tried.append((f"{chance:.4g} sure, others half", [(chance, 1.0), (1 - chance, 0.5)]))
    return min((coverage(mixture, cases, repeats), name) for name, mixture in tried)


@pytest.mark.parametrize("repeats", REPEATS)
@pytest.mark.parametrize("cases", CASES)
def test_the_interval_of_a_rate_contains_it_often_enough(cases: int, repeats: int) -> None:
    least, where = worst(cases, repeats)

    assert least >= LEAST, where


def test_plain_wilson_intervals_of_few_cases_do_not() -> None:
    passes = binomial(15, 0.7)
    covers = [0.7 in wilson_interval(k, 15) for k in range(16)]

    assert passes[covers].sum() < 0.915


def metric_values(random_: random.Random, kind: str) -> float:
    if kind == "mostly perfect":
        return 1.0 if random_.random() < 0.9 else random_.random()
    if kind == "graded from 1 to 5":
        return random_.choices(range(5), [1, 1, 2, 6, 10])[0] / 4
    if kind == "high and spread":
        return random_.betavariate(2, 1)
    return random_.betavariate(0.5, 0.2)


METRICS = {
    "mostly perfect": 0.95,
    "graded from 1 to 5": (1 + 4 + 18 + 40) / 80,
    "high and spread": 2 / 3,
    "near 0 or 1": 0.5 / 0.7,
}


@pytest.mark.parametrize("cases", [5, 10, 20, 50])
@pytest.mark.parametrize("kind", METRICS)
def test_the_interval_of_a_metric_from_0_to_1_contains_its_mean_often_enough(
    kind: str, cases: int
) -> None:
    rounds, random_ = ROUNDS or 200, random.Random(20_000 + cases)
    hits = 0
    for _ in range(rounds):
        total = sum(metric_values(random_, kind) for _ in range(cases))
        hits += METRICS[kind] in rate_interval(total, cases)

    assert hits / rounds >= LEAST


def test_the_documentation_shows_the_least_coverage() -> None:
    rows = []
    for cases in (2, 5, 8, 10, 15, 20, 30, 49, 50, 54, 100, 200)[: None if ROUNDS else 4]:
        least = min(worst(cases, repeats)[0] for repeats in (1, 3, 5))
        of_mixtures = [worst_of_mixtures(cases, repeats) for repeats in (1, 3, 5)]
        figures = [
            f"{100 * share:.1f} %" for share in (least, *of_mixtures, worst_of_wilson(cases))
        ]
        rows.append(f"| {cases} | {' | '.join(figures)} |")

    assert "\n".join(rows) in PAGE.read_text("utf-8")


def worst_of_mixtures(cases: int, repeats: int) -> float:
    """Return the least coverage over mixtures of flaky and broken cases."""
    return min(coverage(mixture, cases, repeats) for mixture in MIXTURES.values())


def worst_of_wilson(cases: int) -> float:
    """Return the least coverage of Wilson's interval without the correction."""
    ends = [wilson_interval(passed, cases) for passed in range(cases + 1)]
    lows, highs = (np.array(side) for side in zip(*((e.low, e.high) for e in ends), strict=True))
    return min(
        float(binomial(cases, chance)[(lows <= chance) & (chance <= highs)].sum())
        for chance in critical_chances(lows, highs)
    )
