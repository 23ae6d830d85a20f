"""P-values of a comparison, adjusted for all the questions that are asked together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.reporting.comparing.decision import ALPHA, RERUN_ALPHA
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


def adjusted_rerun(rerun: Comparison) -> Comparison:
    """Return the comparison of a rerun with a p-value that `ALPHA` is the level for.

    The rerun has a level of its own, so that looking closer loses nothing that was found. Cases
    that are broken for good need little of it.
    """
    p = min(1.0, rerun.p * ALPHA / RERUN_ALPHA)
    return replace(rerun, p=p, family=rerun.family + 1, refusals=(), cases=(), measures=())
