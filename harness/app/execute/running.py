"""Runs a plan and leaves its record."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from harness.app.execute.execution import ExecutionResult, RunExecution
from harness.app.execute.recording import RunObserver, RunRecorder
from harness.app.execute.reply_sources import Replies, open_replies
from harness.app.execute.run_metadata import run_end, run_head, suite_head
from harness.app.execute.run_result import RunResult
from harness.app.execute.simulator import simulator_rules
from harness.app.execute.stopping import StopSwitch
from harness.app.plan.options import Budget, OutputOptions, Sources
from harness.app.plan.planning import Plan
from harness.app.plan.requirements import check_code, required_judges
from harness.app.report.metrics import compute_metrics
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.loading.settings import require_server
from harness.model.run_id import new_run_id
from harness.model.settings import Settings
from harness.model.suite import Trial
from harness.reporting.progress import ShowsProgress
from harness.running.interrupter import Interrupter
from harness.running.stopping import CostBudget, Stop
from harness.running.variant_barrier import VariantBarrier
from harness.scrubbing import Scrubber, is_secret_header
from harness.store.folder import RUN_FILE, point_latest_to, set_aside
from harness.store.writer import RunWriter


def run(
    plan: Plan,
    outputs: OutputOptions,
    budget: Budget | None = None,
    sources: Sources | None = None,
    observer: RunObserver | None = None,
    interrupter: Interrupter | None = None,
) -> RunResult:
    """Run the selected trials, or those that an observer asks for, and leave their record.

    In the main thread Ctrl-C stops the run; in another thread the interrupter does.

    Raises:
        SettingsError: There is nowhere to send requests to, or nothing is selected, or the budget
            cannot be kept.
        StoreError: The run file cannot be made.
        BrokenSuitesError: A trial would run code that is not allowed, or the simulator's rules are
            broken.
    """
    budget, sources = budget or Budget(), sources or Sources()
    # Everything that can be wrong with the options is found before a file is made.
    total = plan.count() if observer is None else 0
    if observer is None and not any(map(_is_sent, plan.trials())) and not required_judges(plan):
        sources = replace(sources, allow_requests=False)  # all replies come with their cases
    settings = plan.settings if sources.is_offline else require_server(plan.settings)
    check_code(plan)
    budget.check(filter(_is_sent, plan.trials()), settings, required_judges(plan))
    is_simulated = settings.uses_simulator and not sources.is_offline
    rules = simulator_rules(settings.simulator_rules) if is_simulated else None
    clock, started = time.perf_counter, datetime.now(UTC)
    began = clock()
    run_id = new_run_id(started)
    scrubber = scrubber_for(settings)
    with ExitStack() as stack:
        replies = stack.enter_context(open_replies(sources, plan, settings, scrubber))
        run_file = _RunFile(
            outputs.run_file or settings.reports / run_id / RUN_FILE,
            scrubber,
            is_resumed=sources.run is not None,
            latest_in=settings.reports if _is_latest(outputs) else None,
        )
        writer = stack.enter_context(run_file.writer)
        replies.sinks.append(writer)
        # Before the first request: whatever ends the process, `--resume` finds what was answered.
        writer.begin(
            run_head(
                run_id,
                started,
                plan,
                settings,
                outputs.command,
                sources.previous_run_file,
                replies.service,
            )
        )
        run_file.begin(run_id)
        progress = stack.enter_context(outputs.progress(total))
        barrier = VariantBarrier(plan.expected_variants, forgets=observer is None)
        switch = _stop_switch(budget, barrier, progress, interrupter)
        recorder = RunRecorder(
            plan.suites,
            writer,
            progress,
            CostBudget(budget.cost, budget.spent_cost),
            switch,
            observer,
            plan.identical_in,
        )
        replies.sinks.append(recorder.unfinished)
        execution = RunExecution(plan, settings, rules, replies, writer, recorder, switch, barrier)
        result = execution.run(
            progress, run_file.publish, None if observer is None else observer.queue
        )
        seconds = clock() - began
        # What an observer asks for is known only when it has stopped asking.
        if observer is not None:
            total = observer.queue.count
        recorder.finish(is_readable=result.broken is None)
        recorder.summary.unfinished = recorder.unfinished.total(result.perhaps_billed)
        exit_code, broken = _end(plan, replies, writer, recorder, result, seconds, total)
    return RunResult(
        writer.path,
        recorder.summary,
        seconds,
        exit_code,
        total,
        is_simulated or recorder.summary.total.simulated > 0,
        result.stop,
        broken,
        run_file.set_aside,
        None if outputs.run_file is not None else _relisted(settings.reports),
        (
            *sources.notes,
            *(() if sources.run is None else sources.run.notes),
            *_queue_notes(result.queue_limit),
        ),
        result.is_interrupted,
    )


def _is_sent(trial: Trial) -> bool:
    return trial.case.output is None


def _queue_notes(limit: int | None) -> Iterator[str]:
    if limit is not None:
        yield (
            "the service queues requests: more at once made replies slower, and no more of them"
            f" came; `concurrency = {limit}` in the settings begins with what it takes"
        )


def scrubber_for(settings: Settings) -> Scrubber:
    """Return what takes the API key of a run, and secret headers, out of what it writes."""
    key = settings.api_key
    secrets = [value for name, value in settings.headers.items() if is_secret_header(name, value)]
    # The simulator accepts any key; a made-up one such as `x` would blank out ordinary text.
    if key is not None and not settings.uses_simulator:
        secrets.append(key.reveal())
    return Scrubber(secrets)


class _RunFile:
    """The file of a run: hidden at first when it continues an earlier run, else visible at once.

    Attributes:
        set_aside: Where an older file of the same name was moved to, if there was one.
    """

    def __init__(
        self, path: Path, scrubber: Scrubber, *, is_resumed: bool, latest_in: Path | None
    ) -> None:
        # An older file may be the one that is resumed: it is moved only once the new one has all
        # its replies, when `publish` gives the new file its name.
        self.set_aside = None if is_resumed else set_aside(path)
        self.writer = RunWriter(path, scrubber, is_hidden=is_resumed)
        self._is_hidden, self._latest_in, self._run_id = is_resumed, latest_in, ""

    def begin(self, run_id: str) -> None:
        """Name the run, once its first line is written."""
        self._run_id = run_id
        if not self._is_hidden:
            self._point_latest()

    def publish(self) -> None:
        """Give a hidden file its name."""
        if self._is_hidden:
            self.set_aside = self.writer.publish()
            self._point_latest()

    def _point_latest(self) -> None:
        if self._latest_in is not None:
            point_latest_to(self._latest_in, self._run_id)


def _is_latest(outputs: OutputOptions) -> bool:
    # `latest` names a folder below the reports; a file given by the user need not be there.
    return outputs.run_file is None and outputs.is_latest


def _stop_switch(
    budget: Budget,
    barrier: VariantBarrier,
    progress: ShowsProgress,
    interrupter: Interrupter | None,
) -> StopSwitch:
    def release_waiting(_stop: Stop) -> None:
        barrier.stop()

    def show(stop: Stop) -> None:
        progress.stopping(stop.why, budget.grace)

    # Trials that wait for variants which will not start now would wait until the grace is over.
    return StopSwitch(budget, (release_waiting, show), interrupter)


def _end(
    plan: Plan,
    replies: Replies,
    writer: RunWriter,
    recorder: RunRecorder,
    result: ExecutionResult,
    seconds: float,
    planned: int,
) -> tuple[ExitCode, str | None]:
    """Save the cassettes and write the last line; return the exit status and what went wrong."""
    summary, stop = recorder.summary, result.stop
    # A computed metric beyond its limit fails the run, so metrics come before the exit status.
    summary.computed = compute_metrics(map(suite_head, recorder.suites.values()), summary)
    exit_code = summary.status().exit_code if stop is None else stop.exit_code
    if result.broken is not None:
        return ExitCode.ERRORED, result.broken
    try:
        # A run that was stopped or narrowed did not see every case, so no recording is outdated.
        replies.save(is_whole=stop is None and not plan.selection.is_partial)
        writer.end(run_end(summary, exit_code, stop, seconds, planned, result.limits))
    except StoreError as error:
        return ExitCode.ERRORED, str(error)
    return exit_code, None


def _relisted(reports: Path) -> str | None:
    # a run that goes to a file of its own is not in the list, and need not import what draws it
    from harness.app.report.history import relisted

    return relisted(reports)
