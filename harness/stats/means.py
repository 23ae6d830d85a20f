"""The arithmetic mean."""

from __future__ import annotations

import math
from collections.abc import Collection


def mean(values: Collection[float]) -> float:
    """Return the mean of values, one at least, with a sum that is rounded once.

    It is the standard library's `statistics.fmean`, without what that takes to import: a
    twentieth of a short run.
    """
    return math.fsum(values) / len(values)
