"""How suites did from run to run."""

from __future__ import annotations

from typing import Any

import pytest

from harness.reporting.trends import MOST_RUNS, counts_for_trends, trends_of


def ended(number: int, share: float = 1.0, *, simulated: bool = False) -> Any:
    group = {
        "suite": "triage", "variant": "haiku", "trials": 10, "cost": 0.5, "latency_p50": 0.2,
        "pass_rate": {"share": share, "interval": [share / 2, share]},
    }  # fmt: skip
    run = {"id": f"r{number}", "started": f"2026-11-{number:02}", "simulated": simulated}
    return run, {"status": "finished", "groups": [group]}


def test_a_trend_has_a_point_for_each_run_and_the_newest_of_them() -> None:
    (trend,) = trends_of([ended(number, number / 100) for number in range(1, MOST_RUNS + 6)])

    assert (trend.suite, trend.variant) == ("triage", "haiku")
    assert [point.run for point in trend.points] == [f"r{n}" for n in range(6, MOST_RUNS + 6)]
    last = trend.points[-1]
    assert (last.passed, last.low, last.high, last.latency, last.cost) == (
        0.35,
        0.175,
        0.35,
        0.2,
        0.05,
    )


def test_what_the_simulator_answered_is_a_trend_of_its_own() -> None:
    trends = trends_of([ended(1), ended(2, simulated=True)])

    assert [(trend.is_simulated, len(trend.points)) for trend in trends] == [(False, 1), (True, 1)]


@pytest.mark.parametrize(
    ("run", "end", "counts"),
    [
        ({}, {"status": "finished"}, True),
        ({"merged": {"missing": []}}, {"status": "finished"}, True),
        ({}, None, False),
        ({}, {"status": "interrupted"}, False),
        ({"partial": True}, {"status": "finished"}, False),
        ({"shard": {"number": 1, "of": 2}}, {"status": "finished"}, False),
        ({"merged": {"missing": [2]}}, {"status": "finished"}, False),
    ],
)
def test_only_whole_runs_count(run: Any, end: Any, counts: bool) -> None:
    assert counts_for_trends(run, end) is counts
