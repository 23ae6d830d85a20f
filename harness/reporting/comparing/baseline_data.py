"""A case result as a baseline keeps it: plain data that reads well as a difference in git."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from harness.errors import StoreError
from harness.model.case_result import CaseConditions, CaseKey, CaseResult, MetricScores
from harness.model.json_fields import has_type, list_of, optional, required
from harness.reporting.comparing.sides import RunSide

UNJUDGED = "unjudged"  # the verdict of a case that is kept for the sake of what was sent
_MOST_TRIALS = 1_000_000  # of one case; more is no count, and statistics would take for ever
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
        ValueError: The data is not what `data_of` returns; it says which field, and what belongs
            there.
    """
    judged = _count(data, "trials", least=1)
    passed, errored = _count(data, "passed"), _count(data, "errored")
    if passed + errored > judged:
        problem = f"`passed` is {passed} and `errored` is {errored}"
        raise ValueError(f"{problem}, and together they should be at most `trials`, {judged}")
    replies = frozenset(list_of(data, "replies", str))
    return CaseResult(
        CaseKey(*(required(data, name, str) for name in ("suite", "case", "variant"))),
        repeats=judged,
        pass_rate=_within("pass_rate", required(data, "pass_rate", float), 0, 1),
        passed=passed,
        failed=judged - passed - errored,
        errored=errored,
        scores=_numbers(data, "scores", is_required=True),
        latencies=_numbers(data, "latencies"),
        tokens=tuple(list_of(data, "tokens", int)),
        costs=_numbers(data, "costs"),
        distinct_replies=len(replies) or int(data.get("identical") is True),
        replies=replies,
        conditions=_conditions_of(data),
        metrics=_metrics_of(data),
        tags=tuple(list_of(data, "tags", str)),
        group=optional(data, "group", str),
    )


def _conditions_of(data: Mapping[str, Any]) -> CaseConditions:
    rules = _pairs(data, "rules", "a threshold or null, and a pass rate")
    settings = _pairs(data, "settings", "a name and a value")
    for threshold, rate in rules:
        if not (threshold is None or has_type(threshold, float)) or not has_type(rate, float):
            raise ValueError("`rules` should have lists of a threshold or null, and a pass rate")
    return CaseConditions(
        rules=frozenset((threshold, float(rate)) for threshold, rate in rules),
        settings=frozenset((str(name), str(value)) for name, value in settings),
        **{name: frozenset(_required_list(data, name, str)) for name in _SETS},
    )


def _pairs(data: Mapping[str, Any], name: str, words: str) -> list[tuple[Any, Any]]:
    pairs = _required_list(data, name, list)
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"`{name}` should have lists of {words}")
    return [(first, second) for first, second in pairs]


def _metrics_of(data: Mapping[str, Any]) -> tuple[MetricScores, ...]:
    kept, reported = optional(data, "metrics", dict) or {}, list_of(data, "reported_metrics", str)
    return tuple(
        MetricScores(name, _numbers(kept, name), name in reported) for name in sorted(kept)
    )


def _count(data: Mapping[str, Any], name: str, *, least: int = 0) -> int:
    return int(_within(name, required(data, name, int), least, _MOST_TRIALS))


def _numbers(data: Mapping[str, Any], name: str, *, is_required: bool = False) -> tuple[float, ...]:
    values = (_required_list if is_required else list_of)(data, name, float)
    for value in values:
        if not math.isfinite(value):
            raise ValueError(f"`{name}` has {value} where a finite number belongs")
    return tuple(map(float, values))


def _required_list(data: Mapping[str, Any], name: str, kind: type[Any]) -> list[Any]:
    required(data, name, list)
    return list_of(data, name, kind)


def _within(name: str, value: float, least: int, most: int) -> float:
    """Return a number within bounds, which NaN is not."""
    if not least <= value <= most:
        raise ValueError(f"`{name}` is {value}, and should be from {least} to {most:,}")
    return value


def label_of_data(data: Mapping[str, Any]) -> str:
    """Return the label of a case of a baseline, by its counts: earlier versions had other words."""
    if data.get("verdict") == UNJUDGED:
        return UNJUDGED
    try:
        return result_of(data).label.value
    except ValueError:
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
        except ValueError as error:
            raise _damaged(name, data, str(error)) from error
        side.add(result)
    return side


def _damaged(name: str, data: Mapping[str, Any], why: str) -> StoreError:
    case = f"{data.get('suite')}::{data.get('case')}"
    return StoreError(f"{name}: the case {case} is damaged ({why}); save it again")
