"""What a comparison says, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from harness.reporting.comparing.checks import cases, few
from harness.reporting.comparing.decision import ALPHA
from harness.reporting.comparing.hints import points_of
from harness.reporting.comparing.model import (
    CaseChange,
    Change,
    ChangeVerdict,
    Comparison,
    Measure,
    ScopeKind,
)
from harness.reporting.figures import p_is, points, points_interval, signed

_PARTS = frozenset({ScopeKind.SUITE, ScopeKind.TAG, ScopeKind.VARIANT})
_MOST_CASES = 3
_USUAL_LEVEL = 0.05
_UNDECIDED = frozenset({ChangeVerdict.INCONCLUSIVE, ChangeVerdict.EQUIVALENT})


def headline(comparison: Comparison) -> str:
    """Return the verdict in a line: what it is about, what decides, the change of the pass rate."""
    names = f"{scope_words(comparison)}{comparison.new.name} against {comparison.old.name}"
    if comparison.verdict is None:
        return f"NO VERDICT: {names}{_muted(comparison)}"
    if is_all_as_before(comparison):
        return f"UNCHANGED: {names}: {_unchanged(comparison)}{_muted(comparison)}"
    reasons = [*_worse(comparison), rate_sentence(comparison)]
    return f"{comparison.verdict.value.upper()}: {names}: {'; '.join(reasons)}{_muted(comparison)}"


def rerun_sentence(comparison: Comparison) -> str:
    """Say how often the trials of cases that were run again on both sides passed."""
    trials, p = comparison.trials, f"p {p_is(comparison.p)}"
    if trials.copies:
        # the p of a few cases beside the counts of many trials would look like nonsense
        once = f"{cases(trials.copies)} with the same reply in all repeats"
        p = f"with {once} counted once each, {p}"
    return (
        f"{trials.new[0]:,} of {trials.new[1]:,} fresh trials passed with today's request and"
        f" {trials.old[0]:,} of {trials.old[1]:,} with the baseline's; {p}"
    )


def scope_words(comparison: Comparison) -> str:
    """Return which part of a run a comparison is about; nothing for a whole one."""
    if comparison.scope is None:
        return ""
    return f"{comparison.kind.value} {comparison.scope}: "


def is_part(comparison: Comparison) -> bool:
    """Whether a comparison is about a part of a run, whose cases are in the whole one as well."""
    return comparison.kind in _PARTS


def is_all_as_before(comparison: Comparison) -> bool:
    """Whether no case changed, and nothing else is to be said."""
    return (
        comparison.verdict in _UNDECIDED
        and comparison.is_unchanged
        and not comparison.has_moved_measures
        and comparison.passing.difference == 0
        and comparison.passing.cases > 0
    )


def needs_a_look(comparison: Comparison) -> bool:
    """Whether a person should look at a comparison that fails nothing."""
    if comparison.verdict in {None, ChangeVerdict.WITHIN_MARGIN}:
        return True
    may_be_worse = comparison.broken or comparison.newly_flaky or comparison.difference < 0
    return comparison.verdict is ChangeVerdict.INCONCLUSIVE and bool(may_be_worse)


def rate_sentence(comparison: Comparison) -> str:
    """Return the change of the pass rate with its interval and its p-value.

    The interval is about cases like these, the p-value about these very cases and adjusted; where
    one of them excludes that nothing changed and the other does not, the sentence says which.
    """
    interval, p = comparison.passing.interval, _p(comparison.p)
    change = f"pass rate {points(comparison.difference)} {points_interval(interval)}".rstrip()
    adjusted = f" (adjusted for {comparison.family} questions)" if comparison.family > 1 else ""
    if agrees(comparison.passing, comparison.p):
        return f"{change}, {p}{adjusted}"
    if comparison.p < ALPHA:
        return f"{change} for cases like these; {p} for these very cases{adjusted}"
    return f"{change}; by the exact test of these very cases {p}{adjusted}"


def _p(p: float) -> str:
    # many tools take 5 % for their level: a p-value close to it needs a word
    level = f", above the level of {ALPHA}" if ALPHA <= p < _USUAL_LEVEL else ""
    return f"p {p_is(p)}{level}"


def agrees(change: Change, p: float) -> bool:
    """Whether an interval and a p-value both exclude that nothing changed, or both do not."""
    excludes_none = change.interval is not None and 0 not in change.interval
    return excludes_none == (p < ALPHA)


def case_sentence(change: CaseChange) -> str:
    """Say of a case how often it passed before and how often it does now."""
    totals = f"({_split(change.old)} -> {_split(change.new)}), p {p_is(change.p)}"
    name = f"`{change.key.suite}::{change.key.case}`"
    if change.variants == 1:
        verb = "broke" if change.broken else _verb(change)
        return f"{name} {verb} {totals}"
    if change.broken == change.variants:
        return f"{name} broke in all {change.variants} variants {totals}"
    if change.broken:
        return f"{name} broke in {change.broken} of {change.variants} variants {totals}"
    return f"{name} {_verb(change)} over {change.variants} variants {totals}"


def measure_sentence(measure: Measure) -> str:
    """Say how a score or a metric changed."""
    change = measure.change
    p = "" if measure.p is None else f", {_p(measure.p)}"
    return f"{measure.name} {signed(change.difference, 3)}{p}"


def remarks(comparison: Comparison) -> Iterator[str]:
    """Yield what a reader has to know beside the headline, whatever is shown of the numbers."""
    if comparison.verdict is ChangeVerdict.INCONCLUSIVE and not is_all_as_before(comparison):
        yield comparison.power
    in_headline = comparison.worse_cases[:_MOST_CASES]
    for change in comparison.cases:
        if change.verdict is not ChangeVerdict.INCONCLUSIVE and change not in in_headline:
            yield case_sentence(change)
    yield from comparison.notes
    trials = comparison.trials
    if trials.copies:
        one = trials.copies == 1
        yield (
            f"{cases(trials.copies)} gave the same reply in all repeats of either side, so"
            f" {'its' if one else 'their'} repeats count once"
        )
    if trials.groups:
        groups = "1 group was" if trials.groups == 1 else f"{trials.groups:,} groups were"
        yield f"cases share documents or conversations, so {groups} compared"
    if comparison.without_evidence:
        number = len(comparison.without_evidence)
        names = few(comparison.without_evidence)
        where = f"only errored in {comparison.old.name} and cannot be compared"
        yield f"{cases(number)} {where}: {names}"
    yield from remarks_without_verdict(comparison)


def remarks_without_verdict(comparison: Comparison) -> Iterator[str]:
    """Yield what a reader has to know even if there is no verdict."""
    if comparison.muted:
        yield f"failed in {comparison.old.name}, not judged now: {few(comparison.muted)}"


def _worse(comparison: Comparison) -> Iterator[str]:
    changes = comparison.worse_cases
    yield from map(case_sentence, changes[:_MOST_CASES])
    if len(changes) > _MOST_CASES:
        yield f"{cases(len(changes) - _MOST_CASES)} more"
    yield from map(measure_sentence, comparison.worse_measures)


def _unchanged(comparison: Comparison) -> str:
    # scores that a judge gives, or that texts have, are rarely the same twice
    is_exact = not any(measure.change.difference for measure in comparison.measures)
    none = "no case changed" if is_exact else "no case changed its verdict"
    if comparison.drop is None:
        return f"{none}; {_compared(comparison)} too few to find a drop"
    return f"{none}; a drop of {points_of(comparison.drop)} would have been found"


def _compared(comparison: Comparison) -> str:
    groups, number = comparison.trials.groups, comparison.passing.cases
    if groups:
        return "1 group is" if groups == 1 else f"{groups:,} groups are"
    return f"{cases(number)} {'is' if number == 1 else 'are'}"


def _muted(comparison: Comparison) -> str:
    number = len(comparison.muted)
    if not number:
        return ""
    verb = "is" if number == 1 else "are"
    return f"; {cases(number)} that failed before {verb} not judged now"


def _verb(change: CaseChange) -> str:
    return "passes less often" if change.has_fallen else "passes more often"


def _split(counts: tuple[int, int]) -> str:
    return f"{counts[0]}/{counts[1]}"
