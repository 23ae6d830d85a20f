"""The trials that suites ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.loading.selection import Selection
from harness.model.suite import Suite, Trial


def trials_of(suites: Iterable[Suite], selection: Selection) -> Iterator[Trial]:
    """Yield the selected trials in suite order: case by case, variant by variant, repeat by repeat.

    Trials are made one at a time, so that their number costs no memory.
    """
    index = 0
    for suite in suites:
        for case in suite.cases:
            for variant in suite.variants:
                for repeat in range(1, case.repeat + 1):
                    trial = Trial(suite, case, variant, repeat, case.repeat, index)
                    if selection.selects(trial):
                        yield trial
                        index += 1
