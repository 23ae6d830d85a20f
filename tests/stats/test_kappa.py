"""Kappa and its interval: against statsmodels and scipy, and by simulation."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from scipy import stats
from scipy.optimize import minimize
from statsmodels.stats.inter_rater import cohens_kappa

from harness.stats.kappa import Cells, is_plausible, kappa_interval, kappa_of, labels_needed

ROUNDS = int(os.environ.get("TEST_ROUNDS", "40"))
LIMIT = stats.chi2.ppf(0.95, 1)


def chances(people: float, judge: float, kappa: float) -> Cells:
    """Return the chances of the cells for the shares of passes of both raters."""
    beyond = kappa * (people * (1 - judge) + judge * (1 - people)) / 2
    return Cells(
        people * judge + beyond,
        people * (1 - judge) - beyond,
        (1 - people) * judge - beyond,
        (1 - people) * (1 - judge) + beyond,
    )


def drawn(cells: Sequence[float], labels: int, source: random.Random) -> Cells:
    counts = Counter(source.choices(range(4), cells, k=labels))
    return Cells(*(counts[cell] for cell in range(4)))


def tables(seed: int, number: int) -> Iterator[Cells]:
    """Yield tables whose kappa is defined, many of them with empty cells."""
    source = random.Random(seed)
    while number:
        cells = [source.choice([0.01, 0.1, 1, 5]) for _ in range(4)]
        counts = drawn(cells, source.choice([2, 5, 20, 50, 300]), source)
        if kappa_of(counts) is not None:
            number -= 1
            yield counts


def fits(counts: Cells, kappa: float) -> bool:
    """Return whether a kappa is plausible, by the libraries."""

    def cells(margins: Sequence[float]) -> Cells:
        people, judge = (min(max(share, 1e-9), 1 - 1e-9) for share in margins)
        return chances(people, judge, kappa)

    def unlikely(margins: Sequence[float]) -> float:
        made = cells(margins)
        if min(made) <= 0:
            return 1e9
        return -float(stats.multinomial.logpmf(counts, sum(counts), [c / sum(made) for c in made]))

    starts = [(x / 8, y / 8) for x in range(1, 8) for y in range(1, 8)]
    nearest = sorted(starts, key=unlikely)[:3]
    options = {"xatol": 1e-9, "fatol": 1e-9, "maxiter": 2000}
    found = [minimize(unlikely, start, method="Nelder-Mead", options=options) for start in nearest]
    likeliest = cells(min(found, key=lambda one: float(one.fun)).x)
    expected = [sum(counts) * chance for chance in likeliest]
    statistic, _ = stats.power_divergence(counts, expected, lambda_=0.5)
    return bool(statistic * (sum(counts) - 1) / sum(counts) <= LIMIT)


def test_plausible_is_what_the_libraries_do_not_reject() -> None:
    for counts in tables(seed=1, number=12):
        for kappa in (-0.4, 0.0, 0.3, 0.6, 0.9):
            assert is_plausible(counts, kappa) is fits(counts, kappa), (counts, kappa)


def test_the_interval_has_every_kappa_that_is_plausible_and_no_other() -> None:
    for counts in tables(seed=2, number=20):
        observed, interval = kappa_of(counts), kappa_interval(counts)

        assert observed is not None
        assert interval is not None
        assert observed in interval
        for kappa in (number / 20 for number in range(-19, 20)):
            assert is_plausible(counts, kappa) is (kappa in interval), (counts, kappa)


def test_the_interval_does_not_depend_on_who_is_first_and_what_is_called_a_pass() -> None:
    counts = Cells(31, 6, 2, 11)

    exchanged = Cells(31, 2, 6, 11)
    renamed = Cells(11, 2, 6, 31)

    assert kappa_interval(counts) == kappa_interval(exchanged) == kappa_interval(renamed)


def test_of_many_labels_it_is_the_usual_interval() -> None:
    usual = cohens_kappa([[4000, 700], [500, 2800]])

    interval = kappa_interval(Cells(4000, 700, 500, 2800))

    assert interval is not None
    assert interval.low == pytest.approx(usual.kappa_low, abs=1e-3)
    assert interval.high == pytest.approx(usual.kappa_upp, abs=1e-3)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        (Cells(10, 0, 0, 10), 0.728, 1.0),
        (Cells(19, 0, 0, 1), 0.236, 1.0),
        (Cells(0, 5, 5, 0), -1.0, -0.512),
        (Cells(19, 1, 0, 0), -0.117, 0.908),
        (Cells(45, 5, 2, 8), 0.344, 0.825),
    ],
)
def test_small_tables_have_intervals_too(counts: Cells, low: float, high: float) -> None:
    interval = kappa_interval(counts)

    assert interval is not None
    assert [interval.low, interval.high] == pytest.approx([low, high], abs=1e-3)


@pytest.mark.parametrize("counts", [Cells(0, 0, 0, 0), Cells(9, 0, 0, 0), Cells(0, 0, 0, 1)])
def test_labels_that_are_all_the_same_have_no_interval(counts: Cells) -> None:
    assert kappa_of(counts) is None
    assert kappa_interval(counts) is None
    assert labels_needed(counts, 0.5) is None


@pytest.mark.parametrize("labels", [20, 50, 100, 300])
@pytest.mark.parametrize(
    ("people", "judge", "kappa"),
    [
        (0.5, 0.5, 0.2), (0.5, 0.5, 0.6), (0.5, 0.5, 0.9), (0.8, 0.8, 0.2), (0.8, 0.8, 0.6),
        (0.8, 0.8, 0.9), (0.95, 0.95, 0.2), (0.95, 0.95, 0.6), (0.95, 0.95, 0.9),
        (0.8, 0.9, 0.2), (0.8, 0.9, 0.6), (0.95, 0.9, 0.2), (0.95, 0.9, 0.6),
    ],
)  # fmt: skip
def test_the_interval_contains_the_true_kappa(
    labels: int, people: float, judge: float, kappa: float
) -> None:
    cells = chances(people, judge, kappa)
    source = random.Random(20261129)
    plausible = defined = 0

    for counts, times in Counter(drawn(cells, labels, source) for _ in range(ROUNDS)).items():
        if kappa_of(counts) is not None:
            defined += times
            plausible += times * is_plausible(counts, kappa)

    assert plausible / defined >= 0.93 - 3 * (0.07 * 0.93 / defined) ** 0.5


def test_as_many_labels_as_are_said_to_be_needed_show_it_four_times_out_of_five() -> None:
    counts, least = Cells(52, 5, 3, 20), 0.6
    needed = labels_needed(counts, least)
    source = random.Random(20261129)

    assert needed is not None
    assert sum(counts) < needed < 1000
    samples = [drawn(counts, needed, source) for _ in range(ROUNDS)]
    shown = sum((kappa_of(one) or 0) > least and not is_plausible(one, least) for one in samples)
    assert shown / ROUNDS == pytest.approx(0.8, abs=0.03 + 3 * (0.8 * 0.2 / ROUNDS) ** 0.5)


def test_no_number_of_labels_shows_a_kappa_that_is_not_there() -> None:
    assert labels_needed(Cells(40, 10, 10, 40), 0.6) is None
    assert labels_needed(Cells(40, 10, 10, 40), 0.7) is None
    assert labels_needed(Cells(40, 10, 10, 40), -1.0) is not None
