"""Runs a plan and leaves its record."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.app.execute.execution import Budget, RunExecution, RunObserver
from harness.app.execute.reply_sources import Sources, open_replies
from harness.app.execute.run_metadata import run_end, run_head, suite_head
from harness.app.execute.simulator import simulator_rules
from harness.app.plan.planning import Plan
from harness.app.report.history import relisted
from harness.app.report.metrics import compute_metrics
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.loading.settings import require_server
from harness.model.record import OutcomeRecord
from harness.model.run_file import RerunOptions
from harness.model.run_id import new_run_id
from harness.model.settings import Settings
from harness.reporting.progress import NoProgress, ShowsProgress
from harness.reporting.rerun_words import rerun_words
from harness.reporting.summary import RunSummary, needs_attention
from harness.running.stopping import Stop
from harness.scrubbing import Scrubber
from harness.store.folder import RUN_FILE, point_latest_to, set_aside
from harness.store.reader import RunReader
from harness.store.run_index import ends_of
from harness.store.writer import RunWriter

if TYPE_CHECKING:
    from harness.model.case_result import CaseKey
    from harness.running.interrupter import Interrupter


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """Where a run leaves what it has to say.

    Attributes:
        run_file: The run file; None puts it into a new folder below the reports.
        progress: Makes what shows the progress, from the number of trials.
        command: The command line, for the record.
        is_latest: Whether `latest` is to mean this run from now on.
    """

    run_file: Path | None = None
    progress: Callable[[int], ShowsProgress] = lambda _total: NoProgress()
    command: Sequence[str] = ()
    is_latest: bool = True


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run that came to its end.

    Attributes:
        planned: How many trials were selected; a run that was stopped has fewer outcomes.
        stopped: Why the run ended before its time, if it did.
        broken: Why the run file could not be kept to the end, if so.
        set_aside: Where an older run file went that stood in the way.
        unlisted: Why the list of runs could not be made again, if so.
        notes: What a person should know of the run files that were read for it.
    """

    run_file: Path
    summary: RunSummary
    seconds: float
    exit_code: ExitCode
    planned: int
    is_simulated: bool
    stopped: Stop | None = None
    broken: str | None = None
    set_aside: Path | None = None
    unlisted: str | None = None
    notes: tuple[str, ...] = ()

    def head(self) -> dict[str, Any]:
        """Return the first line of the run file: where the run comes from."""
        try:
            return ends_of(self.run_file)[0] or {}
        except OSError as error:
            raise StoreError(f"{self.run_file} cannot be read: {error.strerror}") from error

    def options(self) -> list[str]:
        """Return what a command that runs one of the trials again has to repeat."""
        return rerun_words(RerunOptions.from_data(self.head().get("options", {})))

    def problems(self, known: Container[CaseKey] = ()) -> Iterator[OutcomeRecord]:
        """Yield the trials that need a person's attention, in suite order.

        Args:
            known: Suite, case and variant of those whose failures are known and left out.
        """
        if not self.summary.failed_cases and not self.summary.total.counts["errored"]:
            return
        with RunReader(self.run_file) as reader:
            for record in reader.outcomes():
                if needs_attention(record, self.summary) and not _is_known(record, known):
                    yield record


def _is_known(record: OutcomeRecord, known: Container[CaseKey]) -> bool:
    key = (record["suite"], record["case"], record["variant"])
    return record["outcome"] == "failed" and key in known


def run(
    plan: Plan,
    outputs: OutputOptions,
    budget: Budget | None = None,
    sources: Sources | None = None,
    observer: RunObserver | None = None,
    interrupter: Interrupter | None = None,
) -> RunResult:
    """Run the selected trials, or those that an observer asks for, and leave their record.

    In the main thread Ctrl-C stops the run; in another one the interrupter does.

    Raises:
        SettingsError: There is nowhere to send requests to, or nothing is selected, or a bound
            cannot be kept.
        StoreError: The run file cannot be made.
        BrokenSuitesError: The simulator's rules are broken.
    """
    budget, sources = budget or Budget(), sources or Sources()
    total = plan.count() if observer is None else 0
    settings = plan.settings if sources.is_offline else require_server(plan.settings)
    budget.check(plan.trials(), settings, plan.judges())
    is_simulated = settings.uses_simulator and not sources.is_offline
    clock, started = time.perf_counter, datetime.now(UTC)
    began = clock()
    run_id = new_run_id(started)
    path = outputs.run_file or settings.reports / run_id / RUN_FILE
    rules = simulator_rules(settings.simulator_rules) if is_simulated else None
    scrubber = scrubber_for(settings)
    with ExitStack() as stack:
        replies = stack.enter_context(open_replies(sources, plan, settings, scrubber))
        is_hidden = sources.run is not None
        aside = [] if is_hidden else [set_aside(path)]
        writer = stack.enter_context(RunWriter(path, scrubber, is_hidden=is_hidden))
        replies.keepers.append(writer)
        writer.begin(
            run_head(run_id, started, plan, settings, outputs.command, sources.previous_run_file)
        )

        def publish() -> None:
            if is_hidden:
                aside.append(writer.publish())
            if outputs.run_file is None and outputs.is_latest:
                point_latest_to(settings.reports, run_id)

        if not is_hidden:
            publish()
        progress = stack.enter_context(outputs.progress(total))
        execution = RunExecution(
            plan,
            settings,
            rules,
            writer,
            progress,
            budget,
            replies,
            publish,
            observer,
            interrupter,
        )
        execution.run()
        seconds = clock() - began
        if observer is not None:
            total = observer.queue.count
            execution.recount()
        execution.summary.computed = compute_metrics(
            [suite_head(suite).as_data() for suite in execution.suites.values()], execution.summary
        )
        if execution.broken is None:
            try:
                replies.save(is_whole=execution.stop is None and not plan.selection.is_partial)
                writer.end(
                    run_end(
                        execution.summary,
                        execution.exit_code,
                        execution.stop,
                        seconds,
                        total,
                        execution.limits,
                    )
                )
            except StoreError as error:
                execution.broken = str(error)
    return RunResult(
        path,
        execution.summary,
        seconds,
        execution.exit_code,
        total,
        is_simulated,
        execution.stop,
        execution.broken,
        next(iter(aside), None),
        None if outputs.run_file is not None else relisted(settings.reports),
        () if sources.run is None else sources.run.notes,
    )


def scrubber_for(settings: Settings) -> Scrubber:
    """Return what takes the key of a run out of what it writes."""
    key = settings.api_key
    return Scrubber([] if key is None or settings.uses_simulator else [key.reveal()])
