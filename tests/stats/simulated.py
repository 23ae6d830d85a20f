"""Drawn runs: what simulations of comparisons compare, and how often something comes of it.

`TEST_ROUNDS=1000` lets the simulations of this folder try all their settings that often; without
it they try a few, so that CI stays fast. `TEST_SEED` is where the random numbers begin.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from harness.app.compare.confirmation import flipped
from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.model import ChangeVerdict, Comparison
from harness.reporting.comparing.sides import RunSide

ROUNDS = int(os.environ.get("TEST_ROUNDS", "0"))
SEED = int(os.environ.get("TEST_SEED", "20240"))

Chances = NDArray[np.float64]
Passed = NDArray[np.int64]  # of each variant (rows) and case (columns)
Random = np.random.Generator


def chances_of(kind: str, cases: int) -> Chances:
    """Return the chance of each case to pass: a number, or that of a mixture with broken cases."""
    if kind == "mixture":
        sound = round(0.8 * cases)
        return np.array([0.97] * sound + [0.02] * (cases - sound))
    return np.full(cases, float(kind))


@dataclass(frozen=True)
class Setting:
    """Two runs of the same cases with the same chances.

    Attributes:
        kind: Names the chances, as `chances_of` knows them.
        copies: Whether all repeats of a case copy one reply.
        confirm: How often what flipped is asked again; 0 if it is not.
        has_replies: Whether the baseline holds what was sent, so that both sides are asked again.
        group: How many cases share a group. Their trials fail together.
        shares_trials: Whether a group shares the luck of each repeat, and not that of the run.
        has_scores: Whether trials have scores from 0 to 1 and pass from 0.5 on.
    """

    kind: str
    cases: int
    old: int = 1
    new: int = 1
    variants: int = 1
    copies: bool = False
    confirm: int = 0
    has_replies: bool = True
    group: int = 1
    shares_trials: bool = True
    has_scores: bool = False

    @property
    def chances(self) -> Chances:
        """The chance of each case to pass."""
        return chances_of(self.kind, self.cases)

    def __str__(self) -> str:
        words = [f"{self.cases} cases at {self.kind}", f"{self.old} to {self.new} repeats"]
        words += [f"{self.variants} variants"] if self.variants > 1 else []
        words += ["copies"] if self.copies else []
        words += [f"groups of {self.group}"] if self.group > 1 else []
        words += ["scores"] if self.has_scores else []
        words += [f"confirm {self.confirm}"] if self.confirm else []
        return ", ".join(words)

    def side(self, name: str, repeats: int, random_: Random, chances: Chances) -> RunSide:
        """Draw a run."""
        if self.has_scores:
            return _scored_side(name, chances, repeats, random_)
        passed = self._passed(chances, repeats, random_)
        distinct = 1 if self.copies else min(repeats, 2)
        return side_of_counts(name, passed, repeats, distinct=distinct, group=self.group)

    def _passed(self, chances: Chances, repeats: int, random_: Random) -> Passed:
        shape = (self.variants, len(chances))
        if self.copies:
            return np.asarray((random_.random(shape) < chances) * repeats)
        if self.group == 1:
            return random_.binomial(repeats, chances, shape)
        groups = -(-len(chances) // self.group)
        luck = random_.random((self.variants, groups, repeats if self.shares_trials else 1))
        luck = np.repeat(luck, self.group, axis=1)[:, : len(chances)]
        passes = luck < chances[None, :, None]
        return np.asarray(passes.sum(axis=2) * (1 if self.shares_trials else repeats))


def side_of_counts(
    name: str, passed: Passed, repeats: int, *, distinct: int = 0, group: int = 1
) -> RunSide:
    """Return a run of which so many repeats passed, by variant and case."""
    side = RunSide(name)
    for row, of_variant in enumerate(passed.tolist()):
        variant = "default" if len(passed) == 1 else f"v{row}"
        for column, number in enumerate(of_variant):
            result = CaseResult(
                CaseKey("s", f"c{column}", variant),
                repeats=repeats,
                passed=number,
                failed=repeats - number,
                distinct_replies=distinct,
                group=f"g{column // group}" if group > 1 else None,
            )
            side.results[result.key] = result
    return side


def _scored_side(name: str, chances: Chances, repeats: int, random_: Random) -> RunSide:
    # cases differ in their mean score, trials within a case in a beta distribution around it
    scores = random_.beta(4 * chances, 4 * (1 - chances), (repeats, len(chances)))
    side = side_of_counts(name, (scores >= 0.5).sum(axis=0)[None, :], repeats)
    for (key, result), of_case in zip(side.results.items(), scores.T.tolist(), strict=True):
        side.results[key] = replace(result, scores=tuple(of_case))
    return side


@dataclass(frozen=True)
class Drawn:
    """What came of two drawn runs.

    Attributes:
        comparisons: The whole first, then its parts.
        old: The fresh trials of what flipped, as `new`; None if nothing was asked again.
        rerun: Their comparison, if both sides were.
    """

    comparisons: Sequence[Comparison]
    old: RunSide | None = None
    new: RunSide | None = None
    rerun: Comparison | None = None

    def says(self, *verdicts: ChangeVerdict) -> bool:
        """Whether any of the comparisons has one of these verdicts."""
        every = [*self.comparisons, *([self.rerun] if self.rerun else [])]
        return any(comparison.verdict in verdicts for comparison in every)


def draw(setting: Setting, random_: Random, after: Chances | None = None) -> Drawn:
    """Draw two runs, compare them, and ask again what flipped if the setting says so.

    Args:
        setting: Says what is drawn.
        random_: Where it comes from.
        after: The chances of the new run, if they are not those of the old one.
    """
    before = setting.chances
    chances = (before, before if after is None else after)
    repeats = (setting.old, setting.new)
    old, new = (
        setting.side(name, times, random_, chance)
        for name, times, chance in zip(("old", "new"), repeats, chances, strict=True)
    )
    comparer = Comparer()
    comparisons = comparer.compare_run(old, new)
    keys = flipped(comparisons[0]) if setting.confirm else set()
    if not keys:
        return Drawn(comparisons)
    if not setting.has_replies:
        keys = {pair.new.key for pair in comparisons[0].broken}
        alone = setting.side("new again", setting.confirm, random_, chances[1]).part(keys)
        return Drawn(comparisons, RunSide("old again"), alone)
    before_again, after_again = (
        setting.side(name, setting.confirm, random_, chance).part(keys)
        for name, chance in zip(("old again", "new again"), chances, strict=True)
    )
    rerun = comparer.compare_rerun(comparisons[0], before_again, after_again)
    return Drawn(comparisons, before_again, after_again, rerun)


@dataclass(frozen=True)
class FalseAlarms:
    """In how many rounds anything regressed, or improved, though nothing had changed."""

    rounds: int
    regressed: int
    improved: int

    @property
    def worse_side(self) -> int:
        """The larger number."""
        return max(self.regressed, self.improved)


def false_alarms(setting: Setting, rounds: int) -> FalseAlarms:
    """Count false alarms."""
    random_, regressed, improved = random_of(setting), 0, 0
    for _ in range(rounds):
        drawn = draw(setting, random_)
        regressed += drawn.says(ChangeVerdict.REGRESSED)
        improved += drawn.says(ChangeVerdict.IMPROVED)
    return FalseAlarms(rounds, regressed, improved)


def random_of(*what: Any) -> Random:
    """Return random numbers that are the same for the same setting."""
    return np.random.default_rng([SEED, *repr(what).encode()])


def most_of(rounds: int, share: float) -> float:
    """Return how often something of at most this chance may happen.

    Few rounds get the leeway of chance, one in a thousand; those of `TEST_ROUNDS` do not.
    """
    return share * rounds if ROUNDS else float(stats.binom.ppf(0.999, rounds, share))


def least_of(rounds: int, share: float) -> float:
    """Return how often something of at least this chance has to happen, likewise."""
    return share * rounds if ROUNDS else float(stats.binom.ppf(0.001, rounds, share))
