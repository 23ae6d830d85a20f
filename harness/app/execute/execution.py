"""The trials of one run in the event loop, from the first request to the last outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.app.execute.connecting import Clients, offline_clients, open_clients
from harness.app.execute.ordering import run_planned, run_queued
from harness.app.execute.recording import RunRecorder
from harness.app.execute.reply_sources import Replies, RunTasks
from harness.app.execute.stopping import StopSwitch
from harness.app.plan.planning import Plan
from harness.assertions.evaluator import Evaluator
from harness.errors import ApiError, StoreError
from harness.exit_code import ExitCode
from harness.model.auth_schemes import other_scheme
from harness.model.settings import JUDGE_REQUEST, JudgeSettings, Settings
from harness.reporting.progress import ShowsProgress
from harness.running.stopping import INTERRUPTED, Stop
from harness.running.trial import Clock, TrialRunner
from harness.running.variant_barrier import VariantBarrier
from harness.store.writer import RunWriter

if TYPE_CHECKING:
    from harness.running.judging import Judges
    from harness.running.trial_queue import TrialQueue
    from harness.simulator.rules import Rules

# Between the first requests of a run: replies that come together wait for each other, so they look
# late, and the requests after them go out together again. A trial takes the processor that long.
_SECONDS_APART = 0.0004
_TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """How an execution ended.

    Attributes:
        stop: Why it ended early, if it did.
        broken: Why the run file is incomplete, if it is.
        limits: From which second on how many requests could be in flight.
        is_interrupted: Whether a person interrupted it, also if every trial ended all the same.
        queue_limit: How many requests the service works on at once, if it was seen to queue more.
        perhaps_billed: How many requests of calls that were cut short may cost something.
    """

    stop: Stop | None = None
    broken: str | None = None
    limits: Sequence[tuple[float, int]] = ()
    is_interrupted: bool = False
    queue_limit: int | None = None
    perhaps_billed: int = 0


class RunExecution:
    """Builds what runs the trials of a plan, and runs them."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        rules: Rules | None,
        replies: Replies,
        writer: RunWriter,
        recorder: RunRecorder,
        switch: StopSwitch,
        barrier: VariantBarrier,
    ) -> None:
        self._plan, self._settings, self._rules = plan, settings, rules
        self._replies, self._writer = replies, writer
        self._recorder, self._switch, self._barrier = recorder, switch, barrier
        self._limits: Sequence[tuple[float, int]] = ()
        self._queue_limit: Callable[[], int | None] = lambda: None
        self._perhaps_billed: Callable[[], int] = int

    def run(
        self, progress: ShowsProgress, publish: Callable[[], None], queue: TrialQueue | None = None
    ) -> ExecutionResult:
        """Run the trials of the plan, or those of a queue; keep what ended, whatever happens."""
        is_complete, broken = False, None
        try:
            is_complete = asyncio.run(self._run(progress, publish, queue))
        except* StoreError as errors:
            broken = str(errors.exceptions[0])
        except* (asyncio.CancelledError, KeyboardInterrupt):
            pass  # the second Ctrl-C; what ended before it is kept
        stop = None
        if not is_complete and broken is None:
            stop = self._switch.reason or INTERRUPTED
        is_interrupted = INTERRUPTED in {stop, self._switch.reason}
        return ExecutionResult(
            stop, broken, self._limits, is_interrupted, self._queue_limit(), self._perhaps_billed()
        )

    async def _run(
        self, progress: ShowsProgress, publish: Callable[[], None], queue: TrialQueue | None
    ) -> bool:
        from harness.running.engine import Engine

        clock = _clock_from_now()
        async with self._clients(clock) as clients:
            # kept before an error can end the block
            self._limits, self._queue_limit = clients.limits, clients.queue_limit
            self._perhaps_billed = clients.perhaps_billed
            runner = TrialRunner(
                self._plan.renderer,
                self._replies.client(clients.trials),
                Evaluator(self._plan.assertions),
                clock,
                self._judges(clients, clock),
                self._barrier,
            )
            engine = Engine(
                runner,
                clients.trial_limit,
                clock,
                started=self._recorder.started,
                ended=self._recorder.ended,
                seconds_apart=_SECONDS_APART,
            )
            progress.watch(clients.activity)
            try:
                with self._switch.connected(engine), _ticking(progress):
                    if queue is not None:
                        return await run_queued(engine, queue)
                    return await run_planned(
                        engine, self._plan, self._replies, self._writer, publish
                    )
            finally:
                # The processes that run the project's functions would outlive the run.
                if self._plan.code is not None:
                    await self._plan.code.aclose()

    @asynccontextmanager
    async def _clients(self, clock: Clock) -> AsyncIterator[Clients]:
        if self._replies.sources.is_offline:
            yield offline_clients()
            return
        tasks = RunTasks(self._replies, self._writer)
        async with open_clients(
            self._settings, self._rules, tasks, clock, self._unauthorized
        ) as clients:
            yield clients

    def _judges(self, clients: Clients, clock: Clock) -> Judges:
        from harness.running.capacity import CapacityLimiter
        from harness.running.judging import Judges

        settings = self._settings.judge or JudgeSettings(JUDGE_REQUEST)
        client = self._replies.client(clients.judges)
        limiter = CapacityLimiter(clients.judge_limit, clock)
        return Judges(client, settings, limiter, self._plan.render)

    def _unauthorized(self, error: ApiError) -> None:
        check = other_scheme(self._settings.auth, self._settings.api_key_env)
        why = f"authentication failed (HTTP {error.status}): {check}"
        self._switch(Stop(why, ExitCode.ERRORED))


def _clock_from_now() -> Clock:
    began = time.perf_counter()
    return lambda: time.perf_counter() - began


@contextmanager
def _ticking(progress: ShowsProgress) -> Iterator[None]:
    """Let the progress display know that time passes, also while no trial ends."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            progress.tick()

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        task.cancel()
