"""Adjusted p-values, against statsmodels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats import multitest

from harness.stats.families import benjamini_hochberg, holm

MANY = settings(max_examples=500)
PS = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@pytest.mark.slow
@settings(max_examples=50)  # statsmodels takes its time for this one
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
