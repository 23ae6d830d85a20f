from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model.outcome import Judgement, Verdict, has_certain_score, judge_trial
from tests.support.trials import case, expectation

PASS, FAIL = Verdict.passing("yes"), Verdict.failing("no")
HALF = Verdict(passed=False, score=0.5, reason="half")
ERROR = Verdict.errored("cannot say")
OPEN = replace(FAIL, score_range=(0.0, 0.5))


def judged(*verdicts: Verdict, **changes: Any) -> list[Judgement]:
    return [Judgement(expectation(**changes), verdict) for verdict in verdicts]


@pytest.mark.parametrize(
    ("threshold", "verdicts", "label", "score"),
    [
        (None, [PASS, PASS], "passed", 1.0),
        (None, [PASS, FAIL], "failed", 0.5),
        (None, [HALF], "failed", 0.5),
        (0.5, [PASS, FAIL], "passed", 0.5),
        (0.6, [PASS, FAIL], "failed", 0.5),
        (0.75, [PASS, HALF], "passed", 0.75),
        (0.0, [FAIL], "passed", 0.0),
        (None, [PASS, ERROR], "errored", 0.5),
        (None, [FAIL, ERROR], "failed", 0.0),
        (None, [ERROR, FAIL], "failed", 0.0),
        (None, [ERROR, ERROR], "errored", 0.0),
        (0.1, [PASS, ERROR], "errored", 0.5),
        (0.5, [FAIL, ERROR], "errored", 0.0),
        (0.6, [FAIL, ERROR], "failed", 0.0),
        (0.75, [HALF, ERROR], "errored", 0.25),
        (0.76, [HALF, ERROR], "failed", 0.25),
        (0.5, [OPEN], "errored", 0.0),
        (0.6, [OPEN], "failed", 0.0),
        (None, [OPEN], "failed", 0.0),
        (None, [], "unjudged", None),
    ],
)
def test_verdicts_make_an_outcome(
    threshold: float | None, verdicts: list[Verdict], label: str, score: float | None
) -> None:
    assert judge_trial(case(threshold=threshold), judged(*verdicts)) == (label, score)


def test_a_score_is_weighted() -> None:
    judgements = [*judged(PASS, weight=3.0), *judged(FAIL, weight=1.0)]

    assert judge_trial(case(threshold=0.7), judgements) == ("passed", 0.75)


@pytest.mark.parametrize("change", [{"weight": 0.0}, {"is_warning": True}])
@pytest.mark.parametrize("verdict", [FAIL, ERROR])
def test_what_is_only_shown_never_decides(change: dict[str, object], verdict: Verdict) -> None:
    judgements = [*judged(PASS), *judged(verdict, **change)]

    assert judge_trial(case(), judgements) == ("passed", 1.0)
    assert judge_trial(case(), judged(PASS, **change)) == ("unjudged", None)


def test_a_mean_of_tenths_reaches_a_threshold_of_tenths() -> None:
    tenths = [Verdict(passed=False, score=score, reason="") for score in (0.7, 0.8, 0.9)]

    assert judge_trial(case(threshold=0.8), judged(*tenths))[0] == "passed"


def test_an_error_counts_in_full_by_its_weight_before_a_trial_has_failed_for_certain() -> None:
    heavy = [*judged(FAIL), *judged(ERROR, weight=3.0)]
    light = [*judged(FAIL, weight=3.0), *judged(ERROR)]

    assert judge_trial(case(threshold=0.75), heavy) == ("errored", 0.0)
    assert judge_trial(case(threshold=0.75), light) == ("failed", 0.0)


@pytest.mark.parametrize(
    ("verdict", "is_certain"), [(PASS, True), (FAIL, True), (ERROR, False), (OPEN, False)]
)
def test_a_score_is_certain_if_everything_in_it_could_be_judged(
    verdict: Verdict, is_certain: bool
) -> None:
    assert has_certain_score(judged(PASS, verdict)) is is_certain
    assert has_certain_score([*judged(PASS), *judged(verdict, weight=0.0)])
