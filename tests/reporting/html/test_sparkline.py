"""Charts of a value from run to run."""

from __future__ import annotations

import re

import pytest

from harness.reporting.html.sparkline import Series, sparkline


@pytest.mark.parametrize(
    ("values", "points"),
    [
        ([0.0, 1.0], "4.0,32.0 164.0,4.0"),
        ([0.5], "84.0,18.0"),
        ([None, 0.0, None], "84.0,32.0"),
        ([], ""),
    ],
)
def test_a_line_goes_from_left_to_right_and_up_with_its_values(
    values: list[float | None], points: str
) -> None:
    drawn = sparkline(Series(values, lowest=0.0, highest=1.0), "x")

    assert f'<polyline class="line" points="{points}"/>' in drawn


def test_the_axis_fits_the_values_where_no_ends_are_set() -> None:
    drawn = sparkline(Series([10.0, 30.0, 20.0]), "x")

    assert '<polyline class="line" points="4.0,32.0 84.0,4.0 164.0,18.0"/>' in drawn


def test_equal_values_are_a_line_in_the_middle() -> None:
    drawn = sparkline(Series([5.0, 5.0]), "x")

    assert '<polyline class="line" points="4.0,18.0 164.0,18.0"/>' in drawn


@pytest.mark.parametrize(("values", "corners"), [([0.5, 0.5], 4), ([0.5], 0), ([None, 0.5], 0)])
def test_intervals_are_a_band_where_there_are_two_values(
    values: list[float | None], corners: int
) -> None:
    drawn = sparkline(Series(values, [(0.0, 1.0)] * len(values)), "x")

    bands = re.findall(r'class="band" points="([^"]*)"', drawn)
    assert [len(points.split()) for points in bands] == ([corners] if corners else [])


def test_the_newest_value_has_a_dot_and_the_chart_a_label() -> None:
    drawn = sparkline(Series([0.0, 1.0, None], lowest=0.0, highest=1.0), "a < b")

    assert 'aria-label="a &lt; b"' in drawn
    assert '<circle class="dot" cx="84.0" cy="4.0" r="3"/>' in drawn
