"""A case as a baseline keeps it: plain data that reads well as a difference in git."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.errors import StoreError
from harness.reporting.comparing.sides import RunSide, Unit

_SETS = ("inputs", "expectations", "requests", "models")
UNJUDGED = "unjudged"  # the verdict of a case that is kept for the sake of what was sent
_MEASURES = ("latencies", "tokens", "costs")


def label_of(unit: Unit) -> str:
    """Return what the repeats of a case came to: `flaky` if they disagree."""
    if unit.is_flaky:
        return "flaky"
    if unit.errored == unit.counted:
        return "errored"
    return "passed" if unit.passed else "failed"


def data_of(unit: Unit, *, has_measures: bool = False, has_replies: bool = False) -> dict[str, Any]:
    """Return a case as plain data.

    Args:
        unit: The case.
        has_measures: Whether latency, tokens and cost are kept, which are never twice the same.
        has_replies: Whether hashes of the replies are kept, which seldom are.
    """
    data: dict[str, Any] = {
        "suite": unit.suite,
        "case": unit.case,
        "variant": unit.variant,
        "verdict": label_of(unit),
        "passed": unit.passed,
        "trials": unit.counted,
        "errored": unit.errored,
        "pass_rate": unit.pass_rate,
        "scores": unit.scores,
        "rules": sorted(([*rule] for rule in unit.rules), key=repr),
        "settings": sorted([*setting] for setting in unit.settings),
        **{name: sorted(getattr(unit, name)) for name in _SETS},
    }
    if has_replies:
        data["replies"] = sorted(unit.replies)
    if has_measures:
        data |= {name: list(getattr(unit, name)) for name in _MEASURES}
    return data


def unit_of(data: Mapping[str, Any]) -> Unit:
    """Return the case that was kept as plain data.

    Raises:
        KeyError, TypeError, ValueError: It is not what `data_of` returns.
    """
    unit = Unit(data["suite"], data["case"], data["variant"])
    unit.passed, unit.counted = int(data["passed"]), int(data["trials"])
    unit.errored, unit.pass_rate = int(data["errored"]), float(data["pass_rate"])
    if not 0 <= unit.passed <= unit.counted or unit.counted < 1:
        raise ValueError(f"{unit.passed} of {unit.counted} trials cannot have passed")
    unit.variants = {unit.variant}
    unit.replies = {str(reply) for reply in data.get("replies", ())}
    unit.scores = [float(score) for score in data["scores"]]
    unit.rules = {(threshold, float(rate)) for threshold, rate in data["rules"]}
    unit.settings = {(str(name), str(value)) for name, value in data["settings"]}
    for name in _SETS:
        setattr(unit, name, {str(each) for each in data[name]})
    for name in _MEASURES:
        setattr(unit, name, [float(each) for each in data.get(name, ())])
    return unit


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
            unit = unit_of(data)
        except KeyError as error:
            case = f"{data.get('suite')}::{data.get('case')}"
            problem = f"{name}: the case {case} is damaged (it has no {error})"
            raise StoreError(f"{problem}; save it again") from error
        except (TypeError, ValueError) as error:
            case = f"{data.get('suite')}::{data.get('case')}"
            raise StoreError(
                f"{name}: the case {case} is damaged ({error}); save it again"
            ) from error
        if excludes_errors:
            side.excluded[unit.variant] += unit.errored
            unit.counted, unit.errored = unit.counted - unit.errored, 0
        if unit.counted:
            side.units[unit.suite, unit.case, unit.variant] = unit
    return side
