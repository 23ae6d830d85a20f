"""Cases that their own trials show to have changed."""

from __future__ import annotations

import pytest

from harness.reporting.comparing.case_changes import by_case, case_changes
from harness.reporting.comparing.pairs import pairs_of
from tests.reporting.comparing.results import Counts, side, whole


def changes(old: list[Counts], new: list[Counts]) -> dict[str, float]:
    """Return the adjusted p-values of the cases that can show a change."""
    cases = by_case(pairs_of(side("old", old), side("new", new)).values())
    return {change.key.case: change.p for change in case_changes(cases)}


def test_a_case_that_breaks_in_every_repeat_is_found() -> None:
    assert changes([(5, 5)] * 3, [(0, 5), (5, 5), (5, 5)]) == {"c0": pytest.approx(2 / 252)}


def test_cases_that_can_show_a_change_count_even_if_they_show_none() -> None:
    found = changes([(10, 10), (5, 10)], [(0, 10), (5, 10)])

    assert found["c0"] == pytest.approx(2 * 2 / 184756)
    assert found["c1"] == 1


def test_the_run_as_a_whole_shares_its_level_with_cases_that_show_no_change() -> None:
    alone = whole(side("old", [(1, 1)] * 9), side("new", [(0, 1)] * 6 + [(1, 1)] * 3))
    shared = whole(
        side("old", [(1, 1)] * 9 + [(5, 10)]), side("new", [(0, 1)] * 6 + [(1, 1)] * 3 + [(5, 10)])
    )

    assert (alone.family, shared.family) == (1, 2)
    assert alone.p == pytest.approx(2 / 2**6)
    assert shared.cases == ()
