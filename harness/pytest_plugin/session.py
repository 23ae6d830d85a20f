"""The prompt tests of one pytest session: their suites, their run, what they came to."""

from __future__ import annotations

import gc
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from harness import app
from harness.errors import HarnessError, SettingsError
from harness.model.settings import Settings
from harness.model.suite import Case, Suite, Trial, Variant
from harness.pytest_plugin.keys import SESSION
from harness.pytest_plugin.options import ini_path, ini_value, option_or_ini
from harness.pytest_plugin.reports import SessionReport, with_baseline
from harness.pytest_plugin.vocabulary import PYTEST, shown
from harness.pytest_plugin.workers import Worker, worker_of

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import Baseline
    from harness.pytest_plugin.items import CaseItem

_AHEAD = 20  # windows, where no failure can make what is sent ahead useless
_SECONDS_TO_END = 10.0
_SECONDS_TO_GIVE_UP = 2.0
_FLAGS = ("base_url", "concurrency", "cache", "judge", "allow_code")
_SHARED = ("concurrency", "requests_per_minute", "tokens_per_minute")


def session_of(config: pytest.Config) -> PromptSession:
    """Return the prompt tests of the session, which begin with the first that asks."""
    prompts = config.stash.get(SESSION, None)
    if prompts is None:
        prompts = config.stash[SESSION] = PromptSession(config)
    return prompts


