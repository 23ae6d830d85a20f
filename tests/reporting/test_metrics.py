"""Metrics that expectations collect, and what suites compute from them."""

from __future__ import annotations

import statistics
from typing import Any

import pytest
from scipy import stats

from harness.app.report.metrics import compute_metrics
from harness.exit_code import ExitCode
from harness.model.record import OutcomeRecord
from harness.model.run_file import SuiteHead
from harness.reporting.metrics import ComputedMetric
from tests.support.trials import record, summed


def scored(index: int, score: float, name: str = "tone", **changes: Any) -> OutcomeRecord:
    one = record(index, **changes)
    one["verdicts"][0]["metric"] = name
    one["verdicts"][0]["score"] = score
    return one


def test_a_metric_is_the_mean_over_cases_with_students_interval() -> None:
    scores = [0.1, 0.5, 0.4, 0.9, 0.6]

    summary = summed(*(scored(number, score) for number, score in enumerate(scores)))

    tally = summary.metrics["test", "default", "tone"]
    mean, error = statistics.mean(scores), stats.sem(scores)
    low, high = stats.t.interval(0.95, len(scores) - 1, mean, error)
    assert (tally.n, tally.cases) == (5, 5)
    assert tally.sum == pytest.approx(2.5)
    assert tally.mean == pytest.approx(mean)
    assert tally.interval == pytest.approx([max(0, low), min(1, high)])


def test_repeats_of_a_case_count_as_one() -> None:
    repeated = [
        scored(n, score, repeat=n + 1, repeats=2, of=None) for n, score in enumerate([0.0, 1.0])
    ]
    for trial in repeated:
        trial["case"] = "same"

    tally = summed(*repeated, scored(2, 1.0)).metrics["test", "default", "tone"]

    assert (tally.n, tally.cases, tally.mean) == (3, 2, 0.75)


def test_what_could_not_be_judged_has_no_score() -> None:
    errored, left_out, plain = scored(0, 0.0), scored(1, 1.0), scored(2, 0.5)
    errored["verdicts"][0]["error"] = ""
    left_out["verdicts"][0]["left_out"] = True

    assert summed(errored, left_out, plain).metrics["test", "default", "tone"].n == 1


def test_numbers_of_functions_are_metrics_too() -> None:
    one = record(0)
    one["verdicts"][0]["metrics"] = {"length": 40.0}
    two = record(1)
    two["verdicts"][0]["metrics"] = {"length": 60.0}

    tally = summed(one, two).metrics["test", "default", "length"]

    assert tally.mean == 50
    assert tally.interval is not None
    assert tally.interval[0] < 0  # these are no shares


DEFINITIONS = [
    {
        "name": "test",
        "metrics": {
            "precision": {"value": "tp.sum / (tp.sum + fp.sum)", "min": 0.7, "max": None},
            "rate": {"value": "tp.mean", "min": None, "max": 0.5},
            "count": {"value": "tp.n", "min": None, "max": None},
            "nothing": {"value": "fp.sum / 0", "min": None, "max": None},
            "unknown": {"value": "tn.sum", "min": None, "max": None},
            "text": {"value": "'x'", "min": None, "max": None},
        },
    },
    {"name": "other", "metrics": {"x": {"value": "1"}}},
]


SUITES = [SuiteHead.from_data(definition) for definition in DEFINITIONS]


def test_values_are_computed_from_metrics_and_held_against_their_limits() -> None:
    records = [scored(n, score, "tp") for n, score in enumerate([1, 1, 0])]
    records += [scored(n, score, "fp") for n, score in enumerate([1, 0, 0], start=3)]

    metrics = {metric.name: metric for metric in compute_metrics(SUITES, summed(*records))}

    assert set(metrics) == set(DEFINITIONS[0]["metrics"])
    assert metrics["precision"].value == pytest.approx(2 / 3)
    assert metrics["precision"].is_missed
    assert metrics["precision"].line == "test: precision 0.667 (at least 0.7)"
    assert metrics["rate"].value == pytest.approx(2 / 3)
    assert metrics["rate"].is_missed
    assert (metrics["count"].value, metrics["count"].is_missed) == (3, False)
    assert metrics["nothing"].value is None
    assert "division by zero" in metrics["nothing"].problem
    assert "'tn' is undefined" in metrics["unknown"].problem
    assert "not a number" in metrics["text"].problem


@pytest.mark.parametrize(
    ("value", "limits", "code"),
    [
        (0.9, {"min": 0.8}, ExitCode.PASSED),
        (0.7, {"min": 0.8}, ExitCode.FAILED),
        (0.9, {"max": 0.8}, ExitCode.FAILED),
        (0.8, {"min": 0.8, "max": 0.8}, ExitCode.PASSED),
        (0.1, {}, ExitCode.PASSED),
        (None, {}, ExitCode.ERRORED),
    ],
)
def test_a_limit_decides_the_run(
    value: float | None, limits: dict[str, float], code: ExitCode
) -> None:
    summary = summed(record(0))
    least, most = limits.get("min"), limits.get("max")
    summary.computed = [ComputedMetric("test", "default", "x", value, min=least, max=most)]

    assert summary.status().exit_code is code
