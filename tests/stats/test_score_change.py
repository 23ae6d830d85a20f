"""Scores of the same cases in two runs."""

from __future__ import annotations

import random

import pytest
from scipy import stats

from harness.stats.score_change import Scores, score_change_p


def test_equal_repeats_flip_the_signs_of_the_cases() -> None:
    source = random.Random(2)
    cases: list[Scores] = [([source.random()], [source.random()]) for _ in range(10)]
    differences = [new[0] - old[0] for old, new in cases]

    expected = stats.permutation_test(
        (differences,), lambda d: d.mean(), permutation_type="samples", n_resamples=5000
    ).pvalue

    assert score_change_p(cases) == pytest.approx(expected, abs=1e-9)


def test_unequal_repeats_permute_the_trials_of_each_case() -> None:
    source = random.Random(4)
    alarms = 0
    for _ in range(400):
        cases: list[Scores] = [
            ([source.random() ** 4], [source.random() ** 4 for _ in range(5)]) for _ in range(40)
        ]
        p = score_change_p(cases)
        assert p is not None
        alarms += p < 0.05

    assert alarms / 400 <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5
    worse: list[Scores] = [([0.9 + 0.01 * n % 0.1], [0.5, 0.6, 0.7]) for n in range(30)]
    assert (score_change_p(worse) or 1.0) < 0.001


def test_too_few_cases_or_groups_with_unequal_repeats_have_no_p_value() -> None:
    cases: list[Scores] = [([0.1], [0.2, 0.3])] * 5

    assert score_change_p(cases) is None
    assert score_change_p(cases * 10, [str(n // 2) for n in range(50)]) is None


def test_scores_that_are_all_alike_show_nothing() -> None:
    assert score_change_p([([1.0], [1.0, 1.0])] * 30) == 1.0
    assert score_change_p([([1.0], [1.0])] * 30) == 1.0
    assert score_change_p([]) == 1.0
