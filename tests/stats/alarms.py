"""Settings in which nothing changed, so that every verdict is a false alarm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.stats.simulated import Setting

KINDS = (".5", ".9", ".95", ".98", "mixture")
CASES = (10, 20, 50, 200)
REPEATS = ((1, 1), (3, 3), (1, 3), (1, 5), (1, 10), (10, 1))
MOST = 0.035  # of rounds, on either side
MOST_NOTES = 0.05  # of rounds that say that the service changed
OF_SERVICE = (
    Setting(".9", 50, confirm=5),
    Setting("mixture", 50, 3, 3, confirm=5),
    Setting(".98", 20, confirm=5),
)
FAMILIES: dict[str, dict[str, Any]] = {
    "1 variant": {},
    "with --confirm 5": {"confirm": 5},
    "copies": {"copies": True},
    "12 variants": {"variants": 12},
    "12 variants, --confirm 5": {"variants": 12, "confirm": 5},
    "copies, --confirm 5": {"copies": True, "confirm": 5},
    "12 variants, copies": {"variants": 12, "copies": True},
    "12 variants, copies, --confirm 5": {"variants": 12, "copies": True, "confirm": 5},
    "groups of 4 whose repeats fail together": {"group": 4},
    "groups of 4 with the luck of a run": {"group": 4, "shares_trials": False},
    "scores": {"has_scores": True},
}


def settings(
    family: str, kind: str, repeats: tuple[int, int], cases: Sequence[int] = CASES
) -> Iterator[Setting]:
    """Yield the settings of a family, by their numbers of cases."""
    for number in cases:
        yield Setting(kind, number, *repeats, **FAMILIES[family])
