"""What can be said of two sides: the change, its verdict, the cases it shows in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.model.case_result import CaseKey
from harness.reporting.comparing.hints import Hint
from harness.reporting.comparing.pairs import Pair
from harness.reporting.comparing.sides import RunSide
from harness.reporting.rates import Rate
from harness.stats.distributions import Interval


class ChangeVerdict(StrEnum):
    """What can be said of a change; finding nothing never counts as "no change"."""

    REGRESSED = "regressed"
    WITHIN_MARGIN = "worse, within the margin"
    IMPROVED = "improved"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"


class ScopeKind(StrEnum):
    """Which part of a run a comparison is about."""

    RUN = "run"
    SUITE = "suite"
    TAG = "tag"
    VARIANT = "variant"
    LEVEL = "level"
    CONFIRMATION = "confirmation"


@dataclass(frozen=True, slots=True)
class Change:
    """How something differs between the sides, over the cases that both have.

    Attributes:
        old: Of the old side; the mean, or the geometric mean of what is compared by ratio.
        new: Likewise.
        difference: New minus old, or new over old.
        interval: Of the difference over cases like these, at 95 %; None where none is given.
        p: Of the hypothesis that nothing changed, not adjusted; None where nothing was tested.
        cases: How many were compared.
        quantiles: The median and the 95th percentile of both sides, of latencies.
    """

    old: float
    new: float
    difference: float
    interval: Interval | None
    p: float | None
    cases: int
    quantiles: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A score or a named metric, compared.

    Attributes:
        p: Adjusted; None where nothing was tested, as of metrics of which nothing says whether
            more is better.
        verdict: None likewise.
    """

    name: str
    change: Change
    p: float | None = None
    verdict: ChangeVerdict | None = None


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case over all its variants, whose trials show that it passes more or less often.

    Attributes:
        key: The case, without a variant.
        variants: How many variants were compared.
        broken: In how many of them it broke.
        old: How many trials passed, and how many there were; `new` likewise.
        p: Adjusted for all cases and other questions of the run.
    """

    key: CaseKey
    variants: int
    broken: int
    old: tuple[int, int]
    new: tuple[int, int]
    p: float
    verdict: ChangeVerdict

    @property
    def has_fallen(self) -> bool:
        """Whether the case passes less often than before."""
        return self.new[0] * self.old[1] < self.old[0] * self.new[1]


@dataclass(frozen=True, slots=True)
class Trials:
    """The trials of the cases that were compared.

    Attributes:
        old: How many passed, and how many there were; `new` likewise.
        excess: How many more new trials passed than if no case had changed; the p-value of a
            comparison belongs to that.
        copies: How many cases count as one trial, because all their replies were alike.
        groups: How many groups of cases there are; 0 without groups.
        least_p: The smallest p-value that so many cases and repeats could have given.
    """

    old: tuple[int, int] = (0, 0)
    new: tuple[int, int] = (0, 0)
    excess: float = 0.0
    copies: int = 0
    groups: int = 0
    least_p: float = 1.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two sides have to say of each other.

    Attributes:
        refusals: Why there is no verdict: what would make it one about something else.
        factors: What differs between the sides, and may.
        verdict: None if it was refused.
        kind: What it is about.
        scope: The name of that, where there are several.
        rates: The pass rates of the cases that both sides have.
        passing: The change of the pass rate; each case counts once, over all its variants.
        measures: Scores and named metrics.
        trials: What the p-value comes from.
        p: Of the hypothesis that no case passes more or less often, adjusted for all other
            questions of the comparison.
        family: How many questions that are.
        hint: Which drop would have been found; None of parts, and without a verdict.
        cases: Cases that their own trials show to have changed, over all their variants.
        broken: Cases that passed and do not any more; likewise the other lists.
        moved: Cases that pass more or less often by their own repeats, and are in no other list.
        not_compared: Cases that were judged and no longer are: skipped, expected to fail, or
            without expectations.
        muted: Those of them that failed in the baseline.
        without_evidence: Cases of which the old side has errors only.
        changed: Cases with another reply and the same verdict, as far as replies are known.
        notes: What else a reader has to know of the verdict.
        pairs: All cases that both sides have.
    """

    old: RunSide
    new: RunSide
    refusals: tuple[str, ...]
    factors: tuple[str, ...]
    rates: tuple[Rate, Rate]
    passing: Change
    measures: tuple[Measure, ...]
    trials: Trials
    p: float
    family: int
    verdict: ChangeVerdict | None
    broken: tuple[Pair, ...]
    fixed: tuple[Pair, ...]
    still_failing: tuple[Pair, ...]
    newly_flaky: tuple[Pair, ...]
    moved: tuple[Pair, ...]
    changed: tuple[Pair, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    not_compared: tuple[str, ...]
    muted: tuple[str, ...] = ()
    without_evidence: tuple[str, ...] = ()
    cases: tuple[CaseChange, ...] = ()
    notes: tuple[str, ...] = ()
    kind: ScopeKind = ScopeKind.RUN
    scope: str | None = None
    hint: Hint | None = None
    pairs: Sequence[Pair] = ()

    def pairs_that_changed(self) -> Iterator[Pair]:
        """Yield the cases that are in one of the lists."""
        for pairs in (self.broken, self.fixed, self.newly_flaky, self.moved, self.still_failing):
            yield from pairs
        yield from self.changed

    @property
    def difference(self) -> float:
        """The change of the pass rate, over the cases that both sides have."""
        return self.passing.difference

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of that change over cases like these."""
        return self.passing.interval

    @property
    def drop(self) -> float | None:
        """The smallest drop of the pass rate that would have been found four times of five."""
        return None if self.hint is None else self.hint.drop

    @property
    def power(self) -> str:
        """In words, which drop would have been found, and what it takes to find a small one."""
        return "" if self.hint is None else self.hint.words

    @property
    def knows_replies(self) -> bool:
        """Whether both sides tell what was replied; baselines mostly do not."""
        return all(
            any(result.replies for result in side.results.values()) for side in (self.old, self.new)
        )

    @property
    def is_unchanged(self) -> bool:
        """Whether every case that both sides have came out as before."""
        return not (self.broken or self.fixed or self.newly_flaky or self.moved)

    @property
    def has_moved_measures(self) -> bool:
        """Whether the interval of the change of a score or a metric leaves out that none is."""
        changes = (measure.change for measure in self.measures)
        return any(
            change.interval is not None and change.difference and 0 not in change.interval
            for change in changes
        )

    @property
    def worse_cases(self) -> tuple[CaseChange, ...]:
        """Cases that their own trials show to be worse."""
        return tuple(case for case in self.cases if case.verdict is ChangeVerdict.REGRESSED)

    @property
    def worse_measures(self) -> tuple[Measure, ...]:
        """Scores and metrics that got worse, be it within the margin."""
        return tuple(measure for measure in self.measures if measure.verdict in _WORSE)


_WORSE = frozenset({ChangeVerdict.REGRESSED, ChangeVerdict.WITHIN_MARGIN})


@dataclass(frozen=True, slots=True)
class Scope:
    """What is compared with what.

    Attributes:
        name: Told where there are several of the kind.
    """

    old: RunSide
    new: RunSide
    kind: ScopeKind = ScopeKind.RUN
    name: str | None = None
