"""The trials of one run on their way to its record and its summary."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from harness.app.execute.reply_sources import Replies
from harness.app.execute.run_metadata import suite_head
from harness.app.execute.simulator import simulator_beside
from harness.app.plan.planning import Plan
from harness.assertions.evaluator import Evaluator
from harness.errors import ApiError, SettingsError, StoreError
from harness.exit_code import ExitCode
from harness.loading.discovery import SUFFIXES
from harness.model.outcome import Outcome
from harness.model.record import OutcomeRecord, record_of, spent, spent_on_judges
from harness.model.request import Request
from harness.model.settings import JUDGE_REQUEST, JudgeSettings, Settings
from harness.model.suite import Suite, Trial
from harness.reporting.progress import ShowsProgress
from harness.reporting.summary import RunSummary
from harness.running.stopping import INTERRUPTED, CostBudget, Stop, Stopper
from harness.running.trial import Clock, CompletionClient, TrialRunner
from harness.running.variant_barrier import VariantBarrier
from harness.store.reader import RunReader
from harness.store.writer import RunWriter
from harness.wording import Option, Wording

if TYPE_CHECKING:
    from harness.client.call_stats import CallStats
    from harness.client.limits import Limiter
    from harness.running.engine import Engine
    from harness.running.interrupter import Interrupter
    from harness.running.judging import Judges
    from harness.running.trial_queue import TrialQueue
    from harness.simulator.rules import Rules

GRACE = 10.0
OFFLINE_PLACES = 1
_TICK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may take.

    Attributes:
        cost: USD; None for no bound.
        seconds: How long trials may be started; None for no bound.
        grace: Seconds that trials under way have to end when the run is stopped.
    """

    cost: float | None = None
    seconds: float | None = None
    grace: float = GRACE

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left of one of them."""
        return any(each is not None and each <= 0 for each in (self.cost, self.seconds))

    def check(
        self, trials: Iterable[Trial], settings: Settings, judges: Iterable[str] = ()
    ) -> None:
        """Make sure that the budget can be kept.

        Raises:
            SettingsError: The cost is bounded, and a model has no price.
        """
        if self.cost is None:
            return
        models = {*judges, *(str(trial.request.get("model")) for trial in trials)}
        unknown = ", ".join(sorted(models - set(settings.prices)))
        if unknown:
            problem = Wording(
                "{max_cost} cannot be kept: there is no price for {models}",
                max_cost=Option("max_cost"),
                models=unknown,
            )
            raise SettingsError(problem, "add it to [prices] in harness.toml")


class RunObserver(Protocol):
    """What asks for trials while a run goes on; its methods are called in the run's thread."""

    queue: TrialQueue

    def started(self, trial: Trial) -> None:
        """Take note of a trial that starts."""

    def ended(self, outcome: Outcome, record: OutcomeRecord) -> None:
        """Take note of a trial that ended, when its record is in the run file."""


