"""Scores and named metrics of the cases that both sides have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from operator import sub

from harness.model.case_result import CaseResult, MetricScores
from harness.reporting.comparing.model import Change, Measure
from harness.reporting.comparing.pairs import Pair
from harness.stats.change_interval import change_interval
from harness.stats.distributions import Interval
from harness.stats.families import holm
from harness.stats.mean_differences import mean_difference
from harness.stats.means import mean
from harness.stats.score_change import Scores, score_change_p

_EXTREMES = frozenset({0.0, 1.0})  # scores of what is judged by yes or no


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which pairs belong together.

    Attributes:
        of_trials: Pairs whose trials pass or fail together; None without groups.
        of_questions: Pairs that ask the same, as the variants of a case; None if none do.
    """

    of_trials: Sequence[str] | None = None
    of_questions: Sequence[str] | None = None

    def at(self, positions: Sequence[int]) -> Clusters:
        """Return the clusters of some of the pairs."""
        kept = [
            None if names is None else [names[position] for position in positions]
            for names in (self.of_trials, self.of_questions)
        ]
        return Clusters(*kept)


def measures_of(
    pairs: Sequence[Pair],
    clusters: Clusters,
    seed: int,
    formula_inputs: Set[tuple[str, str]] = frozenset(),
) -> list[Measure]:
    """Return the scores and the named metrics, tested where more is known to be better.

    A score that moves with the pass rate alone is not tested: it would only repeat the verdict. Nor
    is a metric from which a suite computes another one: of false positives, fewer are better.

    Args:
        pairs: The cases that both sides have.
        clusters: Which of them belong together.
        seed: Of sampled permutations.
        formula_inputs: Suites and names of metrics from which suites compute others.
    """
    measures = []
    scores = [(pair, (pair.old.scores, pair.new.scores)) for pair in pairs]
    is_pass_rate = all(_is_pass_rate(pair) for pair in pairs)
    score = _measure("score", scores, clusters, seed, is_tested=not is_pass_rate, is_share=True)
    if score is not None:
        measures.append(score)
    for name, is_tested in _names(pairs, formula_inputs).items():
        values = [(pair, (_of(pair.old, name), _of(pair.new, name))) for pair in pairs]
        measure = _measure(name, values, clusters, seed, is_tested=is_tested, is_share=is_tested)
        if measure is not None:
            measures.append(measure)
    return _adjusted(measures)


def _adjusted(measures: Sequence[Measure]) -> list[Measure]:
    """Return the measures with p-values adjusted for all that were tested."""
    ps = iter(holm([measure.change.p for measure in measures if measure.change.p is not None]))
    return [
        measure if measure.change.p is None else replace(measure, p=next(ps))
        for measure in measures
    ]


def _measure(
    name: str,
    values: Iterable[tuple[Pair, Scores]],
    clusters: Clusters,
    seed: int,
    *,
    is_tested: bool,
    is_share: bool,
) -> Measure | None:
    kept = [(index, scores) for index, (_, scores) in enumerate(values) if all(map(len, scores))]
    if not kept:
        return None
    both = [scores for _, scores in kept]
    chosen = clusters.at([index for index, _ in kept])
    before, after = ([mean(scores) for scores in side] for side in zip(*both, strict=True))
    changes = list(map(sub, after, before))
    p = score_change_p(both, chosen.of_trials, seed=seed) if is_tested else None
    if is_share:
        interval: Interval | None = change_interval(changes, chosen.of_questions)
    else:
        interval = mean_difference(changes, chosen.of_questions).interval
    old, new = mean(before), mean(after)
    return Measure(name, Change(old, new, new - old, interval, p, len(both)))


def _is_pass_rate(pair: Pair) -> bool:
    """Return whether the scores of a case are its passes over again."""
    return all(
        len(result.scores) <= result.judged
        and _EXTREMES.issuperset(result.scores)
        and math.fsum(result.scores) == result.passed
        for result in (pair.old, pair.new)
    )


def _names(pairs: Iterable[Pair], formula_inputs: Set[tuple[str, str]]) -> dict[str, bool]:
    """Return the names of metrics that are on both sides, and whether more is better."""
    names: dict[str, bool] = {}
    for pair in pairs:
        fresh = {metric.name: metric for metric in pair.new.metrics}
        for metric in pair.old.metrics:
            other = fresh.get(metric.name)
            if other is not None:
                is_better = (pair.new.key.suite, metric.name) not in formula_inputs
                is_tested = is_better and _is_share(metric) and _is_share(other)
                names[metric.name] = names.get(metric.name, True) and is_tested
    return dict(sorted(names.items()))


def _is_share(metric: MetricScores) -> bool:
    return not metric.is_reported and all(0 <= score <= 1 for score in metric.scores)


def _of(result: CaseResult, name: str) -> Sequence[float]:
    return next((metric.scores for metric in result.metrics if metric.name == name), ())
