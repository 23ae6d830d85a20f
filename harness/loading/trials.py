"""The trials that suites ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.loading.selection import Selection
from harness.model.suite import Suite, Trial


def trials_of(suites: Iterable[Suite], selection: Selection) -> Iterator[Trial]:
    """Yield the selected trials in suite order: case by case, variant by variant, repeat by repeat.

    Trials are made one at a time, so that their number costs no memory. The trials of a shard have
    the places that they have in the whole run.
    """
    index = units = 0
    for suite in suites:
        for case in suite.cases:
            for variant in suite.variants:
                first = index
                is_ours = selection.shard is None or selection.shard.holds(units)
                for repeat in range(1, case.repeat + 1):
                    trial = Trial(suite, case, variant, repeat, case.repeat, index)
                    if selection.selects(trial):
                        if is_ours:
                            yield trial
                        index += 1
                units += index > first
