"""Adjusted p-values, against statsmodels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats import multitest

from harness.stats.families import attainable, benjamini_hochberg, first_and_others, holm

MANY = settings(max_examples=500)
PS = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@pytest.mark.slow
@settings(max_examples=15)  # statsmodels takes a quarter of a second for each
@given(PS)
def test_holms_adjustment_is_that_of_statsmodels(ps: list[float]) -> None:
    assert holm(ps) == pytest.approx(list(multitest.multipletests(ps, method="holm")[1]))


@MANY
@given(PS)
def test_holms_adjustment_is_what_rejecting_step_by_step_comes_to(ps: list[float]) -> None:
    steps = {p: min(1.0, p * sum(other >= p for other in ps)) for p in ps}

    assert holm(ps) == pytest.approx([max(steps[q] for q in ps if q <= p) for p in ps])


@pytest.mark.slow
@MANY
@given(PS)
def test_benjamini_and_hochbergs_adjustment_is_that_of_statsmodels(ps: list[float]) -> None:
    assert benjamini_hochberg(ps) == pytest.approx(
        list(multitest.multipletests(ps, method="fdr_bh")[1])
    )


def test_an_empty_family_has_no_p_values() -> None:
    assert holm([]) == benjamini_hochberg([]) == []


def test_tests_that_can_never_be_significant_are_not_counted() -> None:
    assert attainable([0.001, 1.0, 0.02, 0.5], 0.05) == [True, False, True, False]
    assert attainable([0.03, 0.04], 0.05) == [False, False] or attainable([0.03], 0.05) == [True]
    assert attainable([], 0.05) == []


def test_a_first_question_alone_keeps_the_whole_level() -> None:
    assert first_and_others(0.04, [[], []]) == [[0.04], [], []]


def test_other_families_share_what_the_first_question_leaves() -> None:
    (first,), others, more = first_and_others(0.5, [[0.004, 0.3], [0.001]])

    assert first == pytest.approx(0.625)
    assert others == pytest.approx([0.04, 0.625])
    assert more == pytest.approx([0.01])


def test_once_the_first_question_is_answered_its_level_goes_to_the_others() -> None:
    (first,), others, _ = first_and_others(0.01, [[0.02, 0.3], [0.5]])

    assert first == pytest.approx(0.0125)
    assert others == pytest.approx([0.04, 0.6])


def test_any_false_alarm_is_as_rare_as_the_level_says() -> None:
    import random

    source, alarms = random.Random(3), 0
    for _ in range(4000):
        families = [holm([source.random() for _ in range(size)]) for size in (1, 7, 3)]
        adjusted = first_and_others(source.random(), families)
        alarms += any(p < 0.05 for family in adjusted for p in family)

    assert alarms / 4000 <= 0.05 + 3 * (0.05 * 0.95 / 4000) ** 0.5
