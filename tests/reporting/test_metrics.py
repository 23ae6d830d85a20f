"""Metrics that expectations collect, and what suites compute from them."""

from __future__ import annotations

import statistics
from typing import Any

import pytest
from scipy import stats

from harness.app.report.metrics import compute_metrics
from harness.exit_code import ExitCode
from harness.model.record import OutcomeRecord
from harness.model.suite_head import SuiteHead
from harness.reporting.metrics import ComputedMetric, MetricTally
from harness.stats.rates import rate_interval
from tests.support.trials import case, record, summed


def scored(index: int, score: float, name: str = "tone", **changes: Any) -> OutcomeRecord:
    one = record(index, **changes)
    one["verdicts"][0]["metric"] = name
    one["verdicts"][0]["score"] = score
    return one


def lengths(*values: float) -> MetricTally:
    records = [record(number) for number in range(len(values))]
    for one, value in zip(records, values, strict=True):
        one["verdicts"][0]["metrics"] = {"length": value}
    return summed(*records).metrics["test", "default", "length"]


def test_a_metric_of_shares_is_their_mean_with_the_interval_of_a_rate() -> None:
    scores = [0.1, 0.5, 0.4, 0.9, 0.6]

    summary = summed(*(scored(number, score) for number, score in enumerate(scores)))

    tally = summary.metrics["test", "default", "tone"]
    expected = rate_interval(2.5, 5)
    assert (tally.n, tally.cases) == (5, 5)
    assert tally.sum == pytest.approx(2.5)
    assert tally.mean == pytest.approx(0.5)
    assert tally.interval == pytest.approx([expected.low, expected.high])


def test_two_perfect_scores_prove_little() -> None:
    tally = summed(scored(0, 1.0), scored(1, 1.0)).metrics["test", "default", "tone"]

    assert tally.short == "1.000 [0.198, 1.000]"


def test_a_metric_of_other_numbers_has_students_interval() -> None:
    values = [120.0, 40.0, 95.0, 210.0]
    expected = stats.t.interval(0.95, 3, statistics.mean(values), stats.sem(values))

    assert lengths(*values).interval == pytest.approx(expected)


def test_cases_of_a_group_are_worth_one_in_the_interval_of_a_metric() -> None:
    cases = [case(f"c{number}", group="one" if number < 2 else "two") for number in range(4)]

    scores = [scored(number, number > 1, of=one) for number, one in enumerate(cases)]

    tally, expected = summed(*scores).metrics["test", "default", "tone"], rate_interval(1, 2)
    assert (tally.cases, tally.mean) == (4, 0.5)
    assert tally.interval == pytest.approx([expected.low, expected.high])


def test_large_numbers_that_differ_little_keep_their_interval() -> None:
    values = [1e9, 1e9 + 1, 1e9 + 2]
    expected = stats.t.interval(0.95, 2, 1e9 + 1, stats.sem(values))

    assert lengths(*values).interval == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("values", [[40.0], [40.0, 40.0], [0.1 + 40, 40.1, 40.1]])
def test_other_numbers_that_are_all_alike_have_no_interval(values: list[float]) -> None:
    tally = lengths(*values)

    assert tally.interval is None
    assert tally.short == f"{tally.mean:.3f}"


def test_repeats_of_a_case_count_as_one() -> None:
    repeated = [
        scored(n, score, repeat=n + 1, repeats=2, of=None) for n, score in enumerate([0.0, 1.0])
    ]
    for trial in repeated:
        trial["case"] = "same"

    tally = summed(*repeated, scored(2, 1.0)).metrics["test", "default", "tone"]

    assert (tally.n, tally.cases, tally.mean) == (3, 2, 0.75)


def test_what_could_not_be_judged_has_no_score() -> None:
    errored, in_part, left_out, plain = (scored(n, 0.5) for n in range(4))
    errored["verdicts"][0]["error"] = ""
    in_part["verdicts"][0]["score_range"] = [0.5, 0.75]
    left_out["verdicts"][0]["left_out"] = True

    assert summed(errored, in_part, left_out, plain).metrics["test", "default", "tone"].n == 1


@pytest.mark.parametrize("change", [{"error": ""}, {"score_range": [0.0, 0.5]}])
def test_a_metric_of_a_failed_trial_is_incomplete_where_an_expectation_could_not_judge(
    change: dict[str, Any],
) -> None:
    failed = scored(0, 0.0, label="failed")
    failed["verdicts"][0].update(change)  # type: ignore[typeddict-item]

    summary = summed(failed, scored(1, 1.0))

    assert summary.incomplete == {("test", "default", "tone")}


def test_numbers_of_functions_are_metrics_too() -> None:
    tally = lengths(40.0, 60.0)

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
