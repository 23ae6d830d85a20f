"""P-values of a comparison, adjusted for all the questions that are asked together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.reporting.comparing.decision import ALPHA
from harness.reporting.comparing.model import Comparison, Measure
from harness.stats.families import FIRST_SHARE, first_and_others, holm


def adjusted_run(
    whole: Comparison, families: Sequence[Sequence[Comparison]]
) -> tuple[Comparison, list[Comparison], float]:
    """Adjust a run as a whole and its suites, tags and variants for each other.

    Args:
        whole: The run, with the p-values of its cases and measures adjusted among themselves.
        families: Its suites, its tags, its variants; a family may be empty.

    Returns:
        The whole, the parts, and the significance level that the whole has.
    """
    others = [
        [case.p for case in whole.cases],
        list(_tested(whole.measures)),
        *(holm([part.p for part in family]) for family in families),
    ]
    (p,), of_cases, of_measures, *of_parts = first_and_others(whole.p, others)
    number = 1 + sum(map(len, others))
    cases = zip(whole.cases, of_cases, strict=True)
    adjusted = replace(
        whole,
        p=p,
        family=number,
        cases=tuple(replace(case, p=each) for case, each in cases if each < ALPHA),
        measures=_with_ps(whole.measures, of_measures),
    )
    parts = [
        replace(part, p=each, family=number, cases=(), measures=())
        for family, ps in zip(families, of_parts, strict=True)
        for part, each in zip(family, ps, strict=True)
    ]
    return adjusted, parts, ALPHA if number == 1 else ALPHA * FIRST_SHARE


def adjusted_levels(wholes: Sequence[Comparison]) -> list[Comparison]:
    """Adjust comparisons of several levels with one of them for each other."""
    number = len(wholes)
    found = [first_and_others(whole.p, [list(_tested(whole.measures))]) for whole in wholes]
    ps = holm([p for (p,), _ in found])
    return [
        replace(
            whole,
            p=p,
            family=number + sum(len(of_measures) for _, of_measures in found),
            cases=(),
            measures=_with_ps(whole.measures, [min(1.0, number * each) for each in of_measures]),
        )
        for whole, p, (_, of_measures) in zip(wholes, ps, found, strict=True)
    ]


def _tested(measures: Sequence[Measure]) -> Iterator[float]:
    yield from (measure.p for measure in measures if measure.p is not None)


def _with_ps(measures: Sequence[Measure], ps: Sequence[float]) -> tuple[Measure, ...]:
    """Return measures with these p-values for those that were tested."""
    remaining = iter(ps)
    return tuple(
        measure if measure.p is None else replace(measure, p=next(remaining))
        for measure in measures
    )


def rerun_factors(first: float, fresh: float) -> tuple[float, float]:
    """Return what the p-values of a first comparison and of a rerun are multiplied by.

    Four fifths of the significance level are for the first comparison, which must not lose what it
    found because somebody looked closer; cases that are broken for good need little of it.

    Args:
        first: The smallest p-value of anything that got worse in the first comparison.
        fresh: The same of the rerun.

    Source:
        Holm (1979), section 4, with weights.
    """
    weights = FIRST_SHARE, 1 - FIRST_SHARE
    scaled = first / weights[0], fresh / weights[1]
    if min(scaled) >= ALPHA:
        return 1 / weights[0], 1 / weights[1]
    return (1 / weights[0], 1.0) if scaled[0] <= scaled[1] else (1.0, 1 / weights[1])


def adjusted_again(comparisons: Sequence[Comparison], factor: float) -> list[Comparison]:
    """Return comparisons whose p-values are adjusted for more questions than their own."""
    return [
        replace(
            comparison,
            p=min(1.0, factor * comparison.p),
            family=comparison.family + 1,
            cases=tuple(replace(case, p=min(1.0, factor * case.p)) for case in comparison.cases),
            measures=tuple(
                measure if measure.p is None else replace(measure, p=min(1.0, factor * measure.p))
                for measure in comparison.measures
            ),
        )
        for comparison in comparisons
    ]


def least_worse_p(comparisons: Sequence[Comparison]) -> float:
    """Return the smallest adjusted p-value of anything that got worse."""
    ps = [1.0]
    for comparison in comparisons:
        if comparison.refusals:
            continue
        if comparison.trials.excess < 0 and comparison.passing.difference < 0:
            ps.append(comparison.p)
        ps += [case.p for case in comparison.cases if case.has_fallen]
        ps += [
            measure.p
            for measure in comparison.measures
            if measure.p is not None and measure.change.difference < 0
        ]
    return min(ps)
