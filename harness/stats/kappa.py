"""Cohen's kappa of two raters with two labels, and its confidence interval."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from harness.stats.distributions import Interval, normal_quantile

# of the statistic: 1 is Pearson's, 0 that of likelihood ratios. The first rejects a high true kappa
# too often where labels are uneven, the second where they are even; this one does neither.
_POWER = 0.5
_GOLDEN = (math.sqrt(5) - 1) / 2
_SEARCH_STEPS = 32  # each divides a range by 2, or by 1.6
_END_STEPS = 20  # for an end of an interval, to six digits
_TINY = 1e-12


class Cells(NamedTuple):
    """Counts or chances of the four pairs of labels: that of the first rater, then the second's."""

    pass_pass: float
    pass_fail: float
    fail_pass: float
    fail_fail: float


class _Margins(NamedTuple):
    """How the labels are spread; with a kappa, this gives the chances of all cells.

    Attributes:
        prevalence: By how much passes outnumber fails where both agree, from -1 to 1.
        bias: By how much the first rater passes more than the second, from -1 to 1.

    Source:
        Byrt, Bishop and Carlin (1993), "Bias, Prevalence and Kappa".
    """

    prevalence: float
    bias: float

    def cells(self, kappa: float) -> Cells:
        disagreement = (1 - kappa) * (1 - self.prevalence**2 + self.bias**2) / 2
        return Cells(
            (1 - disagreement + self.prevalence) / 2,
            (disagreement + self.bias) / 2,
            (disagreement - self.bias) / 2,
            (1 - disagreement - self.prevalence) / 2,
        )


def kappa_of(counts: Cells) -> float | None:
    """Return the agreement beyond chance; None if all labels are the same.

    Source:
        Cohen (1960), "A Coefficient of Agreement for Nominal Scales".
    """
    total = sum(counts)
    if not total:
        return None
    first = (counts.pass_pass + counts.pass_fail) / total
    second = (counts.pass_pass + counts.fail_pass) / total
    chance = first * second + (1 - first) * (1 - second)
    if chance >= 1 - _TINY:
        return None
    agreed = (counts.pass_pass + counts.fail_fail) / total
    return (agreed - chance) / (1 - chance)


@lru_cache(maxsize=8)  # it takes 40 ms, and reports ask for the same one several times
def kappa_interval(counts: Cells) -> Interval | None:
    """Return the 95 % confidence interval of kappa: every kappa that is plausible.

    None if all labels are the same. The usual interval, from the standard error of Fleiss, Cohen
    and Everitt (1969), contains the true kappa far too seldom if labels are few or uneven: 17 times
    in 100 for 20 labels of which 95 % are passes, and a kappa of 0.9. This one contains it at least
    93 times in 100 for 20 labels or more, at most 95 % of them alike (`tests/stats/test_kappa.py`).
    """
    kappa = kappa_of(counts)
    if kappa is None:
        return None

    def end(outer: float) -> float:
        """Return the last kappa between the observed one and `outer` that is not rejected."""
        inner, rejected = kappa, outer
        for _ in range(_END_STEPS):
            middle = (inner + rejected) / 2
            if is_plausible(counts, middle):
                inner = middle
            else:
                rejected = middle
        return inner

    # an end that is exactly -1 or 1 must stay so despite bisection
    low = -1.0 if kappa <= _TINY - 1 else end(-1.0)
    return Interval(low, 1.0 if kappa >= 1 - _TINY else end(1.0))


def is_plausible(counts: Cells, kappa: float) -> bool:
    """Return whether a goodness-of-fit test does not reject a kappa between -1 and 1, at 5 %.

    The counts are held against the most likely chances with this kappa.

    Source:
        Donner and Eliasziw (1992), "A Goodness-of-Fit Approach to Inference Procedures for the
        Kappa Statistic", here with margins of its own for each rater, with a statistic of Cressie
        and Read (1984), "Multinomial Goodness-of-Fit Tests", and with n - 1 in place of n as in
        Campbell (2007), "Chi-Squared and Fisher-Irwin Tests of Two-by-Two Tables".
    """
    total = sum(counts)
    return _misfit(counts, kappa) * (total - 1) / total <= normal_quantile(0.975) ** 2


