"""The trials of suites, in the order in which they run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter

from harness.loading.selection import Selection
from harness.model.suite import Case, Suite, Trial, Variant


def trials_of(suites: Iterable[Suite], selection: Selection) -> Iterator[Trial]:
    """Yield the selected trials in suite order: case by case, variant by variant, repeat by repeat.

    A trial brings the trials it is compared with. Their cases come repeat by repeat, so that
    compared trials run close together and do not wait long for each other. Trials are made one at a
    time, so that their number takes no memory. A trial of a shard has the index it has in the whole
    run; compared variants are in one shard.
    """
    index = group = 0  # a group goes to one shard: a case in a variant, or in all compared ones
    for suite in suites:
        for case in suite.cases:
            compared: list[Trial] = []
            first = index
            for variant in suite.variants:
                is_in_shard = selection.shard is None or selection.shard.contains(group)
                for repeat in range(1, case.repeat + 1):
                    trial = Trial(suite, case, variant, repeat, case.repeat, index)
                    if not _is_wanted(trial, selection):
                        continue
                    index += 1
                    if is_in_shard and case.compared:
                        compared.append(trial)
                    elif is_in_shard:
                        yield trial
                if not case.compared:
                    group, first = group + (index > first), index
            group += index > first
            yield from sorted(compared, key=attrgetter("repeat"))


def expected_variants(trial: Trial, selection: Selection) -> frozenset[str]:
    """Return the variants in which a trial's case and repeat are to run."""
    return frozenset(
        variant.name
        for variant in trial.suite.variants
        if _is_wanted(replace(trial, variant=variant), selection)
    )


def is_selected(suite: Suite, case: Case, variant: Variant, selection: Selection) -> bool:
    """Return whether a repeat of a case in a variant is to run, in whichever shard."""
    repeats = range(1, case.repeat + 1)
    return any(
        _is_wanted(Trial(suite, case, variant, repeat, case.repeat), selection)
        for repeat in repeats
    )


def _is_wanted(trial: Trial, selection: Selection) -> bool:
    """Return whether a trial, or one that is compared with it, is selected."""
    if selection.selects(trial) or not selection.include_compared:
        return selection.selects(trial)
    name, compared = trial.variant.name, trial.case.compared
    return any(
        name in compared.get(variant.name, ())
        and selection.selects(replace(trial, variant=variant))
        for variant in trial.suite.variants
        if compared
    )
