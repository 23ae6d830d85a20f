"""What the gate of a baseline says of drawn runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.app.compare.baseline_policy import judged_by_baseline
from harness.app.compare.baseline_result import BaselineCheck, BaselineResult, FailOn
from harness.app.compare.baselines import Baseline
from harness.app.compare.confirmation import Confirmation
from harness.app.compare.service_change import ServiceChange, service_change
from harness.exit_code import ExitCode
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.sides import RunSide
from harness.reporting.summary import RunSummary
from tests.stats.simulated import Chances, Drawn, Random, Setting, draw, random_of, side_of_counts

_MOST_DRAWN = 20  # cases that did not flip and are asked again for the sake of the service


def gate(
    drawn: Drawn, fails_on: FailOn, *, confirm: int = 0, service: ServiceChange | None = None
) -> BaselineResult:
    """Return what a gate says of drawn runs."""
    whole = drawn.comparisons[0]
    confirmation = None
    if drawn.old is not None and drawn.new is not None:
        confirmation = Confirmation(drawn.old, drawn.new, confirm, service=service)
    check = BaselineCheck(Baseline("main", {}, whole.old), fails_on, confirm=confirm)
    return judged_by_baseline(
        check,
        summary_of(whole.new),
        drawn.comparisons,
        [],
        confirmation=confirmation,
        rerun=drawn.rerun,
    )


def summary_of(side: RunSide) -> RunSummary:
    """Return what the gate reads of a run: its failing cases, and how many have each label."""
    results = side.results
    return RunSummary(
        labels=Counter(result.label for result in results.values()),
        failed_cases={key for key, result in results.items() if result.label.fails_run},
    )


def drawn_service(setting: Setting, drawn: Drawn, random_: Random) -> ServiceChange | None:
    """Ask the baseline's requests of a sample again, with the chances that they had."""
    whole = drawn.comparisons[0]
    if drawn.old is None:
        return None
    others = sorted(whole.old.results.keys() - drawn.old.results.keys())
    chosen = random_.permutation(len(others))[:_MOST_DRAWN]
    again = setting.side("service", 1, random_, setting.chances)
    sample = again.part(others[number] for number in chosen)
    return service_change(whole.old, drawn.old, sample, len(others))


@dataclass(frozen=True)
class Break:
    """A change that a gate has to find.

    Attributes:
        after: Makes the chances of the new run of those of the old one.
        least: How often it has to be found.
    """

    name: str
    setting: Setting
    after: Callable[[Chances], Chances]
    fails_on: FailOn
    least: float

    def is_found(self, random_: Random) -> bool:
        """Draw both runs; return whether the gate fails."""
        chances = self.after(self.setting.chances)
        drawn = draw(self.setting, random_, chances)
        judged = gate(drawn, self.fails_on, confirm=self.setting.confirm)
        return judged.exit_code is ExitCode.FAILED


def found(change: Break, rounds: int) -> int:
    """Count in how many rounds the gate finds a change."""
    random_ = random_of(change.name)
    return sum(change.is_found(random_) for _ in range(rounds))


@dataclass(frozen=True)
class Gates:
    """What gates say of runs in which nothing changed.

    Attributes:
        failed: In how many rounds the gate fails.
        notes: In how many it says that the service changed.
        decided_by_service: In how many it would have said otherwise without that.
    """

    failed: int
    notes: int
    decided_by_service: int


def gates_without_change(setting: Setting, rounds: int) -> Gates:
    """Draw runs in which nothing changed, and the baseline's requests asked again."""
    random_, failed, notes, decided = random_of(setting), 0, 0, 0
    for _ in range(rounds):
        drawn = draw(setting, random_)
        service = drawn_service(setting, drawn, random_)
        judged = gate(drawn, REGRESSION, confirm=setting.confirm, service=service)
        without = gate(drawn, REGRESSION, confirm=setting.confirm)
        failed += judged.exit_code is ExitCode.FAILED
        notes += service is not None and service.is_sure
        decided += judged.status is not without.status or judged.reasons != without.reasons
    return Gates(failed, notes, decided)


