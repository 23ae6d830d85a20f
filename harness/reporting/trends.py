"""How suites and variants did from run to run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_RUNS = 30


@dataclass(frozen=True, slots=True)
class Point:
    """What a suite in a variant came to in one run.

    Attributes:
        run: The run's id.
        started: When it began, in ISO 8601.
        passed: The pass rate from 0 to 1; None if nothing was judged.
        low: The lower end of its interval.
        high: The upper end.
        latency: The median, in seconds.
        cost: USD for a trial.
    """

    run: str
    started: str
    passed: float | None
    low: float
    high: float
    latency: float | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """The newest runs of a suite in a variant, the oldest first."""

    suite: str
    variant: str
    is_simulated: bool
    points: tuple[Point, ...]


def counts_for_trends(run: Mapping[str, Any], end: Mapping[str, Any] | None) -> bool:
    """Return whether a run has all cases of its suites, so that it may stand beside others.

    Args:
        run: The first line of its run file.
        end: The last line, if there is one.
    """
    is_part = bool(run.get("partial")) or run.get("shard") is not None
    is_missing = bool((run.get("merged") or {}).get("missing"))
    return end is not None and end.get("status") == "finished" and not is_part and not is_missing


def trends_of(runs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> list[Trend]:
    """Return the trends of all suites and variants, by their names.

    What the simulator answered is kept apart from what a service did.

    Args:
        runs: The first and last lines of runs that count for trends, the oldest first.
    """
    points_by_group: dict[tuple[str, str, bool], list[Point]] = {}
    for run, end in runs:
        for group in end.get("groups", ()):
            key = (str(group["suite"]), str(group["variant"]), bool(run.get("simulated")))
            points_by_group.setdefault(key, []).append(_point(run, group))
    return [
        Trend(*key, tuple(points[-MOST_RUNS:])) for key, points in sorted(points_by_group.items())
    ]


def _point(run: Mapping[str, Any], group: Mapping[str, Any]) -> Point:
    rate = group.get("pass_rate") or {}
    low, high = rate.get("interval") or (0.0, 1.0)
    cost, trials = group.get("cost"), group.get("trials") or 0
    each_cost = cost / trials if cost and trials else None
    return Point(
        run=str(run.get("id", "")),
        started=str(run.get("started", "")),
        passed=rate.get("share"),
        low=float(low),
        high=float(high),
        latency=group.get("latency_p50"),
        cost=each_cost,
    )
