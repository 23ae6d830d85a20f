"""Whether one case can be compared with the baseline, whatever is the matter with others."""

from __future__ import annotations

from harness.model.case_result import CaseKey
from harness.reporting.comparing.checks import refusals
from harness.reporting.comparing.pairs import Pair, pairs_of
from harness.reporting.comparing.sides import RunSide


def comparable_pair(old: RunSide, new: RunSide, key: CaseKey) -> Pair | None:
    """Return a case on both sides; None if one lacks it, or it cannot be compared.

    It is looked at alone: an assertion that was edited in one case gives no verdict on the run,
    but makes no known failure of another case a new one.
    """
    if key not in old.results or key not in new.results:
        return None
    before, now = _alone(old, key), _alone(new, key)
    pair = pairs_of(before, now).get(key)
    if pair is None:  # the baseline has only errors of the case
        return None
    return None if any(refusals(before, now, [pair])) else pair


def _alone(side: RunSide, key: CaseKey) -> RunSide:
    # `RunSide.part` looks at every case, which takes too long for each of many failing ones
    return RunSide(side.name, {key: side.results[key]}, judge=side.judge)
