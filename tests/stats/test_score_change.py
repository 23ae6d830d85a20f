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
        alarms += score_change_p(cases) < 0.05

    assert alarms / 400 <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5
    worse: list[Scores] = [([0.9 + 0.01 * n % 0.1], [0.5, 0.6, 0.7]) for n in range(30)]
    assert score_change_p(worse) < 0.001


@pytest.mark.parametrize(("number", "size"), [(12, None), (60, 3)])
def test_few_cases_or_groups_with_unequal_repeats_keep_the_level(
    number: int, size: int | None
) -> None:
    source = random.Random(5)
    groups = None if size is None else [case // size for case in range(number)]
    alarms = 0
    for _ in range(600):
        cases: list[Scores] = [
            ([source.random() ** 4], [source.random() ** 4 for _ in range(5)])
            for _ in range(number)
        ]
        alarms += score_change_p(cases, groups) < 0.05

    assert alarms / 600 <= 0.05 + 3 * (0.05 * 0.95 / 600) ** 0.5


def test_more_repeats_than_before_hide_no_drop_of_the_score() -> None:
    drop: list[Scores] = [([1.0], [0.5, 0.6, 0.7, 0.6, 0.5])] * 12

    assert score_change_p(drop) < 0.001
    assert score_change_p(drop, [str(case // 2) for case in range(12)]) < 0.05
    assert score_change_p([(new, old) for old, new in drop]) < 0.001


def test_scores_that_are_all_alike_show_nothing() -> None:
    assert score_change_p([([1.0], [1.0, 1.0])] * 30) == 1.0
    assert score_change_p([([1.0], [1.0])] * 30) == 1.0
    assert score_change_p([]) == 1.0
