"""Two sides compared case by case, with a verdict that says what can be said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import sub

from harness.model.case_result import CaseKey
from harness.reporting.comparing.adjustment import (
    adjusted_levels,
    adjusted_rerun,
    adjusted_run,
)
from harness.reporting.comparing.case_changes import by_case, case_changes
from harness.reporting.comparing.checks import factors, refusals
from harness.reporting.comparing.decision import (
    ALPHA,
    MARGIN,
    concluded,
    is_within_margin,
    within_margin,
)
from harness.reporting.comparing.errors import error_bounds
from harness.reporting.comparing.hints import Hint, design_of
from harness.reporting.comparing.measures import Clusters, measures_of
from harness.reporting.comparing.model import (
    Change,
    ChangeVerdict,
    Comparison,
    Scope,
    ScopeKind,
    Trials,
)
from harness.reporting.comparing.pairs import Pair, pairs_of, those
from harness.reporting.comparing.scopes import parts_of_run
from harness.reporting.comparing.sides import RunSide
from harness.reporting.rates import Rate, RateTally
from harness.stats.change_interval import change_interval
from harness.stats.group_flips import group_flips, least_flipped
from harness.stats.means import mean
from harness.stats.stratified import excess, least_within, within_cases


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares sides.

    Attributes:
        margin: Changes of pass rate up to this are as good as none.
        seed: Of sampled permutations.
        by_tag: Whether each tag has a verdict of its own.
    """

    margin: float = MARGIN
    seed: int = 0
    by_tag: bool = False

    def compare_run(self, old: RunSide, new: RunSide) -> list[Comparison]:
        """Compare two runs: as a whole, and in parts where they have several.

        Returns:
            The whole first, then suites, tags and variants; each has a verdict, and all p-values
            are adjusted for each other.
        """
        pairs = pairs_of(old, new)
        whole = self._compare(Scope(old, new), pairs)
        families = [
            [self._compare(scope, _those_in(scope, pairs)) for scope in scopes]
            for scopes in parts_of_run(old, new, by_tag=self.by_tag)
        ]
        whole, parts, alpha = adjusted_run(whole, families)
        return [concluded(part, self.margin) for part in (self._with_hint(whole, alpha), *parts)]

    def compare(self, pairs: Iterable[tuple[RunSide, RunSide]]) -> list[Comparison]:
        """Compare new sides with old ones; together they are one family of tests.

        Args:
            pairs: An old and a new side each.
        """
        scopes = [Scope(old, new, ScopeKind.LEVEL) for old, new in pairs]
        wholes = [self._compare(scope, pairs_of(scope.old, scope.new)) for scope in scopes]
        alpha = ALPHA / max(1, len(wholes))
        return [
            concluded(self._with_hint(whole, alpha), self.margin)
            for whole in adjusted_levels(wholes)
        ]

    def compare_rerun(self, first: Comparison, old: RunSide, new: RunSide) -> Comparison:
        """Return what cases that were chosen say when they are run again on both sides.

        The first comparison stands beside it as it is: a drop over many cases stays found, even if
        none of those that flipped fails again. What a run may lose within its margin, the cases
        that lost it do not make worse.

        Args:
            first: The first run as a whole.
            old: The fresh trials of the baseline's requests.
            new: The fresh trials of today's.
        """
        scope = Scope(old, new, ScopeKind.CONFIRMATION)
        rerun = adjusted_rerun(self._compare(scope, pairs_of(old, new)))
        rerun = concluded(rerun, self.margin)
        # what is worse was worse in the run that chose the cases, too
        is_opposed = first.trials.excess * rerun.passing.difference < 0
        if is_opposed and rerun.verdict is not None:
            return replace(rerun, verdict=ChangeVerdict.INCONCLUSIVE)
        if is_within_margin(first.passing, self.margin):
            rerun = replace(rerun, verdict=within_margin(rerun.verdict))
        return rerun

    def _with_hint(self, comparison: Comparison, alpha: float) -> Comparison:
        if comparison.refusals:
            return comparison
        pairs = comparison.pairs
        groups = _groups(pairs)
        design = design_of([pair.repeats for pair in pairs], groups, alpha)
        if groups is None:
            variants = round(len(pairs) / max(1, comparison.passing.cases))
            hint = Hint(design, self.margin, variants=max(1, variants))
        else:
            hint = Hint(design, self.margin, "group")
        return replace(comparison, hint=hint)

    def _compare(self, scope: Scope, paired: Mapping[CaseKey, Pair]) -> Comparison:
        old, new, pairs = scope.old, scope.new, list(paired.values())
        groups = _groups(pairs)
        cases = by_case(pairs)
        p = self._p(pairs)
        gone = [key for key in old.results if key not in new.results]
        muted = [key for key in gone if key in new.not_compared]
        return Comparison(
            old=old,
            new=new,
            refusals=tuple(refusals(old, new, pairs)),
            factors=tuple(factors(old, new, pairs)),
            rates=(_rate(cases.values(), is_new=False), _rate(cases.values(), is_new=True)),
            passing=_passing(list(cases.values()), p),
            measures=tuple(
                measures_of(pairs, _clusters(cases, pairs, groups), self.seed, new.formula_inputs)
            ),
            trials=_trials(pairs, groups),
            p=p,
            family=1,
            verdict=None,
            pairs=pairs,
            kind=scope.kind,
            scope=scope.name,
            cases=tuple(case_changes(cases)),
            notes=tuple(error_bounds(old, new, pairs, self._p)),
            broken=those(pairs, lambda pair: pair.has_broken),
            fixed=those(pairs, lambda pair: pair.is_fixed),
            still_failing=those(pairs, lambda pair: pair.still_fails),
            newly_flaky=those(pairs, lambda pair: pair.is_newly_flaky),
            moved=those(pairs, lambda pair: pair.has_moved),
            changed=those(pairs, lambda pair: pair.has_another_reply),
            added=_names(key for key in new.results if key not in old.results),
            removed=_names(
                key for key in gone if key not in new.not_compared and key not in new.left_out
            ),
            not_compared=_names(muted),
            muted=_names(key for key in muted if old.results[key].without_errors().label.fails_run),
            without_evidence=_names(
                key
                for key, result in old.results.items()
                if key in new.results and result.errored == result.judged
            ),
        )

    def _p(self, pairs: Sequence[Pair]) -> float:
        """Return the p-value of the hypothesis that no case passes more or less often."""
        groups = _groups(pairs)
        repeats = [pair.repeats for pair in pairs]
        if groups is None:
            return within_cases(repeats)
        return group_flips(zip(groups, repeats, strict=True), self.seed)