def broken(number: int) -> Callable[[Chances], Chances]:
    """Return what breaks so many cases altogether."""
    return lambda chances: np.where(np.arange(len(chances)) < number, 0.0, chances)


def fallen_to(chance: float) -> Callable[[Chances], Chances]:
    """Return what lowers all chances to this one."""
    return lambda chances: np.full(len(chances), chance)


REGRESSION, BROKEN = FailOn.REGRESSION, FailOn.BROKEN
BREAKS: Sequence[Break] = (
    Break(
        "1 of 20 cases breaks in 12 variants, 5 repeats, the others pass",
        Setting("1", 20, 5, 5, variants=12),
        broken(1),
        REGRESSION,
        1.0,
    ),
    Break(
        "1 of 20 cases breaks in 12 variants, 5 repeats, the others pass at 95 %",
        Setting(".95", 20, 5, 5, variants=12),
        broken(1),
        REGRESSION,
        1.0,
    ),
    Break("5 of 45 cases break, 1 repeat", Setting("1", 45), broken(5), BROKEN, 1.0),
    Break(
        "5 of 45 cases break, 1 repeat, --confirm 5",
        Setting("1", 45, confirm=5),
        broken(5),
        BROKEN,
        1.0,
    ),
    Break(
        "2 of 20 cases break, 1 repeat, --confirm 5",
        Setting("1", 20, confirm=5),
        broken(2),
        REGRESSION,
        0.8,
    ),
    Break(
        "2 of 20 cases break, 1 repeat, the others pass at 95 %, --confirm 5",
        Setting(".95", 20, confirm=5),
        broken(2),
        REGRESSION,
        0.8,
    ),
    Break(
        "2 of 20 cases break, 3 repeats, the others pass at 95 %, --confirm 5",
        Setting(".95", 20, 3, 3, confirm=5),
        broken(2),
        REGRESSION,
        0.8,
    ),
    Break(
        "the same with --fail-on broken",
        Setting(".95", 20, 3, 3, confirm=5),
        broken(2),
        BROKEN,
        0.8,
    ),
    Break(
        "2 of 20 cases break, baseline without replies, --confirm 5",
        Setting("1", 20, confirm=5, has_replies=False),
        broken(2),
        BROKEN,
        0.8,
    ),
)

# a drop of every case, with and without asking again: that may cost a fifth of the power
FALLS: Sequence[tuple[str, Setting]] = (
    ("100 cases fall from 98 % to 90 %, 1 repeat", Setting(".98", 100)),
    ("100 cases fall from 98 % to 90 %, 3 repeats", Setting(".98", 100, 3, 3)),
    ("100 cases fall from 98 % to 90 %, 3 -> 5 repeats", Setting(".98", 100, 3, 5)),
)


def with_confirmation(name: str, setting: Setting) -> tuple[Break, Break]:
    """Return the fall of every case without and with asking again what flipped."""
    fall = Break(name, setting, fallen_to(0.9), REGRESSION, 0.0)
    again = replace(setting, confirm=5)
    return fall, Break(f"{name}, --confirm 5", again, fallen_to(0.9), REGRESSION, 0.0)


def fails_with_errors_in_the_baseline(fails_on: FailOn) -> BaselineResult:
    """Let 10 of 50 cases break of which the baseline has 10 others only as errors."""
    old = side_of_counts("old", np.ones((1, 50), dtype=np.int64), 1)
    for key in list(old.results)[:10]:
        old.results[key] = replace(old.results[key], passed=0, errored=1)
    passed = np.ones((1, 50), dtype=np.int64)
    passed[0, 10:20] = 0
    new = side_of_counts("new", passed, 1)
    return gate(Drawn(Comparer().compare_run(old, new)), fails_on)
