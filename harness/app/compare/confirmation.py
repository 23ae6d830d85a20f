"""Cases whose verdict flipped, run again on both sides; the fresh runs alone are judged.

The first run chose these cases by what it saw, so judging by it again would find what was sought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.app.execute.execution import Budget
from harness.app.execute.running import OutputOptions, RunResult, run
from harness.app.plan.planning import Plan
from harness.errors import HarnessError
from harness.exit_code import RunStatus
from harness.loading.selection import Selection
from harness.model.case_result import CaseKey
from harness.model.request import PreparedTrial, PreparedTurn
from harness.model.suite import Trial
from harness.reporting.case_results import key_of
from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.decision import ALPHA
from harness.reporting.comparing.model import Comparison
from harness.reporting.comparing.sides import RunSide, side_of
from harness.running.trial import TrialRenderer
from harness.stats.stratified import Repeats, excess, within_cases
from harness.store.folder import RUN_FILE
from harness.store.reader import RunReader

_NAMES = {"old": "rerun of the baseline", "new": "rerun of today"}


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the fresh runs say.

    Attributes:
        old: What was sent before, asked again; without cases if nothing was.
        new: What is sent today, asked again.
        notes: What a person should know of it.
        has_drifted: Whether what the baseline sent fails now, and passed then.
        stopped: The status of a run that did not come to its end.
    """

    old: RunSide
    new: RunSide
    notes: tuple[str, ...] = ()
    has_drifted: bool = False
    stopped: RunStatus | None = None


class BaselineRenderer:
    """Renders trials into what the baseline sent, judged as today."""

    def __init__(self, renderer: TrialRenderer, sent: Mapping[CaseKey, Mapping[str, Any]]) -> None:
        self._renderer, self._sent = renderer, sent

    def prepare(self, trial: Trial) -> PreparedTrial:
        """Return the trial with the settings and messages of the baseline."""
        today = self._renderer.prepare(trial)
        sent = self._sent[trial_key(trial)]
        turns = tuple(
            PreparedTurn(tuple(messages), turn.expectations)
            for messages, turn in zip(sent["turns"], today.turns, strict=True)
        )
        return PreparedTrial(sent["settings"], turns, today.expectations)


def trial_key(trial: Trial) -> CaseKey:
    """Return the case and variant of a trial."""
    return CaseKey(trial.suite.name, trial.case.id, trial.variant.name)


def flipped(comparisons: Iterable[Comparison]) -> set[CaseKey]:
    """Return the cases whose verdict is another than in the baseline, where that can be said."""
    return {
        pair.new.key
        for comparison in comparisons
        if comparison.verdict is not None
        for pair in (*comparison.broken, *comparison.fixed)
    }


def needed_for(plan: Plan, keys: Iterable[CaseKey]) -> dict[CaseKey, set[CaseKey]]:
    """Return for some cases in their variants these and the variants they are compared with."""
    compared = {
        (suite.name, case.id): case.compared for suite in plan.suites for case in suite.cases
    }
    return {
        CaseKey(suite, case, variant): {
            CaseKey(suite, case, name)
            for name in (variant, *compared.get((suite, case), {}).get(variant, ()))
        }
        for suite, case, variant in keys
    }


