from __future__ import annotations

from typing import Any

import pytest

from harness.model.outcome import Judgement, Verdict, judge_trial
from tests.support.trials import case, expectation

PASS, FAIL = Verdict.passing("yes"), Verdict.failing("no")
HALF = Verdict(passed=False, score=0.5, reason="half")
ERROR = Verdict.errored("cannot say")


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
        (0.1, [PASS, ERROR], "errored", 0.5),
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
