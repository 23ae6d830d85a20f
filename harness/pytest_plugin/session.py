"""The prompt tests of one pytest session: their suites, their run, their report."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import app
from harness.errors import HarnessError
from harness.model.record import OutcomeRecord
from harness.model.suite import Case, Trial, Variant
from harness.pytest_plugin.keys import CASES, SESSION, CaseTest
from harness.pytest_plugin.look_ahead import LookAhead, window_of
from harness.pytest_plugin.reports import (
    SessionReport,
    header_line,
    identical_lines,
    result_lines,
    with_baseline,
)
from harness.pytest_plugin.session_baseline import SessionBaseline
from harness.pytest_plugin.session_options import SessionOptions
from harness.pytest_plugin.session_run import SessionRun
from harness.pytest_plugin.session_suites import SessionSuites
from harness.pytest_plugin.session_trials import SessionTrials
from harness.pytest_plugin.vocabulary import PYTEST, shown
from harness.pytest_plugin.workers import worker_of

if TYPE_CHECKING:
    from harness.pytest_plugin.session_comparison import SessionComparison


class PromptSession:
    """Runs the trials of prompt tests ahead of pytest's loop, and hands their outcomes over.

    Attributes:
        has_run_tests: Whether a test of a suite asked for its outcomes; skipped ones do not.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._worker = worker_of(config)
        self.options = SessionOptions(config, self._worker)
        self.suites = SessionSuites(self.options.run_options, self.options.start)
        self.trials = SessionTrials(self._worker)
        self.baseline = SessionBaseline(
            self.options.baseline, lambda: self.suites.settings, self.options.baseline_rules
        )
        self._reports = config.stash.get(CASES, None)
        self._run = SessionRun(self._open_run)
        self._look_ahead: LookAhead | None = None
        self._chosen: set[tuple[int, str]] = set()  # cases by identity, with their variants
        self.has_run_tests = False

    def header(self, tests: Sequence[CaseTest]) -> list[str]:
        """Say what will run and where, and which variants would send the same request."""
        line = header_line(
            len(tests),
            sum(len(test.trials) for test in tests),
            self.suites.settings,
            replay=self.options.replay,
            model=self.options.model,
        )
        self._choose(tests)
        plan = self.suites.plan(self._is_chosen)
        trials = [trial for test in tests for trial in test.trials]
        doubts = [
            f"{error.span}: {error.problem}; {shown(error.fix)}"
            for error in app.plan_doubts(plan, trials)
        ]
        identical = identical_lines(plan.identical_variants())
        return [line, *(f"warning: {text}" for text in (*doubts, *identical))]

    def begin(self, session: pytest.Session, tests: Sequence[CaseTest]) -> None:
        """Begin to send, in the order of the tests.

        Raises:
            UsageError: There is nowhere to send to, or no key; or a test needs a judge and there is
                none, or code of the project and it is not allowed.
        """
        self._choose(tests)
        try:
            self._read_own_baseline()
            trials = [trial for test in tests for trial in test.trials]
            peers = [peer for trial in trials for peer in trial.peers()]
            settings, plan = self.suites.settings, self.suites.plan(self._is_chosen)
            running = [trial for test in tests if test.will_run for trial in test.trials]
            app.check_code(plan, running)
            judges = app.required_judges(plan, running)
            self.options.budget.check([*trials, *peers], settings, judges)
            run = self._run.begin()
        except HarnessError as error:
            if self._worker is None:
                raise pytest.UsageError(shown(error)) from error
            return  # a worker cannot end the session: each of its tests will say so
        # suites live to the end, and looking through them again and again costs 5 %; they are left
        # frozen, because the process ends as soon as the session does
        gc.freeze()
        if self._worker is not None:
            return  # pytest-xdist gives it its tests one by one
        ordered = [test for test in tests if test.will_run]
        window = window_of(settings.most_concurrency, may_end_early=self.options.may_end_early)
        self._look_ahead = LookAhead(
            ordered, window, lambda: bool(session.shouldfail or session.shouldstop)
        )
        if ordered:
            self._ask_ahead_of(ordered[0])
            if not run.is_open():
                raise pytest.UsageError(run.why_ended(PYTEST))

    def reached(self, test: CaseTest, following: CaseTest | None) -> None:
        """Send ahead of the test that pytest has got to."""
        if not self._run.has_begun:
            return
        # What cannot be asked for is said by its own test; a hook would end the whole session.
        with suppress(HarnessError):
            self._send_ahead(test, following)

    def _send_ahead(self, test: CaseTest, following: CaseTest | None) -> None:
        # The run records them as skipped, as it does without pytest; nobody waits for them.
        self._run.ask((), [trial for trial in test.trials if trial.case.skip is not None])
        if self._look_ahead is not None:
            self._ask_ahead_of(test)
            return
        for coming in (test, following):  # a worker knows its tests one ahead
            if coming is not None and coming.will_run:
                self._ask(coming.trials)

    def run_test(self, test: CaseTest) -> list[app.BackgroundOutcome]:
        """Wait for the outcomes of a test of a suite, as `run_all` does."""
        self.has_run_tests = True
        return self.run_all(test.trials)

    def run_all(self, trials: Sequence[Trial]) -> list[app.BackgroundOutcome]:
        """Wait for the outcomes of trials; those that were not asked for yet are sent now.

        Raises:
            RunEndedError: The run ended before; the message says why.
            SettingsError: There is nowhere to send to, or no key.
        """
        self._ask(trials)
        return self._run.outcomes(trials)

    def run_made(self, name: Path, data: Mapping[str, Any]) -> list[app.BackgroundOutcome]:
        """Run the one case of a suite that is plain data, said to stand in a file of that name."""
        suite = self.suites.make(name, data)
        return self.run_all(self.trials.own(suite, suite.cases[0], suite.variants[0]))

    def end(self, *, is_interrupted: bool) -> None:
        """End the run; what is wanted and not there is given up."""
        self._run.end(is_interrupted=is_interrupted)

    def read_baseline(self, *, is_required: bool) -> None:
        """Read the baseline before anything runs, which may be the next `latest` itself.

        Args:
            is_required: Whether one that cannot be read is an error now, and not only after prompt
                tests ran.

        Raises:
            UsageError: It is required and cannot be read.
        """
        try:
            self.baseline.read()
        except HarnessError as error:
            if is_required:
                raise pytest.UsageError(shown(error)) from error

    def excuse(self, records: Sequence[OutcomeRecord]) -> str | None:
        """Return why a failing test does not fail the session by itself, if it does not."""
        return self.baseline.excuse(records, self._judge)

    def compare(self, result: app.RunResult, *, may_rerun: bool) -> SessionComparison | None:
        """Compare a run of the session with its baseline, if there is one.

        Args:
            result: The run.
            may_rerun: Whether cases may be asked again.

        Raises:
            HarnessError: The baseline or the record cannot be read.
        """
        check, reports = self.baseline.read(), self._reports
        if check is None or reports is None:
            return None
        from harness.pytest_plugin.session_comparison import compared  # most sessions do without

        def options() -> app.RunOptions:
            return self.options.run_options(self.options.start)

        budget = self.options.budget
        return compared(check, result, reports, options, budget, may_rerun=may_rerun)

    def report(self, *, may_rerun: bool) -> SessionReport:
        """Return the report of the run, compared with the baseline.

        Args:
            may_rerun: Whether cases may be asked again.
        """
        if not self._run.has_begun:
            return SessionReport()
        result, cancelled = self._run.result, self._run.cancelled
        if self._worker is not None:  # its controller reports the parts of all workers
            return SessionReport(has_failed=result is None or result.broken is not None)
        if result is None:
            message = f"error: {self._run.why_ended()}; what came before is kept"
            return SessionReport([message], has_failed=True)
        lines = result_lines(
            result, self._run.service_seconds, cancelled, has_run_tests=self.has_run_tests
        )
        if result.broken is not None:
            return SessionReport(lines, has_failed=True)
        if not result.summary.total.trials and not cancelled:
            return SessionReport()
        compare = partial(self.compare, may_rerun=may_rerun)
        return with_baseline(compare, result, lines, has_run_tests=self.has_run_tests)

    @cached_property
    def _judge(self) -> str | None:
        """The judge of the run, as its record names it."""
        return app.recorded_judges(self.suites.plan(self._is_chosen))

    def _read_own_baseline(self) -> None:
        # Before the run, which may become the next `latest` itself. A worker reads it only for
        # tests that fail; its controller has read it, and reports what is wrong with it.
        if self._worker is None:
            self.baseline.read()

    def _choose(self, tests: Iterable[CaseTest]) -> None:
        self._chosen = {
            (id(trial.case), trial.variant.name)
            for test in tests
            if test.will_run
            for trial in test.trials
        }

    def _is_chosen(self, case: Case, variant: Variant) -> bool:
        return (id(case), variant.name) in self._chosen

    def _ask_ahead_of(self, test: CaseTest) -> None:
        if self._look_ahead is not None:
            for due in self._look_ahead.due(test):
                self._ask(due.trials)

    def _ask(self, trials: Sequence[Trial]) -> None:
        """Ask for trials, and for those of other variants that they are compared with."""
        self._run.ask(trials, list(self.trials.peers(trials)))

    def _open_run(self) -> app.BackgroundRun:
        plan, sources = self.suites.plan(self._is_chosen), self.options.sources
        self._read_own_baseline()
        if not sources.is_offline:
            app.require_server(plan.settings)
        outputs = self.options.outputs(plan.settings.reports)
        return app.BackgroundRun(plan, outputs, self.options.budget, sources)


_PROMPT_SESSION: pytest.StashKey[PromptSession] = pytest.StashKey()


def session_of(config: pytest.Config) -> PromptSession:
    """Return the prompt tests of the session, which begin with the first that asks."""
    prompts = config.stash.get(_PROMPT_SESSION, None)
    if prompts is None:
        prompts = config.stash[_PROMPT_SESSION] = PromptSession(config)
        config.stash[SESSION] = prompts
    return prompts
