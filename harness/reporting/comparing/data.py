"""A comparison as plain data, with all names."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from harness.reporting.comparing.model import CaseChange, ChangeVerdict, Comparison, Measure
from harness.reporting.comparing.pairs import Pair
from harness.reporting.comparing.ratios import ratios_of
from harness.reporting.comparing.rows import LISTS
from harness.reporting.comparing.sentences import (
    case_sentence,
    headline,
    is_part,
    needs_a_look,
    remarks,
)
from harness.reporting.comparing.sides import RunSide
from harness.reporting.rates import Rate


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data, with all names."""
    return {
        "old": _side_data(comparison.old, comparison.rates[0]),
        "new": _side_data(comparison.new, comparison.rates[1]),
        "verdict": None if comparison.verdict is None else comparison.verdict.value,
        "refusals": list(comparison.refusals),
        "factors": list(comparison.factors),
        "kind": comparison.kind.value,
        "scope": comparison.scope,
        "is_part": is_part(comparison),
        "tone": _tone(comparison),
        "headline": headline(comparison),
        "remarks": list(remarks(comparison)),
        "difference": comparison.difference,
        "interval": None if comparison.interval is None else asdict(comparison.interval),
        "p": comparison.p,
        "moves": {name: [_pair_data(pair) for pair in getattr(comparison, name)] for name in LISTS},
        "family": comparison.family,
        "power": comparison.power,
        "drop_found": comparison.drop,
        "trials": asdict(comparison.trials),
        "pass_rate": asdict(comparison.passing),
        "cases": [_case_data(case) for case in comparison.cases],
        "measures": [_measure_data(measure) for measure in comparison.measures],
        **{
            name.replace(" ", "_"): asdict(change)
            for name, change in ratios_of(comparison.pairs).items()
        },
        **{name: [str(pair.new.key) for pair in getattr(comparison, name)] for name in LISTS},
        "changed": len(comparison.changed),
        "changed_cases": [str(pair.new.key) for pair in comparison.changed],
        "added": list(comparison.added),
        "removed": list(comparison.removed),
        "no_longer_judged": list(comparison.not_compared),
        "muted": list(comparison.muted),
        "without_evidence": list(comparison.without_evidence),
    }


def _tone(comparison: Comparison) -> str:
    """Return the outcome that a comparison is coloured like on the page."""
    if comparison.verdict is ChangeVerdict.REGRESSED:
        return "failed"
    return "errored" if needs_a_look(comparison) else "passed"


def _case_data(change: CaseChange) -> dict[str, Any]:
    return {
        "name": str(change.key),
        "variants": change.variants,
        "broken": change.broken,
        "old": list(change.old),
        "new": list(change.new),
        "p": change.p,
        "verdict": change.verdict.value,
        "sentence": case_sentence(change),
    }


def _measure_data(measure: Measure) -> dict[str, Any]:
    verdict = None if measure.verdict is None else measure.verdict.value
    return {**asdict(measure.change), "name": measure.name, "p": measure.p, "verdict": verdict}


def _pair_data(pair: Pair) -> dict[str, Any]:
    old, new = pair.old, pair.new
    return {
        "name": str(new.key),
        "old": [old.passed, old.judged],
        "new": [new.passed, new.judged],
        "q": pair.q,
    }


def _side_data(side: RunSide, rate: Rate) -> dict[str, Any]:
    return {
        "name": side.name,
        "trials": side.trials,
        "left_out": side.skipped.total() + side.excluded.total(),
        "errored": side.errored,
        "models": sorted(side.models),
        **asdict(rate),
    }