def labels_needed(counts: Cells, kappa: float) -> int | None:
    """Return how many labels would show that kappa is larger than this, four times out of five.

    None if the observed kappa is not larger, or if all labels are the same.

    Args:
        counts: The labels there are; the shares of the cells are taken to be true.
        kappa: The kappa to be exceeded by the lower end of the 95 % interval, below 1.
    """
    observed = kappa_of(counts)
    if observed is None or observed <= kappa + _TINY:
        return None
    misfit = _misfit(counts, max(kappa, _TINY - 1))  # proportional to the number of labels
    needed = (normal_quantile(0.975) + normal_quantile(0.8)) ** 2
    return 1 + math.ceil(sum(counts) * needed / misfit)


def _ordered(counts: Cells) -> Cells:
    """Return the counts with labels and raters named so that neither margin is negative.

    Kappa does not depend on these names. Most likely margins are then not negative either.
    """
    one, other = sorted((counts.pass_fail, counts.fail_pass), reverse=True)
    more, fewer = sorted((counts.pass_pass, counts.fail_fail), reverse=True)
    return Cells(more, one, other, fewer)


def _misfit(counts: Cells, kappa: float) -> float:
    """Return how badly a kappa fits: of true ones, it is chi-squared with one degree of freedom."""
    counts, total = _ordered(counts), sum(counts)
    expected = [total * chance for chance in _most_likely(counts, kappa)]
    ratios = zip(counts, expected, strict=True)
    terms = (count * ((count / mean) ** _POWER - 1) for count, mean in ratios if count)
    return 2 / (_POWER * (_POWER + 1)) * math.fsum(terms)


def _most_likely(counts: Cells, kappa: float) -> Cells:
    """Return the chances that make ordered counts most likely, given a kappa between -1 and 1.

    A golden-section search over the prevalence, with the most likely bias for each.
    """

    def at(prevalence: float) -> tuple[float, Cells]:
        margins = _Margins(prevalence, _most_likely_bias(counts, kappa, prevalence))
        cells = margins.cells(kappa)
        pairs = zip(counts, cells, strict=True)
        return math.fsum(count * math.log(chance) for count, chance in pairs if count), cells

    low, high = 0.0, min(1.0, (1 + kappa) / (1 - kappa))  # no chance is negative between them
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = at(left), at(right)
    for _ in range(_SEARCH_STEPS):
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = at(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = at(right)
    return max(at_left, at_right)[1]


def _most_likely_bias(counts: Cells, kappa: float, prevalence: float) -> float:
    """Return the most likely bias, by bisection: the likelihood is concave in it if kappa >= 0."""
    beyond = 1 - kappa
    rest = 1 - prevalence**2
    # where the chance of fail_fail becomes zero, and, if it does, that of fail_pass
    high = math.sqrt(max(0.0, (1 - prevalence) * (2 / beyond - 1 - prevalence)))
    if beyond * beyond * rest <= 1:
        high = min(high, beyond * rest / (1 + math.sqrt(1 - beyond * beyond * rest)))
    low, both_pass, both_fail = 0.0, counts.pass_pass, counts.fail_fail
    for _ in range(_SEARCH_STEPS):
        bias = (low + high) / 2
        disagreement, slope = beyond * (rest + bias * bias) / 2, beyond * bias
        change = counts.pass_fail * (1 + slope) / (disagreement + bias)
        # a chance whose count is zero may become zero itself
        change -= both_pass * slope / (1 - disagreement + prevalence) if both_pass else 0
        change -= both_fail * slope / (1 - disagreement - prevalence) if both_fail else 0
        change -= counts.fail_pass * (1 - slope) / (disagreement - bias) if counts.fail_pass else 0
        if change > 0:
            low = bias
        else:
            high = bias
    return (low + high) / 2
