"""Trials that errored: whether it decides how they are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from harness.model.case_result import CaseResult
from harness.reporting.comparing.decision import ALPHA
from harness.reporting.comparing.pairs import Pair
from harness.reporting.comparing.sides import RunSide
from harness.reporting.figures import p_is, points

Pairs = Sequence[Pair]


def error_bounds(
    old: RunSide, new: RunSide, pairs: Pairs, test: Callable[[Pairs], float]
) -> Iterator[str]:
    """Say so if a verdict depends on how trials that errored are counted.

    An errored trial of the old side is no evidence, one of the new side counts as a failure. The
    change would be smaller without the new ones, and larger if the old ones had passed.

    Args:
        old: The old side.
        new: The new side.
        pairs: The cases of both, as they are compared.
        test: Returns the p-value of pairs.
    """
    others = {
        "left out": _without_new_errors(pairs) if _has_errors(new) else [],
        "taken for passed in the baseline": _passing_before(old, new) if _has_errors(old) else [],
    }
    others = {how: counted for how, counted in others.items() if counted}
    is_worse = bool(others) and _is_worse(pairs, test)
    for how, counted in others.items():
        if _is_worse(counted, test) != is_worse:
            yield (
                f"errored trials decide: as they are counted, the pass rate changed by"
                f" {_words(pairs, test)}; {how}, by {_words(counted, test)}"
            )


def _has_errors(side: RunSide) -> bool:
    return any(result.errored for result in side.results.values())


def _without_new_errors(pairs: Pairs) -> list[Pair]:
    return [
        replace(pair, new=pair.new.without_errors())
        for pair in pairs
        if pair.new.errored < pair.new.judged
    ]


def _passing_before(old: RunSide, new: RunSide) -> list[Pair]:
    return [
        Pair(_with_passes(result), new.results[key])
        for key, result in old.results.items()
        if key in new.results
    ]


def _with_passes(result: CaseResult) -> CaseResult:
    return replace(result, passed=result.passed + result.errored, errored=0)


def _is_worse(pairs: Pairs, test: Callable[[Pairs], float]) -> bool:
    return bool(pairs) and _mean(pairs) < 0 and test(pairs) < ALPHA


def _words(pairs: Pairs, test: Callable[[Pairs], float]) -> str:
    return f"{points(_mean(pairs))}, p {p_is(test(pairs))}" if pairs else "nothing"


def _mean(pairs: Pairs) -> float:
    return sum(pair.change for pair in pairs) / len(pairs)
