"""The two sides of a comparison: the case results of a run, of a baseline, or of a part of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field, replace

from harness.model.case_result import CaseKey, CaseResult, pooled
from harness.model.record import OutcomeRecord
from harness.reporting.case_results import comparable_results


@dataclass(slots=True)
class RunSide:
    """One side of a comparison.

    Attributes:
        results: Cases that were judged and are not expected to fail.
        skipped: By variant, trials that do not count: skipped, unjudged or expected to fail.
        excluded: By variant, trials that errored and were left out on request.
        judge: The model that judged replies, if there was one.
        not_compared: Cases whose trials do not count.
        left_out: Cases of which all trials errored and were left out on request.
        excludes_errors: Whether an errored trial is left out instead of counted as a failure.
        formula_inputs: Suites and names of metrics from which suites compute others.
    """

    name: str
    results: dict[CaseKey, CaseResult] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    judge: str | None = None
    not_compared: set[CaseKey] = field(default_factory=set)
    left_out: set[CaseKey] = field(default_factory=set)
    excludes_errors: bool = False
    formula_inputs: Set[tuple[str, str]] = frozenset()

    @property
    def trials(self) -> int:
        """How many trials there are, whatever became of them."""
        judged = sum(result.judged for result in self.results.values())
        return judged + self.skipped.total() + self.excluded.total()

    @property
    def errored(self) -> int:
        """How many trials could not be judged and count as failures."""
        return sum(result.errored for result in self.results.values())

    @property
    def models(self) -> set[str]:
        """The models that were asked."""
        return {name for result in self.results.values() for name in result.conditions.models}

    @property
    def settings(self) -> set[tuple[str, str]]:
        """Names and values of sampling settings."""
        return {pair for result in self.results.values() for pair in result.conditions.settings}

    def add(self, result: CaseResult) -> None:
        """Add a case."""
        variant = result.key.variant
        # an expected failure is no news on either side, so it moves no rate
        outside = result.trials if result.xfail is not None else result.skipped + result.unjudged
        self.skipped[variant] += outside
        if self.excludes_errors and result.xfail is None:
            self.excluded[variant] += result.errored
            result = result.without_errors()
        if result.is_rated:
            self.results[result.key] = result
        elif outside:
            self.not_compared.add(result.key)
        else:
            self.left_out.add(result.key)

    def part(self, keys: Iterable[CaseKey]) -> RunSide:
        """Return the side with these cases only."""
        wanted = set(keys)
        return replace(
            self,
            results={key: self.results[key] for key in self.results if key in wanted},
            not_compared=self.not_compared & wanted,
            left_out=self.left_out & wanted,
        )


def side_of(
    name: str, records: Iterable[OutcomeRecord], *, excludes_errors: bool = False
) -> RunSide:
    """Return the side that some records make up, variant by variant."""
    side = RunSide(name, excludes_errors=excludes_errors)
    for result in comparable_results(records):
        side.add(result)
    return side


def pooled_side(side: RunSide) -> RunSide:
    """Return a side in which each case counts once, over all variants that are in it.

    Cases are found without their variant, so that sides of other variants pair with them; a result
    that stands for one variant alone keeps its name.
    """
    by_case: dict[CaseKey, list[CaseResult]] = {}
    for key, result in side.results.items():
        by_case.setdefault(CaseKey(key.suite, key.case), []).append(result)
    results = {key: pooled(of_case) for key, of_case in by_case.items()}
    not_compared, left_out = (
        {CaseKey(key.suite, key.case) for key in keys} - results.keys()
        for keys in (side.not_compared, side.left_out)
    )
    return replace(side, results=results, not_compared=not_compared, left_out=left_out)


def by_variant(old: RunSide, new: RunSide) -> Iterator[tuple[str, RunSide, RunSide]]:
    """Yield each variant with what both sides have of it.

    Variants of one case share its question, so their changes are not independent of each other;
    each is compared for itself. A variant that only the new side has is compared with nothing.
    """
    before, now = variants_of(old), variants_of(new)
    # in the order of the new side: a saved baseline has its cases by their names
    for variant in dict.fromkeys((*now, *before)):
        if variant in before and before[variant].results:
            yield variant, before[variant], now.get(variant) or RunSide(new.name)


def new_variants(old: RunSide, new: RunSide) -> list[str]:
    """Return the variants that only the new side has."""
    previous = {key.variant for key in old.results}
    return sorted({key.variant for key in new.results} - previous)


def variants_of(side: RunSide) -> dict[str, RunSide]:
    """Return what a side has of each variant."""
    names = {result.key.variant: None for result in side.results.values()} | dict.fromkeys(
        (*side.skipped, *side.excluded)
    )
    parts = {
        name: replace(
            side,
            results={},
            skipped=Counter({name: side.skipped[name]}),
            excluded=Counter({name: side.excluded[name]}),
        )
        for name in names
    }
    for key, result in side.results.items():
        parts[result.key.variant].results[key] = result
    return parts
