from __future__ import annotations

from typing import Any, cast

import pytest

from harness.app.compare.baseline_result import FailOn
from harness.app.compare.failure_kind import FailureKind, failure_kind
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.reporting.comparing.sides import RunSide, side_of
from tests.support.trials import case, record

KEY = CaseKey("test", "a", "default")


def trials(labels: str, name: str = "a", **changes: Any) -> list[OutcomeRecord]:
    """Return the repeats of a case, a letter each: p passed, f failed, e errored."""
    words = {"p": "passed", "f": "failed", "e": "errored"}
    repeats = [
        record(n, words[label], of=case(name), repeat=n + 1, repeats=len(labels))
        for n, label in enumerate(labels)
    ]
    return [cast("OutcomeRecord", {**repeat, **changes}) for repeat in repeats]


def kind(old: list[OutcomeRecord], new: list[OutcomeRecord]) -> FailureKind:
    return failure_kind(side_of("old", old), side_of("new", new), KEY)


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ("p", FailureKind.BROKEN),
        ("f", FailureKind.KNOWN),
        ("pf", FailureKind.KNOWN),
        # errors say nothing of what the reply was
        ("pe", FailureKind.BROKEN),
        ("fe", FailureKind.KNOWN),
        ("e", FailureKind.NEW),
    ],
)
def test_a_failing_case_is_told_by_what_it_was_in_the_baseline(
    old: str, expected: FailureKind
) -> None:
    assert kind(trials(old), trials("f")) is expected


def test_a_case_that_the_baseline_does_not_have_is_new() -> None:
    assert kind(trials("f", "other"), trials("f")) is FailureKind.NEW


@pytest.mark.parametrize("what", ["inputs", "expectations"])
def test_a_case_with_other_inputs_or_assertions_is_new(what: str) -> None:
    old, new = ([*trials("f", fingerprints={what: value})] for value in ("1", "2"))

    assert kind(old, new) is FailureKind.NEW


def test_that_other_cases_cannot_be_compared_changes_nothing() -> None:
    old, new = (
        [*trials("f"), *trials("f", "other", fingerprints={"inputs": value})]
        for value in ("1", "2")
    )

    assert kind(old, new) is FailureKind.KNOWN


def test_a_case_that_another_judge_judged_is_new() -> None:
    old, new = side_of("old", trials("f")), side_of("new", trials("f"))
    new.judge = "another"

    assert failure_kind(old, new, KEY) is FailureKind.NEW


def test_a_case_that_did_not_run_is_new() -> None:
    assert failure_kind(side_of("old", trials("f")), RunSide("new"), KEY) is FailureKind.NEW


@pytest.mark.parametrize(
    ("fails_on", "failing"),
    [
        (FailOn.FAILED, set(FailureKind)),
        (FailOn.BROKEN, {FailureKind.BROKEN, FailureKind.NEW}),
        (FailOn.REGRESSION, set()),
    ],
)
def test_what_fails_a_run_by_itself(fails_on: FailOn, failing: set[FailureKind]) -> None:
    assert {kind for kind in FailureKind if kind.fails_run(fails_on)} == failing
