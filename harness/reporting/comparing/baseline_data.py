"""A case result as a baseline keeps it: plain data that reads well as a difference in git."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.errors import StoreError
from harness.model.case_result import CaseConditions, CaseKey, CaseResult, MetricScores
from harness.reporting.comparing.sides import RunSide

UNJUDGED = "unjudged"  # the verdict of a case that is kept for the sake of what was sent
_SETS = ("inputs", "expectations", "requests", "models")


def data_of(
    result: CaseResult, *, has_measures: bool = False, has_replies: bool = False
) -> dict[str, Any]:
    """Return a case as plain data.

    Args:
        result: The case.
        has_measures: Whether latency, tokens and cost are kept, which differ in every run.
        has_replies: Whether digests of the replies are kept, which often do.
    """
    conditions = result.conditions
    data: dict[str, Any] = {
        "suite": result.key.suite,
        "case": result.key.case,
        "variant": result.key.variant,
        "verdict": result.label.value,
        "passed": result.passed,
        "trials": result.judged,
        "errored": result.errored,
        "pass_rate": result.pass_rate,
        "scores": list(result.scores),
        "rules": sorted(([*rule] for rule in conditions.rules), key=repr),
        "settings": sorted([*setting] for setting in conditions.settings),
        **{name: sorted(getattr(conditions, name)) for name in _SETS},
    }
    data |= _set_fields(result)
    if has_replies:
        data["replies"] = sorted(result.replies)
    if has_measures:
        data["latencies"] = list(result.latencies)
        data["tokens"] = list(result.tokens)
        data["costs"] = list(result.costs)
    return data


def _set_fields(result: CaseResult) -> dict[str, Any]:
    """Return the fields that only some cases have, so that the others stay short."""
    reported = [metric.name for metric in result.metrics if metric.is_reported]
    fields = {
        "group": result.group,
        "tags": list(result.tags),
        "metrics": {metric.name: list(metric.scores) for metric in result.metrics},
        "reported_metrics": reported,
        "identical": _has_identical_replies(result),
    }
    return {name: value for name, value in fields.items() if value}


def _has_identical_replies(result: CaseResult) -> bool:
    """Return whether all repeats are known to have the same reply."""
    # each reply has its number of tokens
    is_known = len(result.tokens) == result.trials
    return result.judged > 1 and result.distinct_replies == 1 and is_known


def result_of(data: Mapping[str, Any]) -> CaseResult:
    """Return the case that was kept as plain data.

    Raises:
        KeyError, TypeError, ValueError: The data is not what `data_of` returns.
    """
    passed, judged, errored = (int(data[name]) for name in ("passed", "trials", "errored"))
    failed = judged - passed - errored
    if min(passed, errored, failed) < 0 or judged < 1:
        raise ValueError(f"{passed} of {judged} trials cannot have passed")
    replies = frozenset(str(digest) for digest in data.get("replies", ()))
    return CaseResult(
        CaseKey(data["suite"], data["case"], data["variant"]),
        repeats=judged,
        pass_rate=float(data["pass_rate"]),
        passed=passed,
        failed=failed,
        errored=errored,
        scores=tuple(float(score) for score in data["scores"]),
        latencies=tuple(float(latency) for latency in data.get("latencies", ())),
        tokens=tuple(int(number) for number in data.get("tokens", ())),
        costs=tuple(float(cost) for cost in data.get("costs", ())),
        distinct_replies=len(replies) or int(data.get("identical") is True),
        replies=replies,
        conditions=CaseConditions(
            rules=frozenset((threshold, float(rate)) for threshold, rate in data["rules"]),
            settings=frozenset((str(name), str(value)) for name, value in data["settings"]),
            **{name: frozenset(str(value) for value in data[name]) for name in _SETS},
        ),
        metrics=_metrics_of(data),
        tags=tuple(str(tag) for tag in data.get("tags", ())),
        group=None if data.get("group") is None else str(data["group"]),
    )


def _metrics_of(data: Mapping[str, Any]) -> tuple[MetricScores, ...]:
    kept, reported = data.get("metrics", {}), set(data.get("reported_metrics", ()))
    if not isinstance(kept, Mapping):
        raise TypeError("`metrics` is not a mapping of scores by name")
    return tuple(
        MetricScores(name, tuple(float(score) for score in kept[name]), name in reported)
        for name in sorted(kept)
    )


def label_of_data(data: Mapping[str, Any]) -> str:
    """Return the label of a case of a baseline, by its counts: earlier versions had other words."""
    if data.get("verdict") == UNJUDGED:
        return UNJUDGED
    try:
        return result_of(data).label.value
    except (KeyError, TypeError, ValueError):
        return str(data.get("verdict"))


def side_of_data(
    name: str, cases: Iterable[Mapping[str, Any]], *, excludes_errors: bool = False
) -> RunSide:
    """Return the side that a baseline's cases make up.

    Args:
        name: What the side is called.
        cases: As `data_of` returns them.
        excludes_errors: Whether trials that errored are left out.

    Raises:
        StoreError: One of them is damaged.
    """
    side = RunSide(name, excludes_errors=excludes_errors)
    for data in cases:
        if data.get("verdict") == UNJUDGED:
            continue
        try:
            result = result_of(data)
        except KeyError as error:
            raise _damaged(name, data, f"it has no {error}") from error
        except (TypeError, ValueError) as error:
            raise _damaged(name, data, str(error)) from error
        side.add(result)
    return side


def _damaged(name: str, data: Mapping[str, Any], why: str) -> StoreError:
    case = f"{data.get('suite')}::{data.get('case')}"
    return StoreError(f"{name}: the case {case} is damaged ({why}); save it again")
