"""What comparisons with a baseline mean for the exit status: the table of the gate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.app.compare.baseline_policy import judged_by_baseline
from harness.app.compare.baseline_result import BaselineCheck, FailOn
from harness.app.compare.baselines import Baseline
from harness.app.compare.confirmation import Confirmation
from harness.app.compare.service_change import ServiceChange
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey, CaseResult
from harness.model.record import OutcomeRecord
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.model import ChangeVerdict, Comparison
from harness.reporting.comparing.sides import RunSide, side_of
from harness.reporting.metrics import ComputedMetric
from harness.reporting.summary import RunSummary
from harness.stats.distributions import Interval
from tests.support.trials import case, record, summed

REGRESSED, IMPROVED = ChangeVerdict.REGRESSED, ChangeVerdict.IMPROVED
INCONCLUSIVE, EQUIVALENT = ChangeVerdict.INCONCLUSIVE, ChangeVerdict.EQUIVALENT


def records(labels: str) -> list[OutcomeRecord]:
    """Return a trial for each letter: p passed, f failed, e errored."""
    words = {"p": "passed", "f": "failed", "e": "errored"}
    return [record(n, words[letter], of=case(f"c{n}")) for n, letter in enumerate(labels)]


def comparison(old: str, new: str, verdict: ChangeVerdict | None) -> Comparison:
    """Return a comparison of these cases, with a verdict put in."""
    (made,) = Comparer().compare([(side_of("old", records(old)), side_of("new", records(new)))])
    return replace(made, verdict=verdict)


def check(fails_on: FailOn = FailOn.FAILED, *, needs_conclusion: bool = False) -> BaselineCheck:
    return BaselineCheck(Baseline("main", {}, RunSide("main")), fails_on, needs_conclusion)


def key(case_id: str) -> CaseKey:
    return CaseKey("test", case_id, "default")


def confirmation(fresh: dict[str, tuple[int, int]], errored: int = 0) -> Confirmation:
    """Return what came of running cases again: how many of how many trials passed."""
    new = RunSide("rerun of today")
    for case_id, (passed, judged) in fresh.items():
        new.results[key(case_id)] = CaseResult(
            key(case_id), passed=passed, failed=judged - passed, errored=errored
        )
    return Confirmation(RunSide("rerun of the baseline"), new, times=5)


def summary(new: str, *metrics: ComputedMetric) -> RunSummary:
    made = summed(*records(new))
    made.computed = list(metrics)
    return made


@pytest.mark.parametrize(
    ("old", "new", "verdict", "fails_on", "needs_conclusion", "status"),
    [
        # every failed case fails the run
        ("ppp", "ppp", EQUIVALENT, FailOn.FAILED, False, RunStatus.PASSED),
        ("ppp", "ppf", INCONCLUSIVE, FailOn.FAILED, False, RunStatus.FAILED),
        ("ppf", "ppf", EQUIVALENT, FailOn.FAILED, False, RunStatus.FAILED),
        ("ppp", "ppe", INCONCLUSIVE, FailOn.FAILED, False, RunStatus.ERRORED),
        # only what is worse fails it
        ("ppf", "ppf", EQUIVALENT, FailOn.REGRESSION, False, RunStatus.PASSED),
        ("ppp", "ppf", INCONCLUSIVE, FailOn.REGRESSION, False, RunStatus.PASSED),
        ("ppp", "fff", REGRESSED, FailOn.REGRESSION, False, RunStatus.FAILED),
        ("fff", "ppp", IMPROVED, FailOn.REGRESSION, False, RunStatus.PASSED),
        ("ppp", "ppe", INCONCLUSIVE, FailOn.REGRESSION, False, RunStatus.ERRORED),
        # where no regression can be found, nothing is excused
        ("ppf", "ppf", None, FailOn.REGRESSION, False, RunStatus.FAILED),
        # a failing case that the baseline does not know is told, and fails nothing
        ("pp", "ppf", EQUIVALENT, FailOn.REGRESSION, False, RunStatus.PASSED),
        # unlike where broken cases fail
        ("pp", "ppf", EQUIVALENT, FailOn.BROKEN, False, RunStatus.FAILED),
        ("ppp", "ppf", INCONCLUSIVE, FailOn.BROKEN, False, RunStatus.FAILED),
        ("ppf", "ppf", EQUIVALENT, FailOn.BROKEN, False, RunStatus.PASSED),
        # each case is looked at alone, so one that cannot be compared changes nothing for others
        ("ppf", "ppf", None, FailOn.BROKEN, False, RunStatus.PASSED),
        ("ppp", "ppf", None, FailOn.BROKEN, False, RunStatus.FAILED),
        # an error in the baseline is no evidence that a case failed before
        ("ppe", "ppf", EQUIVALENT, FailOn.BROKEN, False, RunStatus.FAILED),
        # a regression fails it though no case fails by itself
        ("ppp", "ppp", REGRESSED, FailOn.FAILED, False, RunStatus.FAILED),
        # without a conclusion
        ("ppp", "ppp", INCONCLUSIVE, FailOn.FAILED, True, RunStatus.INCONCLUSIVE),
        ("ppp", "ppp", None, FailOn.FAILED, True, RunStatus.INCONCLUSIVE),
        ("ppp", "ppp", INCONCLUSIVE, FailOn.FAILED, False, RunStatus.PASSED),
        ("ppp", "ppf", INCONCLUSIVE, FailOn.FAILED, True, RunStatus.FAILED),
    ],
)
def test_the_exit_status_follows_from_verdicts_and_cases(  # a row of the table
    old: str,
    new: str,
    verdict: ChangeVerdict | None,
    fails_on: FailOn,
    needs_conclusion: bool,
    status: RunStatus,
) -> None:
    judged = judged_by_baseline(
        check(fails_on, needs_conclusion=needs_conclusion),
        summary(new),
        [comparison(old, new, verdict)],
        [],
    )

    assert judged.status is status
    assert judged.exit_code is status.exit_code


@pytest.mark.parametrize(
    ("metric", "status"),
    [
        (ComputedMetric("test", "default", "f1", 0.5, min=0.8), RunStatus.FAILED),
        (ComputedMetric("test", "default", "f1", None, "no tp"), RunStatus.ERRORED),
        (ComputedMetric("test", "default", "f1", 0.9, min=0.8), RunStatus.PASSED),
        (
            ComputedMetric("test", "default", "f1", 0.5, min=0.8, ended=1, cases=40),
            RunStatus.PASSED,
        ),
    ],
)
def test_no_baseline_excuses_the_limits_of_a_metric(
    metric: ComputedMetric, status: RunStatus
) -> None:
    judged = judged_by_baseline(
        check(FailOn.REGRESSION), summary("pp", metric), [comparison("pp", "pp", EQUIVALENT)], []
    )

    assert judged.status is status


def test_failing_cases_are_told_by_what_the_baseline_has_of_them() -> None:
    judged = judged_by_baseline(
        check(FailOn.REGRESSION),
        summary("pff"),
        [comparison("ppf", "pff", INCONCLUSIVE)],
        ["a note"],
    )

    assert judged.known_failures == {key("c1"), key("c2")}
    assert judged.notes == (
        "a note",
        "so few cases and repeats can never show a regression; add some",
        "known failures, not counted: 1 case (test::c2)",
        "broken, not counted because only a regression fails this run: 1 case (test::c1)",
    )
    assert judged.reasons == ()


def test_what_broke_fails_a_gate_on_broken_cases_and_what_failed_before_does_not() -> None:
    judged = judged_by_baseline(
        check(FailOn.BROKEN), summary("pffp"), [comparison("ppfp", "pffp", INCONCLUSIVE)], []
    )

    assert judged.status is RunStatus.FAILED
    assert judged.reasons == ("1 case broke: test::c1",)
    assert judged.known_failures == {key("c2")}


def test_what_passes_when_it_is_run_again_did_not_break() -> None:
    judged = judged_by_baseline(
        check(FailOn.BROKEN),
        summary("fff"),
        [comparison("pppp", "fff", INCONCLUSIVE)],
        [],
        confirmation=confirmation({"c0": (5, 5), "c1": (1, 5), "c2": (3, 5)}),
    )

    assert judged.reasons == ("1 case broke: test::c1",)
    assert judged.known_failures == {key("c0"), key("c2")}
    passed = "failed and passed again, not counted: 2 cases (test::c0, test::c2)"
    assert passed in judged.notes


def test_a_case_that_errors_when_it_is_run_again_is_not_excused() -> None:
    again = confirmation({"c0": (0, 0)}, errored=5)

    judged = judged_by_baseline(
        check(FailOn.BROKEN),
        summary("fp"),
        [comparison("pp", "fp", INCONCLUSIVE)],
        [],
        confirmation=again,
    )

    assert judged.reasons == ("1 case broke: test::c0",)
    assert again.failed_again == frozenset()
    assert again.unanswered == {key("c0")}
    assert again.sentence().endswith("none fails again; only errors came of test::c0")


def test_a_request_of_the_baseline_that_fails_now_is_named_and_its_case_still_fails() -> None:
    old = confirmation({"c0": (0, 5)}).new
    again = replace(confirmation({"c0": (0, 5)}), old=old)

    judged = judged_by_baseline(
        check(FailOn.BROKEN),
        summary("fp"),
        [comparison("pp", "fp", INCONCLUSIVE)],
        [],
        confirmation=again,
    )

    assert judged.status is RunStatus.FAILED
    assert any(
        note == "the baseline's own request fails now too, so the prompt is not to blame: test::c0"
        for note in judged.notes
    )


def test_a_service_that_changed_fails_no_run() -> None:
    change = ServiceChange(-0.2, Interval(-0.3, -0.1), 20)
    again = replace(confirmation({"c0": (5, 5)}), service=change)

    judged = judged_by_baseline(
        check(FailOn.BROKEN),
        summary("fp"),
        [comparison("pp", "fp", INCONCLUSIVE)],
        [],
        confirmation=again,
    )

    assert judged.status is RunStatus.PASSED
    assert change.sentence() in judged.notes


def test_so_few_cases_that_nothing_could_ever_be_found_are_pointed_out() -> None:
    judged = judged_by_baseline(
        check(FailOn.REGRESSION), summary("p"), [comparison("p", "p", INCONCLUSIVE)], []
    )

    assert "so few cases and repeats can never show a regression; add some" in judged.notes


def test_what_fails_a_run_by_its_fresh_trials_is_not_called_uncounted() -> None:
    again = confirmation({"c0": (0, 5)})
    whole = comparison("pppp", "fppp", INCONCLUSIVE)

    result = judged_by_baseline(
        check(FailOn.REGRESSION),
        summary("fppp"),
        [whole],
        [],
        confirmation=again,
        rerun=replace(whole, verdict=REGRESSED),
    )

    assert result.status is RunStatus.FAILED
    assert result.known_failures == frozenset()
    assert not any("not counted" in note for note in result.notes)
    assert "1 case broke: test::c0" in result.reasons


def test_variants_that_passed_again_are_named_apart_from_those_that_fail_the_run() -> None:
    one = case("c0")
    before, now = (
        [record(n, label, of=one, variant=f"v{n}") for n in range(3)]
        for label in ("passed", "failed")
    )
    (made,) = Comparer().compare([(side_of("old", before), side_of("new", now))])
    keys = [CaseKey("test", "c0", f"v{n}") for n in range(3)]
    fresh = {
        key_: CaseResult(key_, passed=5 * (n == 2), failed=5 * (n != 2))
        for n, key_ in enumerate(keys)
    }

    result = judged_by_baseline(
        check(FailOn.BROKEN),
        summed(*now),
        [made],
        [],
        confirmation=Confirmation(RunSide("old"), RunSide("new", fresh), times=5),
    )

    assert "failed and passed again, not counted: 1 case (test::c0[v2])" in result.notes
