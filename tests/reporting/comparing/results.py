"""Sides of comparisons for tests, made of case results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.model import Comparison
from harness.reporting.comparing.sides import RunSide

Counts = tuple[int, int]  # how many trials passed, and how many there are


def case_result(name: str, counts: Counts, variant: str = "default", **fields: Any) -> CaseResult:
    """Return a case with so many trials, of which no two replies are alike."""
    passed, trials = counts
    given = {
        "passed": passed,
        "failed": trials - passed - fields.get("errored", 0),
        "repeats": trials,
        "distinct_replies": trials,
        "scores": (1.0,) * passed + (0.0,) * (trials - passed),
        **fields,
    }
    return CaseResult(CaseKey("s", name, variant), path="s.suite.yaml", line=3, **given)


def side_with(name: str, *results: CaseResult) -> RunSide:
    """Return a side with these cases."""
    side = RunSide(name)
    for result in results:
        side.add(result)
    return side


def side(name: str, counts: Iterable[Counts], **fields: Any) -> RunSide:
    """Return a side whose cases c0, c1, … have so many trials."""
    return side_with(
        name, *(case_result(f"c{number}", each, **fields) for number, each in enumerate(counts))
    )


def in_variants(name: str, counts: Mapping[str, Iterable[Counts]]) -> RunSide:
    """Return a side whose variants have cases with so many trials."""
    return side_with(
        name,
        *(
            case_result(f"c{number}", each, variant)
            for variant, of_variant in counts.items()
            for number, each in enumerate(of_variant)
        ),
    )


def whole(old: RunSide, new: RunSide, **options: Any) -> Comparison:
    """Return the comparison of two sides as a whole."""
    return Comparer(**options).compare_run(old, new)[0]