def confirm(
    plan: Plan,
    first: RunResult,
    before: RunSide,
    sent: Mapping[CaseKey, Mapping[str, Any]],
    keys: Collection[CaseKey],
    times: int,
    family: int,
    budget: Budget,
    outputs: OutputOptions,
) -> Confirmation:
    """Run cases again, as the baseline sent them and as they are today.

    Replies are asked for anew: those that are known chose the cases.

    Args:
        plan: What the first run was made from.
        first: The first run; the records of the others are left beside its own.
        before: What the baseline has of the cases.
        sent: What the baseline sent for each case that it knows that of, and for those that they
            are compared with.
        keys: The cases.
        times: How often each of them is run on both sides.
        family: How many comparisons will be judged together.
        budget: What both runs may take.
        outputs: Says how progress is shown.
    """
    turns = _turns(plan)
    repeatable = {
        key for key, each in sent.items() if len(each["turns"]) == turns.get((key.suite, key.case))
    }
    needed = needed_for(plan, keys)
    known = [key for key in keys if needed[key] <= repeatable]
    nothing = Confirmation(RunSide(_NAMES["old"]), RunSide(_NAMES["new"]))
    notes = list(_unknown(needed, sent, known))
    if not known:
        return replace(nothing, notes=tuple(notes))
    enough = _enough_repeats(known, family)
    if times < enough:
        notes.append(
            f"nothing is confirmed: {times} repeats of {cases(len(known))} could not tell a"
            f" broken case from chance; at least {enough} are needed"
        )
        return replace(nothing, notes=tuple(notes))
    again = _plan_of(plan, known, times)
    renderers: dict[str, TrialRenderer] = {
        "old": BaselineRenderer(plan.renderer, sent),
        "new": plan.renderer,
    }
    sides: list[RunSide] = []
    try:
        for name, renderer in renderers.items():
            if budget.is_used_up:
                notes.append("nothing is confirmed: what the run may take is used up")
                return replace(nothing, notes=tuple(notes), stopped=RunStatus.STOPPED)
            path = _beside(first.run_file, name)
            plan_again = replace(again, renderer=renderer)
            done = run(plan_again, replace(outputs, run_file=path), budget)
            if done.stopped is not None or done.broken is not None:
                why = done.broken or (done.stopped and done.stopped.why)
                notes.append(f"nothing is confirmed: {why}")
                return replace(
                    nothing,
                    notes=tuple(notes),
                    stopped=RunStatus.of(done.exit_code, is_finished=False),
                )
            with RunReader(path) as reader:
                chosen = (outcome for outcome in reader.outcomes() if key_of(outcome) in known)
                sides.append(side_of(_NAMES[name], chosen))
            budget = remaining_budget(budget, done)
    except HarnessError as error:
        notes.append(f"nothing is confirmed: {error}")
        return replace(nothing, notes=tuple(notes), stopped=RunStatus.ERRORED)
    names = " and ".join(_beside(first.run_file, name).name for name in _NAMES)
    notes.append(
        f"{cases(len(known))} whose verdict flipped ran {times} times again on both sides, and of"
        f" these only that is judged; the records are {names}"
    )
    has_drifted = _has_drifted(before, sides[0])
    if has_drifted:
        notes.append(
            "what the baseline sent passed then and fails now: it is the service that changed"
        )
    return Confirmation(sides[0], sides[1], tuple(notes), has_drifted)


def _unknown(
    needed: Mapping[CaseKey, set[CaseKey]], sent: Mapping[CaseKey, Any], known: Collection[CaseKey]
) -> Iterator[str]:
    missing = sum(not each <= sent.keys() for each in needed.values())
    if missing:
        yield (
            f"{cases(missing)} could not be confirmed: the baseline does not hold what was sent;"
            " save it with its replies, or name a run"
        )
    changed = len(needed) - missing - len(known)
    if changed:
        yield f"{cases(changed)} could not be confirmed: the conversation has other turns now"


def _has_drifted(before: RunSide, again: RunSide) -> bool:
    """Return whether the same requests pass less often than when the baseline was made.

    Cases that broke and cases that were fixed are looked at together: among either alone, chance
    would look like a change, because they were chosen for theirs.
    """
    repeats = [
        Repeats(old.passed, old.judged, result.passed, result.judged)
        for key, result in again.results.items()
        if (old := before.results.get(key)) is not None
    ]
    return within_cases(repeats) < ALPHA and excess(repeats) < 0


def _enough_repeats(keys: Collection[CaseKey], family: int) -> int:
    """Return how many repeats could tell the worst that can have happened from chance."""
    most = max(Counter(key.variant for key in keys).values())
    times = 1
    while within_cases([Repeats(times, times, 0, times)] * most) * family >= ALPHA:
        times += 1
    return times


def _beside(run_file: Path, name: str) -> Path:
    stem = "" if run_file.name == RUN_FILE else f"{run_file.stem}."
    return run_file.with_name(f"{stem}confirm-{name}.jsonl")


def remaining_budget(budget: Budget, result: RunResult) -> Budget:
    """Return what a run has left of what it may take."""
    total = result.summary.total
    cost = None if budget.cost is None else budget.cost - total.spent - total.judge_spent
    seconds = None if budget.seconds is None else budget.seconds - result.seconds
    return replace(budget, cost=cost, seconds=seconds)


def _turns(plan: Plan) -> dict[tuple[str, str], int]:
    """Return how many turns each case has today."""
    return {(suite.name, case.id): len(case.turns) for suite in plan.suites for case in suite.cases}


def _plan_of(plan: Plan, keys: Sequence[CaseKey], times: int) -> Plan:
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
    settings = replace(plan.settings, cache=False)
    everything = replace(plan, suites=suites, selection=Selection(), settings=settings)
    ids = frozenset(trial.id for trial in everything.trials() if trial_key(trial) in chosen)
    return replace(everything, selection=Selection(ids=ids))


__all__ = ["Confirmation", "confirm", "flipped", "needed_for", "remaining_budget"]
