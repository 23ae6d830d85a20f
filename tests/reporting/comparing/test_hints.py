"""Which drop a comparison would have found, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.reporting.comparing.decision import ALPHA
from harness.reporting.comparing.hints import Hint, design_of, points_of, power_in_words
from harness.stats.power import drop_found
from harness.stats.stratified import Repeats
from tests.reporting.comparing.results import in_variants, whole

DOCS = Path(__file__).parents[3] / "docs"
PASSED, FLIPPED = Repeats(1, 1, 1, 1), Repeats(1, 1, 0, 1)


def words(repeats: list[Repeats], margin: float = 0.05) -> str:
    design = design_of(repeats, None, 0.05)
    return power_in_words(design, drop_found(design), margin)


def test_the_hint_names_a_drop_and_what_finds_a_small_one() -> None:
    hint = words([PASSED] * 46 + [FLIPPED] * 4)

    assert hint.startswith("this run would have found a drop of ")
    assert " points 4 times of 5; to find 5 points: " in hint
    assert " cases x 1 repeat or 50 cases x " in hint


def test_a_run_that_finds_the_margin_needs_no_more() -> None:
    hint = words([Repeats(10, 10, 10, 10)] * 100)

    assert hint == "this run would have found a drop of 1 point 4 times of 5"


def test_so_few_cases_find_no_drop_and_say_what_would() -> None:
    hint = words([PASSED] * 3)

    assert hint.startswith("with 3 cases this run cannot find a drop, however large; to find 5")


def test_cases_in_several_variants_are_counted_once() -> None:
    in_twelve = in_variants("old", {f"v{n}": [(1, 1)] * 2 for n in range(12)})

    hint = whole(in_twelve, in_twelve).hint

    assert hint is not None
    assert " cases x 12 variants x 1 repeat" in hint.words
    assert "2 cases x 12 variants x " in hint.words


def test_without_cases_there_is_nothing_to_say() -> None:
    assert words([]) == ""


def test_single_trials_that_never_changed_are_taken_to_vary_a_little() -> None:
    assert design_of([PASSED] * 20, None, 0.05).variance == pytest.approx(0.5 / 20)
    assert design_of([Repeats(5, 5, 5, 5)] * 20, None, 0.05).variance == 0


def test_the_variance_is_that_of_a_repeat_within_its_case() -> None:
    design = design_of([Repeats(5, 10, 5, 10), Repeats(10, 10, 10, 10)], None, 0.05)

    assert design.variance == pytest.approx((0.25 * 20 / 18) / 2)
    assert design.rate == pytest.approx(0.75)
    assert design.repeats == {(10, 10): 2}


@pytest.mark.parametrize(
    ("drop", "text"), [(0.051, "6 points"), (0.05, "5 points"), (0.004, "1 point")]
)
def test_a_drop_is_rounded_up_to_whole_points(drop: float, text: str) -> None:
    assert points_of(drop) == text


def test_the_example_of_the_docs_is_what_fifty_cases_say_of_which_four_changed() -> None:
    changed = [(True, False)] * 2 + [(False, True)] * 2
    same = [(True, True)] * 45 + [(False, False)]
    cases = [Repeats(old, 1, new, 1) for old, new in changed + same]
    design = design_of(cases, None, ALPHA)

    hint = Hint(design, 0.05).words

    assert hint in (DOCS / "comparing.md").read_text()
