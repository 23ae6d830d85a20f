"""Cases over all their variants: which of them changed by their own trials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.model.case_result import CaseKey
from harness.reporting.comparing.decision import ALPHA
from harness.reporting.comparing.model import CaseChange, ChangeVerdict
from harness.reporting.comparing.pairs import Pair
from harness.stats.families import attainable, holm
from harness.stats.stratified import least_given, within_cases


def by_case(pairs: Iterable[Pair]) -> dict[CaseKey, list[Pair]]:
    """Return the pairs of each case, in all its variants."""
    cases: dict[CaseKey, list[Pair]] = {}
    for pair in pairs:
        key = pair.new.key
        cases.setdefault(CaseKey(key.suite, key.case), []).append(pair)
    return cases


def case_changes(cases: dict[CaseKey, list[Pair]]) -> list[CaseChange]:
    """Return the cases that can show a change, with p-values adjusted for all of them.

    Those that show none are returned, too: whether other questions of the run have to share their
    significance level with cases must not depend on what these show. The variants of a case are
    the strata of its test: what breaks in all of them is found, however many there are.
    """
    strata = [[pair.repeats for pair in pairs] for pairs in cases.values()]
    can_tell = attainable([least_given(repeats) for repeats in strata], ALPHA)
    tested = [
        (key, pairs, within_cases(repeats))
        for (key, pairs), repeats, can in zip(cases.items(), strata, can_tell, strict=True)
        if can
    ]
    adjusted = holm([p for _, _, p in tested])
    return [_change(key, pairs, p) for (key, pairs, _), p in zip(tested, adjusted, strict=True)]


def _change(key: CaseKey, pairs: Sequence[Pair], p: float) -> CaseChange:
    return CaseChange(
        key,
        len(pairs),
        # what only errored did not break, though it counts as failed
        sum(pair.has_broken and pair.new.label.fails_run for pair in pairs),
        (sum(pair.old.passed for pair in pairs), sum(pair.old.judged for pair in pairs)),
        (sum(pair.new.passed for pair in pairs), sum(pair.new.judged for pair in pairs)),
        p,
        ChangeVerdict.INCONCLUSIVE,  # until all questions of the run are adjusted together
    )