def _those_in(scope: Scope, pairs: Mapping[CaseKey, Pair]) -> dict[CaseKey, Pair]:
    """Return the pairs of a part of a run, adjusted for all cases of the run."""
    before = scope.old.results
    return {key: pairs[key] for key in scope.new.results if key in pairs and key in before}


def _passing(cases: Sequence[Sequence[Pair]], p: float) -> Change:
    """Return the change of the pass rate; a case counts once, over all its variants."""
    if not cases:
        return Change(0.0, 0.0, 0.0, change_interval([]), p, 0)
    before, after = (_shares(cases, is_new=is_new) for is_new in (False, True))
    old, new = mean(before), mean(after)
    changes = list(map(sub, after, before))
    groups = _groups([pairs[0] for pairs in cases])
    return Change(old, new, new - old, change_interval(changes, groups), p, len(cases))


def _shares(cases: Iterable[Sequence[Pair]], *, is_new: bool) -> list[float]:
    """Return the share of the trials of each case that passed; all its variants count the same."""
    return [mean([pair.shares[is_new] for pair in pairs]) for pairs in cases]


def _groups(pairs: Sequence[Pair]) -> list[str] | None:
    """Return the group of each case; None if no two cases share one."""
    if all(pair.new.group is None for pair in pairs):
        return None
    groups: dict[tuple[str, str], CaseKey] = {}
    named: list[str] = []
    has_shared = False
    for pair in pairs:
        key, group = pair.new.key, pair.new.group
        if group is None:
            named.append(f"{key.suite}::{key.case}")
            continue
        first = groups.setdefault((key.suite, group), key)
        has_shared = has_shared or first.case != key.case
        named.append(f"{key.suite}::{first.case}")
    return named if has_shared else None


def _clusters(
    cases: Mapping[CaseKey, Sequence[Pair]], pairs: Sequence[Pair], groups: Sequence[str] | None
) -> Clusters:
    if groups is not None or len(cases) == len(pairs):
        return Clusters(groups, groups)
    return Clusters(None, [f"{pair.new.key.suite}::{pair.new.key.case}" for pair in pairs])


def _trials(pairs: Sequence[Pair], groups: Sequence[str] | None) -> Trials:
    repeats = [pair.repeats for pair in pairs]
    return Trials(
        (sum(pair.old.passed for pair in pairs), sum(pair.old.judged for pair in pairs)),
        (sum(pair.new.passed for pair in pairs), sum(pair.new.judged for pair in pairs)),
        excess(repeats),
        len({(pair.new.key.suite, pair.new.key.case) for pair in pairs if pair.are_copies}),
        0 if groups is None else len(set(groups)),
        least_within(repeats) if groups is None else least_flipped(len(set(groups))),
    )


def _rate(cases: Collection[Sequence[Pair]], *, is_new: bool) -> Rate:
    tally = RateTally()
    for share, pairs in zip(_shares(cases, is_new=is_new), cases, strict=True):
        tally.add_share(share, pairs[0].new.group)
    return tally.rate()


def _names(keys: Iterable[CaseKey]) -> tuple[str, ...]:
    return tuple(map(str, keys))
