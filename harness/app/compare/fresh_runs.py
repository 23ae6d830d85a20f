"""Some cases of a run, run again: as they are today, or as a baseline sent them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.app.execute.run_result import RunResult
from harness.app.execute.running import run
from harness.app.plan.options import Budget, OutputOptions
from harness.app.plan.planning import Plan
from harness.exit_code import RunStatus
from harness.loading.selection import Selection
from harness.model.case_result import CaseKey
from harness.model.request import RERUN_HEADER, PreparedTrial, PreparedTurn
from harness.model.suite import Trial
from harness.reporting.case_results import key_of
from harness.reporting.comparing.sides import RunSide, side_of
from harness.running.stopping import INTERRUPTED
from harness.running.trial import TrialRenderer
from harness.store.folder import RUN_FILE
from harness.store.reader import RunReader

OLD, NEW, SERVICE = "rerun of the baseline", "rerun of today", "the baseline asked again"
_FILES = {OLD: "old", NEW: "new", SERVICE: "service"}


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
        drawn: Cases that did not flip, drawn to see whether the service changed.
        unflipped: How many cases they were drawn from.
        times: How often each case that flipped is asked.
        budget: What all of it may take.
        outputs: Says how progress is shown.
    """

    plan: Plan
    first: RunResult
    before: RunSide
    sent: Mapping[CaseKey, Mapping[str, Any]]
    drawn: Sequence[CaseKey]
    unflipped: int
    times: int
    budget: Budget
    outputs: OutputOptions


class CutShortError(Exception):
    """A rerun did not come to its end, so nothing of it can be judged."""

    def __init__(self, why: str, status: RunStatus) -> None:
        super().__init__(why)
        self.status = status


class FreshRuns:
    """Runs cases again and keeps their records beside that of the first run."""

    def __init__(self, rerun: Rerun) -> None:
        self._rerun, self._budget = rerun, rerun.budget
        self._files: list[str] = []
        self._is_interrupted = rerun.first.is_interrupted

    def names(self) -> str:
        """Return the names of the records."""
        return ", ".join(self._files)

    def run(self, name: str, keys: Sequence[CaseKey], times: int) -> RunSide:
        """Run some cases again and return the side that they make up."""
        rerun = self._rerun
        plan = _plan_of(rerun.plan, keys, times, _FILES[name])
        if name != NEW:
            # Were only the new request asked again, a service that changed since the baseline was
            # made would look like a prompt that broke.
            plan = replace(plan, renderer=BaselineRenderer(plan.renderer, rerun.sent))
        # Ctrl-C lets the trials in flight end; if they were all, the run before is complete.
        if self._is_interrupted:
            raise CutShortError(INTERRUPTED.why, RunStatus.INTERRUPTED)
        if self._budget.is_used_up:
            raise CutShortError("the budget of the run is used up", RunStatus.STOPPED)
        path = _record_beside(rerun.first.run_file, _FILES[name])
        result = run(plan, replace(rerun.outputs, run_file=path), self._budget)
        if result.stopped is not None or result.broken is not None:
            why = result.broken or (result.stopped and result.stopped.why) or ""
            raise CutShortError(why, RunStatus.of(result.exit_code, is_finished=False))
        self._budget = remaining_budget(self._budget, result)
        self._is_interrupted = result.is_interrupted
        self._files.append(path.name)
        with RunReader(path) as reader:
            # variants that the chosen cases are compared with ran too, but did not flip
            chosen = set(keys)
            return side_of(
                name, (record for record in reader.outcomes() if key_of(record) in chosen)
            )


def rerun_record(run_file: Path) -> Path | None:
    """Return the record of the cases of a run that `--confirm` asked again, if it did."""
    path = _record_beside(run_file, _FILES[NEW])
    return path if path.is_file() else None


def _record_beside(run_file: Path, name: str) -> Path:
    stem = "" if run_file.name == RUN_FILE else f"{run_file.stem}."
    return run_file.with_name(f"{stem}confirm-{name}.jsonl")


def remaining_budget(budget: Budget, result: RunResult) -> Budget:
    """Return the budget with what a run took of it."""
    total = result.summary.total
    return budget.after(total.spent + total.judge_spent, result.seconds)


def _plan_of(plan: Plan, keys: Sequence[CaseKey], times: int, name: str) -> Plan:
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
    headers = {**plan.settings.headers, RERUN_HEADER: name}
    settings = replace(plan.settings, cache=False, headers=headers)
    everything = replace(plan, suites=suites, selection=Selection(), settings=settings)
    # by id and not by case: a case may have flipped in one of its variants only
    ids = frozenset(trial.id for trial in everything.trials() if trial_key(trial) in chosen)
    return replace(everything, selection=Selection(ids=ids))
