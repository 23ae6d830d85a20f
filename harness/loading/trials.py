"""The trials that suites ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter

from harness.loading.selection import Selection
from harness.model.suite import Suite, Trial


def trials_of(suites: Iterable[Suite], selection: Selection) -> Iterator[Trial]:
    """Yield the selected trials in suite order: case by case, variant by variant, repeat by repeat.

    With a trial come those of other variants that it is compared with; these cases come repeat by
    repeat, so that nobody waits long. Trials are made one at a time, so that their number costs no
    memory. The trials of a shard have the places that they have in the whole run; variants that are
    compared are in one shard.
    """
    index = units = 0
    for suite in suites:
        for case in suite.cases:
            chosen: list[Trial] = []
            first = index
            for variant in suite.variants:
                is_ours = selection.shard is None or selection.shard.holds(units)
                for repeat in range(1, case.repeat + 1):
                    trial = Trial(suite, case, variant, repeat, case.repeat, index)
                    if not _is_wanted(trial, selection):
                        continue
                    index += 1
                    if is_ours and case.compared:
                        chosen.append(trial)
                    elif is_ours:
                        yield trial
                if not case.compared:
                    units, first = units + (index > first), index
            units += index > first
            yield from sorted(chosen, key=attrgetter("repeat"))


def expected_variants(trial: Trial, selection: Selection) -> frozenset[str]:
    """Return the variants in which a trial's case and repeat are wanted."""
    return frozenset(
        variant.name
        for variant in trial.suite.variants
        if _is_wanted(replace(trial, variant=variant), selection)
    )


def _is_wanted(trial: Trial, selection: Selection) -> bool:
    """Return whether a trial is selected, or one that is compared with it."""
    if selection.selects(trial) or not selection.include_compared:
        return selection.selects(trial)
    name, compared = trial.variant.name, trial.case.compared
    return any(
        name in compared.get(variant.name, ())
        and selection.selects(replace(trial, variant=variant))
        for variant in trial.suite.variants
        if compared
    )
