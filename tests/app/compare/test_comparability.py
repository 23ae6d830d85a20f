from __future__ import annotations

from harness.app.compare.comparability import comparable_pair
from harness.app.compare.confirmation import flipped
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.sides import RunSide, side_of
from tests.support.trials import case, record

A, B = (CaseKey("test", name, "default") for name in "ab")


def edited(expectations: str, label: str) -> OutcomeRecord:
    """Return a trial of the case `b` with such expectations."""
    trial = record(1, label, of=case("b"))
    trial["fingerprints"] = {"expectations": expectations}
    return trial


def sides() -> tuple[RunSide, RunSide]:
    """Return two sides on which `a` broke, and `b` was edited and fails."""
    old = [record(0, of=case("a")), edited("1", "passed")]
    new = [record(0, "failed", of=case("a")), edited("2", "failed")]
    return side_of("old", old), side_of("new", new)


def test_each_case_is_looked_at_alone() -> None:
    old, new = sides()

    assert comparable_pair(old, new, A) is not None
    assert comparable_pair(old, new, B) is None


def test_a_case_that_only_one_side_has_cannot_be_compared() -> None:
    old, new = sides()

    assert comparable_pair(old, RunSide("new"), A) is None
    assert comparable_pair(RunSide("old"), new, A) is None


def test_what_flipped_is_known_though_another_case_gives_no_verdict() -> None:
    (whole, *_) = Comparer().compare_run(*sides())

    assert whole.verdict is None
    assert flipped(whole) == {A}
