"""Cases whose verdict flipped, run again on both sides; the fresh runs alone are judged.

The first run chose these cases by what it saw, so judging by it again would find what was sought.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.app.comparing import compare_sides
from harness.app.job import Bounds
from harness.app.planning import Plan
from harness.app.running import Outputs, RunResult, run
from harness.errors import HarnessError
from harness.loading.selection import Selection
from harness.model.request import PreparedTrial, PreparedTurn
from harness.model.suite import Trial
from harness.reporting.comparison import Comparer, Comparison
from harness.reporting.units import Key, Side, by_case_and_variant, side_of
from harness.reporting.units import key_of as unit_key
from harness.running.trial import Prepares
from harness.store.reader import RunReader

_NAMES = {"old": "rerun of the baseline", "new": "rerun of today"}
_FILES = {"old": "confirm-old.jsonl", "new": "confirm-new.jsonl"}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the fresh runs say; no comparison if there were none, and the notes say why."""

    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()


class AsBefore:
    """Renders trials into what the baseline sent, judged as today."""

    def __init__(self, renderer: Prepares, sent: Mapping[Key, Mapping[str, Any]]) -> None:
        self._renderer, self._sent = renderer, sent

    def prepare(self, trial: Trial) -> PreparedTrial:
        """Return the trial with the settings and messages of the baseline."""
        today = self._renderer.prepare(trial)
        sent = self._sent[key_of(trial)]
        turns = tuple(
            PreparedTurn(tuple(messages), turn.expectations)
            for messages, turn in zip(sent["turns"], today.turns, strict=True)
        )
        return PreparedTrial(sent["settings"], turns, today.expectations)


def key_of(trial: Trial) -> Key:
    """Return the case and variant of a trial."""
    return trial.suite.name, trial.case.id, trial.variant.name


def flipped(comparisons: Iterable[Comparison]) -> set[Key]:
    """Return the cases whose verdict is another than in the baseline."""
    return {unit_key(pair.new) for each in comparisons for pair in (*each.broken, *each.fixed)}


def confirm(
    plan: Plan,
    first: RunResult,
    sent: Mapping[Key, Mapping[str, Any]],
    keys: Collection[Key],
    times: int,
    bounds: Bounds,
    outputs: Outputs,
    comparer: Comparer,
) -> Confirmation:
    """Run cases again, as the baseline sent them and as they are today, and compare.

    Args:
        plan: What the first run was made from.
        first: The first run; the records of the others are left beside its own.
        sent: What the baseline sent for each case that it knows that of.
        keys: The cases.
        times: How often each of them is run on both sides.
        bounds: What both runs may take.
        outputs: Says how progress is shown.
        comparer: Compares the sides.
    """
    known = [key for key in keys if key in sent and _fits(plan, key, sent[key])]
    notes = []
    if len(known) < len(keys):
        number = len(keys) - len(known)
        notes.append(
            f"{number:,} flipped cases could not be confirmed: the baseline does not hold what was"
            " sent for them; save it with --with-replies, or name a run"
        )
    if not known:
        return Confirmation(notes=tuple(notes))
    again = _plan_of(plan, known, times)
    renderers: dict[str, Prepares] = {
        "old": AsBefore(plan.renderer, sent),
        "new": plan.renderer,
    }
    sides: list[Side] = []
    try:
        for name, renderer in renderers.items():
            path = first.run_file.with_name(_FILES[name])
            outcome = run(
                replace(again, renderer=renderer), replace(outputs, run_file=path), bounds
            )
            if outcome.stopped is not None or outcome.broken is not None:
                why = outcome.broken or (outcome.stopped and outcome.stopped.why)
                return Confirmation(notes=(*notes, f"nothing is confirmed: {why}"))
            sides.append(_side(_NAMES[name], path))
            bounds = left_of(bounds, outcome)
    except HarnessError as error:
        return Confirmation(notes=(*notes, f"nothing is confirmed: {error}"))
    notes.append(
        f"{len(known):,} flipped cases were run {times} times again on both sides, and only that"
        f" is judged; records: {first.run_file.with_name('confirm-*.jsonl')}"
    )
    gone = sum(not unit.passes for unit in sides[0].units.values())
    if gone:
        notes.append(
            f"{gone:,} of them fail with what the baseline sent, too: if they passed then, it is"
            " the service that changed"
        )
    return Confirmation(tuple(compare_sides(sides[0], sides[1], comparer)), tuple(notes))


def left_of(bounds: Bounds, result: RunResult) -> Bounds:
    """Return what a run has left of what it may take."""
    cost = None if bounds.cost is None else max(1e-9, bounds.cost - result.summary.total.spent)
    seconds = None if bounds.seconds is None else max(1e-3, bounds.seconds - result.seconds)
    return replace(bounds, cost=cost, seconds=seconds)


def _fits(plan: Plan, key: Key, sent: Mapping[str, Any]) -> bool:
    """Return whether what was sent has as many turns as the case has today."""
    for suite in plan.suites:
        if suite.name == key[0]:
            for case in suite.cases:
                if case.id == key[1]:
                    return len(case.turns) == len(sent["turns"])
    return False


def _plan_of(plan: Plan, keys: Sequence[Key], times: int) -> Plan:
    wanted = {(suite, case) for suite, case, _ in keys}
    suites = tuple(
        replace(
            suite,
            cases=tuple(
                replace(case, repeat=times)
                for case in suite.cases
                if (suite.name, case.id) in wanted
            ),
        )
        for suite in plan.suites
        if any(suite.name == name for name, _ in wanted)
    )
    chosen = set(keys)
    everything = replace(plan, suites=suites, selection=Selection())
    ids = frozenset(trial.id for trial in everything.trials() if key_of(trial) in chosen)
    return replace(everything, selection=Selection(ids=ids))


def _side(name: str, path: Path) -> Side:
    with RunReader(path) as reader:
        return side_of(name, reader.outcomes(), by_case_and_variant)


__all__ = ["Confirmation", "confirm", "flipped", "left_of"]