class PromptSession:
    """Loads suites, runs their trials ahead of pytest's loop, and hands outcomes over.

    Attributes:
        has_told_of_settings: Whether a suite was refused because the settings are unusable.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._worker: Worker | None = worker_of(config)
        self._book: app.SuiteBook | None = None
        self._suites: dict[Path, Suite] = {}
        self._paths: dict[Path, Path] = {}
        self._indexes = count()
        self._later = self._indexes if self._worker is None else self._worker.own_indexes()
        self._compared: dict[tuple[int, str, str], list[Trial]] = {}
        self._session: pytest.Session | None = None
        self._run: app.BackgroundRun | None = None
        self._order: Sequence[CaseItem] = ()
        self._places: dict[CaseItem, int] = {}
        self._before: Sequence[int] = (0,)  # trials of the tests before each
        self._asked = 0
        self._window = 0
        self._service_seconds = 0.0
        self._baseline: Baseline | None = None
        self._unreadable: HarnessError | None = None
        self._cancelled = 0
        self.has_told_of_settings = False
        self._has_ended = True

    def load(self, path: Path) -> Suite:
        """Return the suite in a file, which is read once.

        Raises:
            BrokenSuitesError: Its mistakes.
            SettingsError: The settings or options are unusable.
        """
        file = path.resolve()
        if file not in self._suites:
            self._suites[file] = self.book(path).load(Path(os.path.relpath(path)))
            self._paths[file] = path
        return self._suites[file]

    def is_first(self, path: Path) -> bool:
        """Return whether a suite that was loaded is called so, and is not a link to it."""
        return self._paths.get(path.resolve()) == path

    def load_beside(self, path: Path, test: Path) -> Suite:
        """Return the suite in a file as it is now; without others, a test's settings hold.

        Raises:
            BrokenSuitesError: Its mistakes.
            SettingsError: The settings or options are unusable.
        """
        return self.book(test).read(Path(os.path.relpath(path)))

    def book(self, start: Path) -> app.SuiteBook:
        """Return what loads suites; the settings are those that hold where the first one lies."""
        if self._book is None:
            self._book = app.SuiteBook(self._choice(start))
        return self._book

    def trials(self, suite: Suite, case: Case, variant: Variant) -> list[Trial]:
        """Return the trials of a case that is collected, which every worker does alike."""
        return self._trials(suite, case, variant, self._indexes)

    def later_trials(self, suite: Suite, case: Case, variant: Variant) -> list[Trial]:
        """Return the trials of a case that a test runs by itself, which one worker does."""
        return self._trials(suite, case, variant, self._later)

    def _trials(
        self, suite: Suite, case: Case, variant: Variant, indexes: Iterator[int]
    ) -> list[Trial]:
        repeats = range(1, case.repeat + 1)
        trials = [
            Trial(suite, case, variant, repeat, case.repeat, next(indexes)) for repeat in repeats
        ]
        if case.compared:
            self._compared[id(suite), case.id, variant.name] = trials
        return trials

    def _ask(self, trials: Sequence[Trial]) -> None:
        """Ask for trials, and for those of other variants that they are compared with."""
        self.run().ask(
            trials, [counterpart for trial in trials for counterpart in self._counterparts(trial)]
        )

    def _counterparts(self, trial: Trial) -> Iterator[Trial]:
        for peer in trial.peers():
            found = self._compared.get((id(peer.suite), peer.case.id, peer.variant.name))
            if found is None:
                found = self.later_trials(peer.suite, peer.case, peer.variant)
            yield found[peer.repeat - 1]

    def header(self, items: Sequence[CaseItem]) -> str:
        """Say in a line what will run, and where."""
        settings = self.book(items[0].path).settings
        trials = sum(len(item.trials) for item in items)
        parts = [f"{len(items):,} prompt tests, {trials:,} trials"]
        replay = option_or_ini(self._config, "replay")
        if replay is not None:
            parts.append(f"replayed from {replay}")
        elif settings.base_url is not None:
            host = urlsplit(settings.base_url).netloc or settings.base_url
            parts.append(f"to {host}, at most {settings.most_concurrency} at once")
        model = option_or_ini(self._config, "model")
        parts += [] if model is None else [f"model {model}"]
        return f"harness: {', '.join(parts)}"

    def begin(self, session: pytest.Session, items: Sequence[CaseItem]) -> None:
        """Begin to send, in the order of the tests.

        Raises:
            UsageError: There is nowhere to send to, or no key.
        """
        self._session = session
        try:
            self.baseline()
            trials = [trial for item in items for trial in item.trials]
            beside = [peer for trial in trials for peer in trial.peers()]
            self.budget.check([*trials, *beside], self._settings())
            self.run()
        except HarnessError as error:
            if self._worker is None:
                raise pytest.UsageError(shown(error)) from error
            return  # a worker cannot end the session: each of its tests will say so
        self._order = [item for item in items if item.will_run]
        self._places = {item: place for place, item in enumerate(self._order)}
        self._before = [0, *accumulate(len(item.trials) for item in self._order)]
        settings = self._settings()
        option = self._config.option
        may_end_early = option.maxfail or getattr(option, "stepwise", False)
        self._window = settings.most_concurrency * (1 if may_end_early else _AHEAD)
        # suites live to the end, and looking through them again and again costs 5 %; they are left
        # frozen, because the process ends as soon as the session does
        gc.freeze()
        if self._worker is None and self._order:
            self._ask_ahead_of(0)
            if not self.run().is_open():
                raise pytest.UsageError(self.run().why_ended(PYTEST))

    def reached(self, item: CaseItem, following: CaseItem | None) -> None:
        """Take note of the test that pytest has got to, and send ahead."""
        if self._run is None:
            return
        if self._worker is not None:  # which tests it will be given, it knows one ahead
            for each in (item, following):
                if each is not None and each.will_run:
                    self._ask(each.trials)
        elif item in self._places:
            self._ask_ahead_of(self._places[item])

    def rerun_command(self, test: pytest.Item) -> str:
        """Return the command that runs a test again, with what it was run with."""
        name = f"{os.path.relpath(test.path)}::{test.nodeid.partition('::')[2]}"
        option, repeated = self._config.getoption, []
        for each in ("base-url", "model", "repeat", "judge"):
            value = option("harness_" + each.replace("-", "_"))
            repeated += [] if value is None else [f"--harness-{each}={value}"]
        repeated += [f"--harness-set={each}" for each in option("harness_set")]
        repeated += ["--harness-allow-code"] if option("harness_allow_code") else []
        return shlex.join(["pytest", name, *repeated])

    def run_all(self, trials: Iterable[Trial]) -> list[app.BackgroundOutcome]:
        """Wait for the outcomes of trials; what nobody asked for yet is sent now.

        Raises:
            RunEndedError: The run ended before; the message says why.
            SettingsError: There is nowhere to send to, or no key.
        """
        chosen, live = list(trials), self.run()
        self._ask(chosen)
        outcomes = [live.outcome(trial) for trial in chosen]
        self._service_seconds += sum(outcome.outcome.seconds for outcome in outcomes)
        return outcomes

    def run_made(self, name: Path, data: Mapping[str, Any]) -> list[app.BackgroundOutcome]:
        """Run the one case of a suite that is plain data, said to stand in a file of that name."""
        suite = self.book(name.parent).make(name, data)
        return self.run_all(self.later_trials(suite, suite.cases[0], suite.variants[0]))

    def run(self) -> app.BackgroundRun:
        """Return the run, which begins when it is first asked for."""
        if self._run is None:
            book = self.book(self._config.invocation_params.dir)
            self.baseline()
            sources = app.Sources(record=self._folder("record"), replay=self._folder("replay"))
            if not sources.is_offline:
                app.require_server(book.settings)
            outputs = app.OutputOptions(run_file=self._run_file(book), command=sys.argv)
            self._run = app.BackgroundRun(
                book.plan(is_interactive=True), outputs, self.budget, sources
            )
            self._run.start()
        return self._run

    def end(self, *, is_interrupted: bool) -> None:
        """End the run; what nobody waits for any more is given up."""
        if self._run is None:
            return
        self._cancelled = self._run.waiting()
        is_left = is_interrupted or self._cancelled > 0
        seconds = _SECONDS_TO_GIVE_UP if is_left else _SECONDS_TO_END
        self._has_ended = self._run.close(seconds, at_once=is_left)

    def baseline(self) -> Baseline | None:
        """Return what the session is to be compared with, if anything; it is read once.

        Raises:
            StoreError: It cannot be read.
        """
        name = option_or_ini(self._config, "baseline")
        if self._unreadable is not None:
            raise self._unreadable
        if self._baseline is None and name is not None and self._worker is None:
            from harness.app.compare import baseline_check  # most sessions do without

            try:
                self._baseline = baseline_check.open_baseline(name, self._settings())
            except HarnessError as error:
                self._unreadable = error  # what `latest` is changes while the session goes on
                raise
        return self._baseline

    def read_baseline(self, *, must_be: bool) -> None:
        """Read the baseline before anything runs, which may be the next `latest` itself.

        Args:
            must_be: Whether it is an error now, not only once prompt tests ran, if it cannot be.

        Raises:
            UsageError: It cannot be read, and must.
        """
        try:
            self.baseline()
        except HarnessError as error:
            if must_be:
                raise pytest.UsageError(shown(error)) from error

    @property
    def budget(self) -> app.Budget:
        """What the run may take."""
        return app.Budget(self._config.getoption("harness_max_cost"))

    def report(self) -> SessionReport:
        """Return what the run came to, and what its baseline says of that."""
        if self._run is None:
            return SessionReport()
        result = self._run.result
        if result is None or result.broken is not None or self._worker is not None:
            is_broken = result is None or result.broken is not None
            return SessionReport(self._lines(result), has_failed=is_broken)
        if not result.summary.total.trials and not self._cancelled:
            return SessionReport()
        return with_baseline(self.baseline, result, self._lines(result))

    def _lines(self, result: app.RunResult | None) -> list[str]:
        if self._worker is not None:
            return []
        if result is None:
            why = self._run_ended()
            return [f"error: {why}; what came before is kept"]
        lines = app.summary_text(result).split("\n")
        if self._cancelled:
            lines.append(f"note: {self._cancelled:,} trials that were sent ahead were given up")
        times = f"{self._service_seconds:.2f} s of service in {result.seconds:.2f} s"
        if result.seconds:
            times += f" (x{self._service_seconds / result.seconds:.1f})"
        if result.broken is not None:
            lines.append(f"error: {result.broken}; what came before is kept")
        return [*lines, times, *app.result_notes(result)]

    def _run_ended(self) -> str:
        return self.run().why_ended(PYTEST) if self._has_ended else "the run did not end in time"

    def _ask_ahead_of(self, place: int) -> None:
        """Ask for tests so that at most a window of trials is ahead of the one at `place`."""
        self._asked = max(self._asked, place)
        while self._asked < len(self._order) and not self._is_ending:
            ahead = self._before[self._asked + 1] - self._before[place]
            if self._asked > place and ahead > self._window:
                break
            self._ask(self._order[self._asked].trials)
            self._asked += 1

    @property
    def _is_ending(self) -> bool:
        session = self._session
        return session is not None and bool(session.shouldfail or session.shouldstop)

    def _choice(self, start: Path) -> app.RunOptions:
        option = self._config.getoption
        model = option_or_ini(self._config, "model")
        assignments = [] if model is None else [f"request.model={model}"]
        ini: dict[str, Any] = {
            name: ini_value(self._config, name) for name in ("base_url", "concurrency")
        }
        reports = ini_path(self._config, "reports")
        ini["reports"] = None if reports is None else str(reports)
        choice = app.RunOptions(
            paths=[start],
            assignments=[*assignments, *option("harness_set")],
            repeat=_whole(option_or_ini(self._config, "repeat")),
            flags={name: option(f"harness_{name}") for name in _FLAGS},
            ini=ini,
            environment=os.environ,
        )
        return choice if self._worker is None else self._shared(choice, self._worker)

    def _shared(self, choice: app.RunOptions, worker: Worker) -> app.RunOptions:
        """Return the choice with a worker's share of what all workers may take together."""
        settings = app.project_settings(choice)
        limits = {name: getattr(settings, name) for name in _SHARED}
        limits["concurrency"] = settings.most_concurrency
        shares = {name: worker.share(most) for name, most in limits.items() if most is not None}
        return replace(choice, flags={**choice.flags, **shares})

    def _settings(self) -> Settings:
        return self.book(self._config.invocation_params.dir).settings

    def _folder(self, name: str) -> Path | None:
        given = self._config.getoption(f"harness_{name}")
        if given is not None:
            return Path(given)
        is_meant = option_or_ini(self._config, name) is not None
        return ini_path(self._config, name) if is_meant else None

    def _run_file(self, book: app.SuiteBook) -> Path | None:
        if self._worker is not None:
            return self._worker.part_below(book.settings.reports)
        value = self._config.getoption("harness_run_file")
        return None if value is None else Path(value)


def _whole(value: str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError as error:
        problem = f"`harness_repeat` is {value!r}"
        raise SettingsError(problem, "write a whole number") from error
