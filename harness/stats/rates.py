"""Pass rates of cases and of their repeats."""

from __future__ import annotations

import math
from enum import StrEnum

from harness.stats.distributions import Interval, normal_quantile, t_quantile

_FEW_JUDGED = 50
_FEW_OF_A_KIND = 5  # passes or failures
_ALIKE = 1e-11  # of the mean: as far as rounding moves values that are the same


class Stability(StrEnum):
    """Whether the repeats of a case agree."""

    STABLE_PASS = "stable pass"  # noqa: S105  # not a password
    STABLE_FAIL = "stable fail"
    FLAKY = "flaky"
    UNKNOWN = "unknown"


def wilson_interval(passed: float, judged: float, confidence: float = 0.95) -> Interval:
    """Return the confidence interval of a pass rate; 0 to 1 if nothing was judged.

    Source:
        Wilson (1927), without continuity correction; see Brown, Cai and DasGupta (2001).
    """
    _check(passed, judged)
    if not judged:
        return Interval(0.0, 1.0)
    z = normal_quantile((1 + confidence) / 2)
    rate, square = passed / judged, z * z
    middle = (rate + square / (2 * judged)) / (1 + square / judged)
    spread = rate * (1 - rate) / judged + square / (4 * judged * judged)
    half = z / (1 + square / judged) * math.sqrt(spread)
    # an end that is exactly 0 or 1 must stay so despite rounding
    low = 0.0 if not passed else max(0.0, middle - half)
    return Interval(low, 1.0 if passed == judged else min(1.0, middle + half))


def rate_interval(passed: float, judged: float, confidence: float = 0.95) -> Interval:
    """Return the confidence interval that reports show of a pass rate, or of a mean from 0 to 1.

    It is Wilson's, with the continuity correction where numbers are small. `docs/statistics.md`
    shows how often it contains the true rate.

    Args:
        passed: The sum of the cases' shares, so it may be a fraction.
        judged: The number of independent cases; a fraction if some of them belong together.
        confidence: The share of such intervals that contain the true rate.

    Source:
        Newcombe (1998), "Two-sided confidence intervals for the single proportion", methods 3 and
        4.
    """
    _check(passed, judged)
    # The correction solves |passed / judged - rate| - 1 / (2 * judged) = z * error, so each end is
    # Wilson's of half a pass less or more.
    half = _continuity_correction(passed, judged)
    low = wilson_interval(max(0.0, passed - half), judged, confidence).low
    return Interval(low, wilson_interval(min(judged, passed + half), judged, confidence).high)


def _continuity_correction(passed: float, judged: float) -> float:
    """Return by how many passes each end moves outwards: by a half where numbers are small."""
    if judged < _FEW_JUDGED:
        return 0.5
    # It fades between 4 and 5, so that more passes never give a lower end.
    return min(0.5, max(0.0, (_FEW_OF_A_KIND - min(passed, judged - passed)) / 2))


def mean_interval(
    cases: int,
    mean: float,
    deviations: float,
    confidence: float = 0.95,
    *,
    independent: float | None = None,
) -> Interval | None:
    """Return Student's confidence interval of a mean.

    Args:
        cases: The number of values.
        mean: Their mean.
        deviations: The sum of their squared deviations from it.
        confidence: The share of such intervals that contain the true mean.
        independent: How many independent values these are worth; None if all are independent.

    Returns:
        None for fewer than two values, and for values that are all alike: a few that do not differ
        say nothing about how far others would.
    """
    worth = cases if independent is None else independent
    if worth < 2 or deviations <= cases * (_ALIKE * mean) ** 2:
        return None
    half = t_quantile((1 + confidence) / 2, math.floor(worth) - 1)
    half *= math.sqrt(deviations / (cases - 1) / worth)
    return Interval(mean - half, mean + half)


def stability(passed: int, judged: int) -> Stability:
    """Return whether the repeats of a case agree; unknown for fewer than two."""
    _check(passed, judged)
    if judged < 2:
        return Stability.UNKNOWN
    if passed in (0, judged):
        return Stability.STABLE_PASS if passed else Stability.STABLE_FAIL
    return Stability.FLAKY


def pass_at(k: int, passed: int, judged: int) -> float | None:
    """Return the chance that at least one of `k` repeats passes (pass@k); None if there are fewer.

    Source:
        Chen et al. (2021), "Evaluating Large Language Models Trained on Code", equation 1.
    """
    _check(passed, judged)
    if not 1 <= k <= judged:
        return None
    return 1 - math.comb(judged - passed, k) / math.comb(judged, k)


def pass_all(k: int, passed: int, judged: int) -> float | None:
    """Return the chance that all of `k` repeats pass (pass^k); None if there are fewer.

    Source:
        Yao et al. (2024), "tau-bench", section 3.
    """
    _check(passed, judged)
    if not 1 <= k <= judged:
        return None
    return math.comb(passed, k) / math.comb(judged, k)


def _check(passed: float, judged: float) -> None:
    if not 0 <= passed <= judged:
        raise ValueError(f"{passed} of {judged} cannot have passed")
