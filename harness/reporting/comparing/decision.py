"""From p-values and intervals to verdicts."""

from __future__ import annotations

from dataclasses import replace

from harness.reporting.comparing.model import (
    CaseChange,
    Change,
    ChangeVerdict,
    Comparison,
    Measure,
)

ALPHA = 0.04  # 2 % a side; six of twenty cases that broke (p = 0.031) are still found
RERUN_ALPHA = 0.01  # of cases that were chosen and run again; with `ALPHA` it makes the usual 5 %
MARGIN = 0.05
_UNDECIDED = frozenset({ChangeVerdict.INCONCLUSIVE, ChangeVerdict.EQUIVALENT})


def concluded(comparison: Comparison, margin: float) -> Comparison:
    """Return a comparison with its verdicts, by the adjusted p-values that it has.

    A case or a score that is surely worse makes the whole worse, whatever the pass rate over all
    cases says; within the margin, if that is how much worse it is.
    """
    if comparison.refusals:
        return replace(comparison, verdict=None)
    cases = tuple(_concluded_case(case) for case in comparison.cases)
    measures = tuple(_concluded_measure(measure, margin) for measure in comparison.measures)
    found = [*(case.verdict for case in cases), *(measure.verdict for measure in measures)]
    verdict = rate_verdict(comparison, margin)
    if ChangeVerdict.REGRESSED in found:
        verdict = ChangeVerdict.REGRESSED
    elif ChangeVerdict.WITHIN_MARGIN in found and verdict in _UNDECIDED:
        verdict = ChangeVerdict.WITHIN_MARGIN
    return replace(comparison, cases=cases, measures=measures, verdict=verdict)


def rate_verdict(comparison: Comparison, margin: float) -> ChangeVerdict:
    """Return what the pass rate over all cases says."""
    change, excess = comparison.passing, comparison.trials.excess
    # with uneven repeats, trials and cases may point in two directions
    if comparison.p < ALPHA and excess * change.difference > 0:
        return _changed(change, margin)
    return _not_changed(change, margin)


def _concluded_case(case: CaseChange) -> CaseChange:
    if case.p >= ALPHA:
        return replace(case, verdict=ChangeVerdict.INCONCLUSIVE)
    return replace(
        case,
        verdict=ChangeVerdict.REGRESSED if case.has_fallen else ChangeVerdict.IMPROVED,
    )


def _concluded_measure(measure: Measure, margin: float) -> Measure:
    if measure.p is None:
        return measure
    change = measure.change
    is_significant = measure.p < ALPHA and change.difference != 0
    verdict = _changed(change, margin) if is_significant else _not_changed(change, margin)
    return replace(measure, verdict=verdict)


def _changed(change: Change, margin: float) -> ChangeVerdict:
    if change.difference > 0:
        return ChangeVerdict.IMPROVED
    if is_within_margin(change, margin):
        return ChangeVerdict.WITHIN_MARGIN
    return ChangeVerdict.REGRESSED


def _not_changed(change: Change, margin: float) -> ChangeVerdict:
    if is_within_margin(change, margin):
        return ChangeVerdict.EQUIVALENT
    return ChangeVerdict.INCONCLUSIVE


def within_margin(verdict: ChangeVerdict | None) -> ChangeVerdict | None:
    """Return the verdict on cases of a run that changes by less than its margin."""
    return ChangeVerdict.WITHIN_MARGIN if verdict is ChangeVerdict.REGRESSED else verdict


def is_within_margin(change: Change, margin: float) -> bool:
    """Return whether the whole interval of a change lies within the margin."""
    interval = change.interval
    return interval is not None and -margin <= interval.low and interval.high <= margin
