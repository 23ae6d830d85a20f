"""What fresh trials of cases that flipped say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.app.compare.confirmation import Confirmation, flipped
from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.comparing.sides import RunSide
from tests.reporting.comparing.results import Counts, case_result, side, side_with, whole

KEY = CaseKey("s", "c0", "default")


def fresh(counts: Counts, **fields: Any) -> Confirmation:
    new = side_with("rerun of today", case_result("c0", counts, **fields))
    return Confirmation(RunSide("rerun of the baseline"), new, times=counts[1])


@pytest.mark.parametrize(
    ("counts", "pass_rate", "fails"),
    [
        ((0, 5), 1.0, True),
        ((2, 5), 1.0, True),
        ((3, 5), 1.0, False),  # flaky, but no longer broken
        ((5, 5), 1.0, False),
        ((0, 1), 1.0, True),
        ((1, 2), 1.0, False),
        ((2, 5), 0.4, False),  # as often as it has to
    ],
)
def test_a_case_fails_again_if_most_fresh_trials_fail(
    counts: Counts, pass_rate: float, fails: bool
) -> None:
    confirmation = fresh(counts, pass_rate=pass_rate)

    assert (KEY in confirmation.failed_again) is fails
    assert (KEY in confirmation.passed_again) is not fails


def test_the_sentence_counts_the_variants_of_a_case_as_one() -> None:
    new = side_with(
        "new",
        *(case_result("c0", (0, 5), variant) for variant in ("a", "b")),
        case_result("c1", (5, 5)),
    )
    old = side_with("old", *(case_result("c0", (5, 5), variant) for variant in ("a", "b")))

    sentence = Confirmation(old, new, times=5).sentence()

    assert sentence == (
        "of the 2 cases that were run again 5 times, 1 fails again:"
        " s::c0 0/10 (10/10 with the baseline's request)"
    )


def test_a_single_case_is_one_case() -> None:
    assert fresh((5, 5)).sentence() == (
        "of the 1 case that was run again 5 times, none fails again"
    )


def test_a_case_that_fails_with_the_old_request_too_is_told() -> None:
    both = Confirmation(
        side_with("old", case_result("c0", (1, 5))),
        side_with("new", case_result("c0", (0, 5))),
        times=5,
    )

    assert both.old_request_fails == {KEY}
    assert fresh((0, 5)).old_request_fails == frozenset()


def test_a_fixed_case_that_fails_when_it_is_asked_again_is_not_broken() -> None:
    relapsed = replace(fresh((0, 5)), fixed=frozenset({KEY}), old=side("old", [(0, 5)]))

    assert relapsed.failed_again == relapsed.old_request_fails == frozenset()
    assert relapsed.sentence() == (
        "of the 1 case that was run again 5 times, none fails again; not fixed after all: s::c0 0/5"
        " (0/5 with the baseline's request)"
    )


def test_there_is_nothing_to_compare_without_an_answer_on_both_sides() -> None:
    answered = replace(fresh((0, 5)), old=side("old", [(5, 5)]))
    errored = replace(fresh((0, 5), errored=5), old=side("old", [(5, 5)]))

    assert answered.has_both_sides
    assert not errored.has_both_sides
    assert not fresh((0, 5)).has_both_sides


def test_broken_and_fixed_cases_flip_whatever_other_cases_are_missing() -> None:
    old, new = side("old", [(1, 1), (0, 1), (1, 1)]), side("new", [(0, 1), (1, 1), (1, 1)])
    partial = whole(old, side("new", [(0, 1)]))

    assert {key.case for key in flipped(whole(old, new))} == {"c0", "c1"}
    assert partial.verdict is None
    assert {key.case for key in flipped(partial)} == {"c0"}


def test_a_flaky_case_flips_if_most_trials_passed_on_one_side_only() -> None:
    old, new = side("old", [(2, 3), (2, 3)]), side("new", [(0, 3), (2, 3)])

    assert {key.case for key in flipped(whole(old, new))} == {"c0"}


def test_variants_that_pass_again_are_not_counted_among_those_that_fail_again() -> None:
    results = {
        CaseKey("s", "c4", f"v{n}"): CaseResult(
            CaseKey("s", "c4", f"v{n}"), passed=1 if n < 9 else 3, failed=4 if n < 9 else 2
        )
        for n in range(12)
    }

    sentence = Confirmation(RunSide("old"), RunSide("new", results), times=5).sentence()

    assert sentence.endswith("1 fails again: s::c4 in 9 of 12 variants 9/45")
