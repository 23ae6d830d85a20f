"""Options of a run: its trials, its budget, where its replies come from and its record goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import SettingsError
from harness.reporting.progress import NoProgress
from harness.wording import Option, Wording

if TYPE_CHECKING:
    from harness.model.case_result import CaseKey
    from harness.model.settings import Settings
    from harness.model.suite import Trial
    from harness.reporting.progress import ShowsProgress
    from harness.running.caching_client import ReplySource
    from harness.store.previous_run import PreviousRun

ADD_A_PRICE = "add it to [prices] in harness.toml"
GRACE = 10.0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Which suites to load, which of their trials to select, and which settings to override.

    Attributes:
        assignments: Overrides of requests and variables, each as `KEY=VALUE`.
        ids: The trials of an earlier run to select from; None selects from all.
        cases: The cases of an earlier run to select from beside `ids`, with all their repeats.
        include_compared: Whether selecting a trial also selects those it is compared with.
        shard: A share of the selected trials, such as `2/5`.
        flags: Settings from the command line; None where an option was not used.
        ini: Settings from pytest's configuration, likewise.
    """

    paths: Sequence[Path]
    keyword: str | None = None
    tags: Sequence[str] = ()
    only: Sequence[str] = ()
    assignments: Sequence[str] = ()
    repeat: int | None = None
    ids: frozenset[str] | None = None
    cases: frozenset[CaseKey] = frozenset()
    include_compared: bool = True
    shard: str | None = None
    flags: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    ini: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a run may spend, and for how long.

    Attributes:
        cost: USD; None for no limit.
        seconds: How long the run may start trials; None for no limit.
        grace: Seconds that trials in flight have to end when the run is stopped.
        spent_cost: USD that are spent already, by runs that share the budget; likewise
            `spent_seconds`.
    """

    cost: float | None = None
    seconds: float | None = None
    grace: float = GRACE
    spent_cost: float = 0.0
    spent_seconds: float = 0.0

    @property
    def is_used_up(self) -> bool:
        """Whether the cost or the time is used up."""
        limits = (self.cost, self.spent_cost), (self.seconds, self.spent_seconds)
        return any(limit is not None and limit <= spent for limit, spent in limits)

    def after(self, cost: float, seconds: float) -> Budget:
        """Return the budget when so much more is spent."""
        return replace(
            self,
            spent_cost=self.spent_cost + cost,
            spent_seconds=self.spent_seconds + seconds,
        )

    def check(
        self, trials: Iterable[Trial], settings: Settings, judges: Iterable[str] = ()
    ) -> None:
        """Check that the budget can be kept.

        Raises:
            SettingsError: The cost is limited, and a model has no price.
        """
        if self.cost is None:
            return
        # Without a price a model would cost nothing in the sum, and the limit would never be met.
        models = {*judges, *(str(trial.request.get("model")) for trial in trials)}
        unknown = ", ".join(sorted(models - set(settings.prices)))
        if unknown:
            problem = Wording(
                "{max_cost} cannot be kept: there is no price for {models}",
                max_cost=Option("max_cost"),
                models=unknown,
            )
            raise SettingsError(problem, ADD_A_PRICE)


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """Where a run writes its record and shows its progress.

    Attributes:
        run_file: The run file; None creates it in a new folder below the reports.
        progress: Makes the progress display, given the number of trials.
        command: The command line, for the record.
        is_latest: Whether `latest` names this run from now on.
    """

    run_file: Path | None = None
    progress: Callable[[int], ShowsProgress] = lambda _total: NoProgress()
    command: Sequence[str] = ()
    is_latest: bool = True


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a run takes replies from besides the service, and where else it stores them.

    Attributes:
        run: An earlier run whose replies are used again.
        previous_run_file: The run that this one follows, whether its replies are used or not.
        notes: What a person should know of that run.
        allow_requests: Whether requests may be sent for missing replies.
        record: The folder to write cassettes to.
        replay: The folder to read cassettes from; no requests are sent then.
        fixed_replies: Replies from outside any run, such as labelled outputs.
    """

    run: PreviousRun | None = None
    previous_run_file: Path | None = None
    notes: tuple[str, ...] = ()
    allow_requests: bool = True
    record: Path | None = None
    replay: Path | None = None
    fixed_replies: ReplySource | None = None

    @property
    def is_offline(self) -> bool:
        """Whether the run sends no requests."""
        return not self.allow_requests or self.replay is not None