class RunExecution:
    """The trials of one run on their way to its record and its summary.

    Attributes:
        stop: Why the run ended before its time, if it did.
        broken: Why the run file could not be kept to the end, if so.
        suites: Those of the plan, and those whose trials were asked for one by one, by name.
        limits: From when on how many requests might be under way at once.
    """

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        rules: Rules | None,
        writer: RunWriter,
        progress: ShowsProgress,
        budget: Budget,
        replies: Replies,
        known: Callable[[], None],
        observer: RunObserver | None = None,
        interrupter: Interrupter | None = None,
    ) -> None:
        self._replies, self._known, self._observer = replies, known, observer
        self._interrupter = interrupter
        self._plan, self._settings, self._rules = plan, settings, rules
        self._writer, self._progress, self._budget = writer, progress, budget
        self._cost_budget = CostBudget(budget.cost)
        self._stopper: Stopper | None = None
        self._has_run_all = False
        self.suites = {suite.name: suite for suite in plan.suites}
        self._indexes: set[int] = set()
        self._has_repeated = False
        self.limits: Sequence[tuple[float, int]] = ()
        self._barrier = VariantBarrier(plan.expected_variants, forgets=observer is None)
        self.summary = RunSummary()
        self.stop: Stop | None = None
        self.broken: str | None = None

    @property
    def exit_code(self) -> ExitCode:
        """What the run's exit status says."""
        if self.broken is not None:
            return ExitCode.ERRORED
        return self.summary.exit_code() if self.stop is None else self.stop.exit_code

    def run(self) -> None:
        """Run the trials; what goes wrong with the record ends the run and is kept in `broken`."""
        try:
            self._has_run_all = asyncio.run(self._run_trials())
        except* StoreError as errors:
            self.broken = str(errors.exceptions[0])
        except* (asyncio.CancelledError, KeyboardInterrupt):
            pass  # the second Ctrl-C; what ended before it is kept
        if not self._has_run_all and self.broken is None:
            reason = None if self._stopper is None else self._stopper.stop
            self.stop = reason or INTERRUPTED
        self.summary.finish()

    def recount(self) -> None:
        """Count the newest outcome of each trial, where some were asked for again."""
        if self.broken is not None or not self._has_repeated:
            return
        self.summary = RunSummary()
        with RunReader(self._writer.written) as reader:
            for record in reader.outcomes():
                self.summary.add(record)
        self.summary.finish()

    def _ended(self, outcome: Outcome) -> None:
        record = record_of(outcome)
        self._tell_suite(outcome.trial.suite)
        self._writer.append(record)
        self.summary.add(record)
        self._progress.ended(record)
        stop = self._cost_budget.add(spent(record) + spent_on_judges(record))
        if stop is not None and self._stopper is not None:
            self._stopper(stop)
        if self._observer is not None:
            self._has_repeated |= record["index"] in self._indexes
            self._indexes.add(record["index"])
            self._observer.ended(outcome, record)

    def _tell_suite(self, suite: Suite) -> None:
        """Write a suite that was not planned into the run file, if it has a file of its own."""
        if suite.name not in self.suites:
            self.suites[suite.name] = suite
            if suite.span.path.name.endswith(SUFFIXES):
                self._writer.suite(suite_head(suite))

    def _started(self, trial: Trial) -> None:
        self._progress.started()
        if self._observer is not None:
            self._observer.started(trial)

    def _unauthorized(self, error: ApiError) -> None:
        if self._stopper is not None:
            why = f"authentication failed (HTTP {error.status}): check the API key"
            self._stopper(Stop(why, ExitCode.ERRORED))

    async def _run_trials(self) -> bool:
        clock = _clock_from_now()
        if self._replies.sources.is_offline:
            judges = self._judges(None, lambda: OFFLINE_PLACES, clock)
            return await self._run_with(None, lambda: OFFLINE_PLACES, str, clock, judges)
        if self._rules is None:
            return await self._run_trials_at(str(self._settings.base_url), clock)
        async with simulator_beside(self._rules) as base_url:
            return await self._run_trials_at(base_url, clock)

    async def _run_trials_at(self, base_url: str, clock: Clock) -> bool:
        from harness.client.call_stats import CallStats
        from harness.client.exchange import Exchanges
        from harness.client.limits import AdaptiveLimit, Limiter, Window
        from harness.client.messages import MessagesClient
        from harness.client.retry import RetryPolicy
        from harness.client.transport import endpoint, open_transport

        settings = self._settings
        per_minute = (settings.requests_per_minute, settings.tokens_per_minute)
        requests, tokens = (None if most is None else Window(most) for most in per_minute)
        limiter = Limiter(
            AdaptiveLimit(settings.first_concurrency, settings.most_concurrency),
            requests=requests,
            tokens=tokens,
            clock=clock,
            sleep=asyncio.sleep,
        )
        traffic = CallStats(self._unauthorized)
        async with open_transport(
            base_url,
            connect_seconds=settings.timeouts.connect,
            most_idle=settings.most_concurrency,
        ) as transport:
            client_with = partial(
                MessagesClient,
                Exchanges(transport, settings.timeouts),
                endpoint(settings, base_url),
                retry=RetryPolicy(random.random, settings.max_attempts),
                stats=traffic,
                tasks=_Tasks(self._replies, self._writer),
                timeouts=settings.timeouts,
                prices=settings.prices,
                clock=clock,
                sleep=asyncio.sleep,
            )
            self.limits = limiter.history
            judge_limiter = Limiter(
                AdaptiveLimit(settings.first_concurrency, settings.most_concurrency),
                requests=requests,  # what a minute allows is for both together
                tokens=tokens,
                clock=clock,
                sleep=asyncio.sleep,
            )
            return await self._run_with(
                client_with(limiter=limiter),
                lambda: limiter.limit,
                lambda: activity(limiter, traffic),
                clock,
                self._judges(
                    client_with(limiter=judge_limiter), lambda: judge_limiter.limit, clock
                ),
            )

    def _judges(
        self, client: CompletionClient | None, most: Callable[[], int], clock: Clock
    ) -> Judges:
        from harness.running.capacity import CapacityLimiter
        from harness.running.judging import Judges

        settings = self._settings.judge or JudgeSettings(JUDGE_REQUEST)
        known = self._replies.client(client)
        return Judges(known, settings, CapacityLimiter(most, clock), self._plan.render)

    async def _run_with(
        self,
        client: CompletionClient | None,
        places: Callable[[], int],
        activity: Callable[[], str],
        clock: Clock,
        judges: Judges | None,
    ) -> bool:
        from harness.running.engine import Engine
        from harness.running.interrupts import stop_on_interrupt

        runner = TrialRunner(
            self._plan.renderer,
            self._replies.client(client),
            Evaluator(self._plan.assertions),
            clock,
            judges,
            self._barrier,
        )
        engine = Engine(runner, places, clock, started=self._started, ended=self._ended)
        stopper = self._stopper = Stopper(engine, self._budget.grace, self._told)
        if self._budget.seconds is not None:
            why = f"the time budget of {self._budget.seconds:g} s is used up"
            stopper.stop_after(self._budget.seconds, Stop(why, ExitCode.STOPPED))
        self._progress.watch(activity)
        ticking = asyncio.create_task(self._tick())
        try:
            with stop_on_interrupt(lambda: stopper(INTERRUPTED), self._interrupter):
                return await self._run_in_order(engine)
        finally:
            ticking.cancel()
            stopper.close()
            if self._plan.code is not None:
                await self._plan.code.aclose()

    async def _run_in_order(self, engine: Engine) -> bool:
        """Run the trials that need nothing but replies that are known, before anything is sent.

        What is known of the others is carried over, so that none is lost.
        """
        if self._observer is not None:
            with self._observer.queue.attached(engine.look_again, engine.abort) as closed:
                return await engine.run(self._observer.queue, closed)
        if self._replies.sources.run is None:
            return await engine.run(self._plan.trials())
        known: set[int] = set()
        is_complete = partial(self._replies.is_complete, self._plan)

        def answered() -> Iterator[Trial]:
            for trial in self._plan.trials():
                everything = [trial, *trial.peers()]
                if all(map(is_complete, everything)) and not self._plan.asks(trial):
                    known.add(trial.index)
                    yield trial

        has_run_known = await engine.run(answered())
        for trial in self._plan.trials():
            if trial.index not in known:
                self._replies.carry_over(self._plan, trial, self._writer)
        self._known()
        left = (trial for trial in self._plan.trials() if trial.index not in known)
        return await engine.run(left) and has_run_known

    def _told(self, stop: Stop) -> None:
        self._barrier.stop()
        self._progress.stopping(stop.why, self._budget.grace)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            self._progress.tick()


def _clock_from_now() -> Clock:
    began = time.perf_counter()
    return lambda: time.perf_counter() - began


def activity(limiter: Limiter, traffic: CallStats) -> str:
    """Say how many requests are under way, what others wait for, and what was tried again."""
    parts = [f"{limiter.in_flight} of {limiter.limit} in flight"]
    if limiter.paused:
        pause = limiter.pause_seconds
        why = f"the service asked for {pause:.0f} s" if pause else "requests or tokens a minute"
        parts.append(f"{limiter.paused} paused ({why})")
    if traffic.waiting.total():
        parts.append(f"waiting to try again: {_counts(traffic.waiting)}")
    if traffic.retries:
        parts.append(f"retries: {_counts(traffic.retries)}")
    return " · ".join(parts)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items()) if count)


class _Tasks:
    """The tasks of an earlier run and of this one."""

    def __init__(self, replies: Replies, writer: RunWriter) -> None:
        self._replies, self._writer = replies, writer

    def made_before(self, request: Request) -> str | None:
        """Return the id of the task that an earlier run made for a request."""
        return self._replies.task(request)

    def made(self, request: Request, name: str) -> None:
        """Write the id of a task into the run file."""
        self._writer.task(request.key, name, request.trial)
