"""What comparisons with a baseline mean for the exit status: the table of the gate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.app.compare.baseline_policy import judged_by_baseline
from harness.app.compare.baseline_result import BaselineCheck, FailOn
from harness.app.compare.baselines import Baseline
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.model import ChangeVerdict, Comparison
from harness.reporting.comparing.sides import RunSide, side_of
from harness.reporting.metrics import ComputedMetric
from harness.reporting.summary import RunSummary
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
        # a comparison that was refused excuses nothing
        ("ppf", "ppf", None, FailOn.REGRESSION, False, RunStatus.FAILED),
        # a failing case that the baseline does not know fails it
        ("pp", "ppf", EQUIVALENT, FailOn.REGRESSION, False, RunStatus.FAILED),
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


def test_failures_that_are_not_new_are_known_and_named_apart() -> None:
    judged = judged_by_baseline(
        check(FailOn.REGRESSION),
        summary("pff"),
        [comparison("ppf", "pff", INCONCLUSIVE)],
        ["a note"],
    )

    assert judged.known_failures == {CaseKey("test", "c2", "default")}
    assert judged.notes[0] == "a note"
    assert "1 case broken, which chance may explain" in judged.notes[-1]


def test_so_few_cases_that_nothing_could_ever_be_found_are_pointed_out() -> None:
    judged = judged_by_baseline(
        check(FailOn.REGRESSION), summary("p"), [comparison("p", "p", INCONCLUSIVE)], []
    )

    assert "so few cases and repeats can never show a regression; add some" in judged.notes


def test_after_a_rerun_only_what_it_says_and_what_stands_against_it_is_shown() -> None:
    first = comparison("ppp", "ppf", INCONCLUSIVE)
    rerun = replace(comparison("p", "f", INCONCLUSIVE), confirms=True)
    rest = comparison("pp", "pp", EQUIVALENT)

    judged = judged_by_baseline(
        check(FailOn.REGRESSION), summary("ppf"), [rerun, rest], [], first=[first]
    )

    assert judged.comparisons == (rerun,)
    assert judged.first == (first,)
