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

ALPHA = 0.05
MARGIN = 0.05


def concluded(comparison: Comparison, margin: float) -> Comparison:
    """Return a comparison with its verdicts, by the adjusted p-values that it has.

    A case or a score that is surely worse makes the whole worse, whatever the pass rate over all
    cases says.
    """
    if comparison.refusals:
        return replace(comparison, verdict=None)
    cases = tuple(_concluded_case(case) for case in comparison.cases)
    measures = tuple(_concluded_measure(measure, margin) for measure in comparison.measures)
    found = [*(case.verdict for case in cases), *(measure.verdict for measure in measures)]
    verdict = rate_verdict(comparison, margin)
    if ChangeVerdict.REGRESSED in found:
        verdict = ChangeVerdict.REGRESSED
    return replace(comparison, cases=cases, measures=measures, verdict=verdict)


def rate_verdict(comparison: Comparison, margin: float) -> ChangeVerdict:
    """Return what the pass rate over all cases says."""
    change, excess = comparison.passing, comparison.trials.excess
    # with uneven repeats, trials and cases may point in two directions
    if comparison.p < ALPHA and excess * change.difference > 0:
        if change.difference > 0:
            return ChangeVerdict.IMPROVED
        return (
            ChangeVerdict.WITHIN_MARGIN if _is_within(change, margin) else ChangeVerdict.REGRESSED
        )
    return ChangeVerdict.EQUIVALENT if _is_within(change, margin) else ChangeVerdict.INCONCLUSIVE


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
    if measure.p < ALPHA and change.difference:
        worse = (
            ChangeVerdict.WITHIN_MARGIN if _is_within(change, margin) else ChangeVerdict.REGRESSED
        )
        verdict = ChangeVerdict.IMPROVED if change.difference > 0 else worse
    elif _is_within(change, margin):
        verdict = ChangeVerdict.EQUIVALENT
    else:
        verdict = ChangeVerdict.INCONCLUSIVE
    return replace(measure, verdict=verdict)


def _is_within(change: Change, margin: float) -> bool:
    interval = change.interval
    return interval is not None and -margin <= interval.low and interval.high <= margin
