"""A run on record as a side of a comparison."""

from __future__ import annotations

from harness.reporting.comparing.sides import RunSide, side_of
from harness.store.reader import RunReader


def side_of_run(name: str, reader: RunReader, *, excludes_errors: bool) -> RunSide:
    """Return the side that a run makes up.

    Args:
        name: What reports call it.
        reader: Its record.
        excludes_errors: Whether errored trials are left out instead of counted as failures.

    Raises:
        StoreError: The record cannot be read.
    """
    side = side_of(name, reader.outcomes(), excludes_errors=excludes_errors)
    # replies judged by another model cannot be compared, so the side has to name it
    side.judge = reader.head.judge
    side.formula_inputs = {
        (suite.name, word)
        for suite in reader.head.suites
        for metric in suite.metrics
        for word in metric.words
    }
    return side
