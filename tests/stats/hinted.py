"""The drop that the hint of a comparison names, and how often it is found when it happens."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.reporting.comparing.model import ChangeVerdict
from tests.stats.simulated import Chances, Random, Setting, draw, random_of

SETTINGS: Sequence[Setting] = (
    Setting(".9", 20, 5, 5),
    Setting(".95", 50, 3, 3),
    Setting(".9", 100),
    Setting(".9", 100, 3, 3),
    Setting(".98", 200),
    Setting("mixture", 50, 5, 5),
    Setting(".9", 50, 1, 5),
    Setting(".5", 200, 3, 3),
    Setting("mixture", 100),
    Setting(".98", 20, 3, 3),
    Setting(".9", 50, 5, 1),
    Setting(".95", 30, 10, 10),
    Setting("mixture", 20, 3, 3),
)
LEAST, MOST = 0.72, 0.9
_HINTS = 25
_WORSE = (ChangeVerdict.REGRESSED, ChangeVerdict.WITHIN_MARGIN)


@dataclass(frozen=True)
class Hinted:
    """How often a drop is found.

    Attributes:
        drop: The median of the drops that several runs without a change name.
        even: In how many rounds, if the chances of all cases fall alike.
        uneven: In how many, if some cases break altogether.
    """

    drop: float
    even: int
    uneven: int


def hinted(setting: Setting, rounds: int) -> Hinted:
    """Let the drop happen that comparisons name."""
    random_ = random_of(setting)
    drop = _named_drop(setting, random_)
    found = [0, 0]
    for _ in range(rounds):
        for position, after in enumerate((_even(setting, drop), _uneven(setting, drop, random_))):
            whole = draw(setting, random_, after).comparisons[0]
            found[position] += whole.verdict in _WORSE
    return Hinted(drop, *found)


def _named_drop(setting: Setting, random_: Random) -> float:
    drops = [draw(setting, random_).comparisons[0].drop for _ in range(_HINTS)]
    return statistics.median(1.0 if drop is None else drop for drop in drops)


def _even(setting: Setting, drop: float) -> Chances:
    """Return the chances after all have fallen alike; what is left at 0 falls no further."""
    before = setting.chances
    low, high = 0.0, 1.0
    for _ in range(40):
        step = (low + high) / 2
        fallen = np.maximum(0, before - step)
        low, high = (step, high) if before.mean() - fallen.mean() < drop else (low, step)
    return np.maximum(0, before - high)


def _uneven(setting: Setting, drop: float, random_: Random) -> Chances:
    before = setting.chances
    breaks = random_.random(len(before)) < drop / before.mean()
    return np.where(breaks, 0.0, before)
