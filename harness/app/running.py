"""Runs a plan and leaves its record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from harness.app.planning import Plan
from harness.app.provenance import end_line, run_line
from harness.app.simulating import simulator_beside, simulator_rules
from harness.errors import ExitCode, StoreError
from harness.loading.settings import require_server
from harness.model.outcome import Outcome
from harness.model.record import OutcomeRecord, record_of
from harness.model.settings import Secret, Settings
from harness.model.suite import Trial
from harness.reporting.progress import NoProgress, ShowsProgress
from harness.reporting.summary import RunSummary, needs_attention
from harness.store.folder import RUN_FILE, new_run_id, point_latest_to, set_aside
from harness.store.reader import RunReader
from harness.store.writer import RunWriter

if TYPE_CHECKING:
    from harness.simulator.rules import Rules


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a run leaves what it has to say.

    Attributes:
        run_file: The run file; None puts it into a new folder below the reports.
        progress: Makes what shows the progress, from the number of trials.
        command: The command line, for the record.
    """

    run_file: Path | None = None
    progress: Callable[[int], ShowsProgress] = lambda _total: NoProgress()
    command: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run that came to its end.

    Attributes:
        planned: How many trials were selected; an interrupted run has fewer outcomes.
        broken: Why the run file could not be kept to the end, if so.
        set_aside: Where an older run file went that stood in the way.
    """

    run_file: Path
    summary: RunSummary
    seconds: float
    exit_code: ExitCode
    planned: int
    is_simulated: bool
    broken: str | None = None
    set_aside: Path | None = None

    def options(self) -> list[str]:
        """Return what a command that runs one of the trials again has to repeat."""
        with RunReader(self.run_file) as reader:
            return [str(each) for each in reader.run.get("options", [])]

    def problems(self) -> Iterator[OutcomeRecord]:
        """Yield the trials that need a person's attention, in suite order."""
        if not self.summary.failed_cases and not self.summary.total.counts["errored"]:
            return
        with RunReader(self.run_file) as reader:
            for record in reader.outcomes():
                if needs_attention(record, self.summary):
                    yield record


def run(plan: Plan, outputs: Outputs) -> RunResult:
    """Run the selected trials and leave their record.

    Raises:
        SettingsError: There is nowhere to send requests to, or nothing is selected.
        StoreError: The run file cannot be made.
        BrokenSuitesError: The simulator's rules are broken.
    """
    total = plan.count()
    settings = require_server(plan.settings)
    clock, started = time.perf_counter, datetime.now(UTC)
    began = clock()
    run_id = new_run_id(started)
    path = outputs.run_file or settings.reports / run_id / RUN_FILE
    rules = simulator_rules(settings.simulator_rules) if settings.uses_simulator else None
    with ExitStack() as stack:
        aside = set_aside(path)
        writer = stack.enter_context(RunWriter(path, _secrets(settings)))
        writer.begin(run_line(run_id, started, plan, settings, outputs.command))
        if outputs.run_file is None:
            point_latest_to(settings.reports, run_id)
        progress = stack.enter_context(outputs.progress(total))
        job = _Job(plan, settings, rules, writer, progress)
        exit_code, broken = job.run()
        seconds = clock() - began
        if broken is None:
            try:
                writer.end(end_line(job.summary, exit_code, seconds, total))
            except StoreError as error:
                exit_code, broken = ExitCode.ERRORED, str(error)
    simulated = settings.uses_simulator
    return RunResult(path, job.summary, seconds, exit_code, total, simulated, broken, aside)


_SHORTEST_SECRET = 8  # a shorter key is a stand-in, and would be found in ordinary words


def _secrets(settings: Settings) -> list[Secret]:
    key = settings.api_key
    if key is None or settings.uses_simulator or len(key) < _SHORTEST_SECRET:
        return []
    return [key]


class _Job:
    """The trials of one run on their way to its record and its summary."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        rules: Rules | None,
        writer: RunWriter,
        progress: ShowsProgress,
    ) -> None:
        self._plan, self._settings, self._rules = plan, settings, rules
        self._writer, self._progress = writer, progress
        self.summary = RunSummary()

    def run(self) -> tuple[ExitCode, str | None]:
        """Run the trials; return the exit status, and what broke the run file if it did."""
        is_complete, broken = False, None
        try:
            is_complete = asyncio.run(self._run_trials())
        except* StoreError as errors:
            broken = str(errors.exceptions[0])
        except* (asyncio.CancelledError, KeyboardInterrupt):
            pass  # the second Ctrl-C; what ended before it is kept
        self.summary.finish()
        if broken is not None:
            return ExitCode.ERRORED, broken
        return self.summary.exit_code(is_complete=is_complete), None

    def _ended(self, outcome: Outcome) -> None:
        record = record_of(outcome)
        self._writer.append(record)
        self.summary.add(record)
        self._progress.ended(record)

    def _started(self, _trial: Trial) -> None:
        self._progress.started()

    async def _run_trials(self) -> bool:
        if self._rules is None:
            return await self._run_trials_at(str(self._settings.base_url))
        async with simulator_beside(self._rules) as base_url:
            return await self._run_trials_at(base_url)

    async def _run_trials_at(self, base_url: str) -> bool:
        from harness.client.exchange import Exchanges
        from harness.client.messages import MessagesClient
        from harness.client.transport import endpoint, open_transport
        from harness.running.engine import Engine
        from harness.running.interrupts import stop_on_interrupt
        from harness.running.trial import TrialRunner

        clock, settings = time.perf_counter, self._settings
        async with open_transport(
            base_url,
            connect_seconds=settings.timeouts.connect,
            most_idle=settings.concurrency,
        ) as transport:
            client = MessagesClient(
                Exchanges(transport, settings.timeouts),
                endpoint(settings, base_url),
                timeouts=settings.timeouts,
                prices=settings.prices,
                clock=clock,
                sleep=asyncio.sleep,
            )
            engine = Engine(
                TrialRunner(self._plan.renderer, client, self._plan.assertions, clock),
                settings.concurrency,
                clock,
                started=self._started,
                ended=self._ended,
            )

            def stop() -> None:
                engine.stop()
                self._progress.stopping()

            with stop_on_interrupt(stop):
                return await engine.run(self._plan.trials())
