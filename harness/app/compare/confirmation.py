"""Cases whose verdict flipped, run again on both sides; the fresh runs alone are judged.

The first run chose these cases by what it saw, so judging by it again would find what was sought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.app.execute.run_result import RunResult
from harness.app.execute.running import run
from harness.app.plan.options import Budget, OutputOptions
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
    # `same_as`, `best_of` and `prefer` need the other reply, fresh as their own
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


@dataclass(frozen=True, slots=True)
class Rerun:
    """What is run again, and what it may take.

    Attributes:
        plan: What the first run was made from.
        first: The first run; the records of the others are left beside its own.
        before: What the baseline has of the cases.
        sent: What the baseline sent, for each case of which it knows that.
        times: How often each case is run on both sides.
        family: How many comparisons will be judged together.
        budget: What both runs may take.
        outputs: Says how progress is shown.
    """

    plan: Plan
    first: RunResult
    before: RunSide
    sent: Mapping[CaseKey, Mapping[str, Any]]
    times: int
    family: int
    budget: Budget
    outputs: OutputOptions


def confirm(rerun: Rerun, keys: Collection[CaseKey]) -> Confirmation:
    """Run cases again, as the baseline sent them and as they are today.

    Args:
        rerun: What is run again.
        keys: The cases whose verdict flipped.
    """
    needed = needed_for(rerun.plan, keys)
    repeatable = _repeatable(rerun)
    chosen = [key for key in keys if needed[key] <= repeatable]
    notes = list(_not_repeatable(needed, rerun.sent, chosen))
    if not chosen:
        return _nothing(notes)
    enough = _enough_repeats(chosen, rerun.family)
    if rerun.times < enough:
        why = (
            f"{rerun.times} repeats of {cases(len(chosen))} could not tell a broken case from"
            f" chance; at least {enough} are needed"
        )
        return _nothing([*notes, f"nothing is confirmed: {why}"])
    try:
        old, new = _both_sides(rerun, chosen)
    except _CutShortError as error:
        return _nothing([*notes, f"nothing is confirmed: {error}"], error.status)
    except HarnessError as error:
        return _nothing([*notes, f"nothing is confirmed: {error}"], RunStatus.ERRORED)
    names = " and ".join(_record_beside(rerun.first.run_file, name).name for name in _NAMES)
    notes.append(
        f"{cases(len(chosen))} whose verdict flipped ran {rerun.times} times again on both sides,"
        f" and of these only that is judged; the records are {names}"
    )
    has_drifted = _has_drifted(rerun.before, old)
    if has_drifted:
        notes.append("what the baseline sent passed then and fails now: the service has changed")
    return Confirmation(old, new, tuple(notes), has_drifted)


class _CutShortError(Exception):
    """A rerun did not come to its end, so neither side of it can be judged."""

    def __init__(self, why: str, status: RunStatus) -> None:
        super().__init__(why)
        self.status = status


def _both_sides(rerun: Rerun, chosen: Sequence[CaseKey]) -> tuple[RunSide, RunSide]:
    # Both sides run today: were only the new one asked again, a service that changed since the
    # baseline was made would look like a prompt that broke.
    plan, budget = _plan_of(rerun.plan, chosen, rerun.times), rerun.budget
    renderers: dict[str, TrialRenderer] = {
        "old": BaselineRenderer(plan.renderer, rerun.sent),
        "new": plan.renderer,
    }
    sides: dict[str, RunSide] = {}
    for name, renderer in renderers.items():
        if budget.is_used_up:
            raise _CutShortError("the budget of the run is used up", RunStatus.STOPPED)
        path = _record_beside(rerun.first.run_file, name)
        outputs = replace(rerun.outputs, run_file=path)
        result = run(replace(plan, renderer=renderer), outputs, budget)
        if result.stopped is not None or result.broken is not None:
            why = result.broken or (result.stopped and result.stopped.why) or ""
            raise _CutShortError(why, RunStatus.of(result.exit_code, is_finished=False))
        with RunReader(path) as reader:
            # variants that the chosen cases are compared with ran too, but did not flip
            records = (record for record in reader.outcomes() if key_of(record) in chosen)
            sides[name] = side_of(_NAMES[name], records)
        budget = remaining_budget(budget, result)
    return sides["old"], sides["new"]


def _nothing(notes: Sequence[str], stopped: RunStatus | None = None) -> Confirmation:
    sides = (RunSide(_NAMES["old"]), RunSide(_NAMES["new"]))
    return Confirmation(*sides, notes=tuple(notes), stopped=stopped)


def _repeatable(rerun: Rerun) -> set[CaseKey]:
    """Return the cases whose old requests can be judged by the expectations of today's turns."""
    turns = _turns(rerun.plan)
    return {
        key
        for key, requests in rerun.sent.items()
        if len(requests["turns"]) == turns.get((key.suite, key.case))
    }


def _not_repeatable(
    needed: Mapping[CaseKey, set[CaseKey]],
    sent: Mapping[CaseKey, Any],
    chosen: Collection[CaseKey],
) -> Iterator[str]:
    missing = sum(not keys <= sent.keys() for keys in needed.values())
    if missing:
        yield (
            f"{cases(missing)} could not be confirmed: the baseline does not hold what was sent;"
            " save it with its replies, or name a run"
        )
    changed = len(needed) - missing - len(chosen)
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
    # one-sided by its sign: a service that got better does not explain what broke
    return within_cases(repeats) < ALPHA and excess(repeats) < 0


def _enough_repeats(keys: Collection[CaseKey], family: int) -> int:
    """Return the least repeats at which even all cases breaking for good would be significant."""
    # The variant with the most flips has the best chance; if even that cannot reach significance,
    # the rerun would be paid for nothing.
    most = max(Counter(key.variant for key in keys).values())
    times = 1
    while within_cases([Repeats(times, times, 0, times)] * most) * family >= ALPHA:
        times += 1
    return times


def _record_beside(run_file: Path, name: str) -> Path:
    stem = "" if run_file.name == RUN_FILE else f"{run_file.stem}."
    return run_file.with_name(f"{stem}confirm-{name}.jsonl")


def remaining_budget(budget: Budget, result: RunResult) -> Budget:
    """Return the budget without what a run took of it."""
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
    # replies that are known chose these cases; judging them again would find what was sought
    settings = replace(plan.settings, cache=False)
    everything = replace(plan, suites=suites, selection=Selection(), settings=settings)
    # by id and not by case: a case may have flipped in one of its variants only
    ids = frozenset(trial.id for trial in everything.trials() if trial_key(trial) in chosen)
    return replace(everything, selection=Selection(ids=ids))


__all__ = ["Confirmation", "confirm", "flipped", "needed_for", "remaining_budget"]
