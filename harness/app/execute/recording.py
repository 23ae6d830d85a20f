"""Records what trials come to: first in the run file, then for all who look on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from harness.app.execute.run_metadata import suite_head
from harness.app.execute.unfinished_replies import UnfinishedReplies
from harness.loading.discovery import SUFFIXES
from harness.model.identical_variants import IdenticalVariants
from harness.model.outcome import Outcome
from harness.model.record import (
    OutcomeRecord,
    has_unreported_spending,
    record_of,
    spent,
    spent_on_judges,
)
from harness.model.suite import Suite, Trial
from harness.model.unfinished import Unfinished
from harness.reporting.progress import ShowsProgress
from harness.reporting.summary import RunSummary
from harness.running.stopping import CostBudget, Stop
from harness.store.reader import RunReader
from harness.store.writer import RunWriter

if TYPE_CHECKING:
    from harness.running.trial_queue import TrialQueue


class RunObserver(Protocol):
    """Asks for trials while a run goes on; the run calls its methods in its own thread."""

    queue: TrialQueue

    def started(self, trial: Trial) -> None:
        """Handle a trial that starts."""

    def ended(self, outcome: Outcome, record: OutcomeRecord) -> None:
        """Handle a trial that ended, once its record is in the run file."""


class RunRecorder:
    """Records the trials of one run.

    Attributes:
        summary: Counts what was recorded; complete after `finish`.
        suites: The suites of the plan, and those whose trials were asked for later, by name.
        unfinished: What came to trials that have not ended.
    """

    def __init__(
        self,
        suites: Iterable[Suite],
        writer: RunWriter,
        progress: ShowsProgress,
        budget: CostBudget,
        stop: Callable[[Stop], None],
        observer: RunObserver | None = None,
        identical_in: Callable[[Suite], Sequence[IdenticalVariants]] = lambda _suite: (),
    ) -> None:
        self._writer, self._progress, self._observer = writer, progress, observer
        self._identical_in = identical_in
        self._budget, self._stop = budget, stop
        self._indexes: set[int] = set()
        self._has_repeated = False
        self.suites = {suite.name: suite for suite in suites}
        self.summary = RunSummary()
        self.unfinished = UnfinishedReplies(self._came)

    def started(self, trial: Trial) -> None:
        """Show that a trial starts."""
        self._progress.started()
        if self._observer is not None:
            self._observer.started(trial)

    def ended(self, outcome: Outcome) -> None:
        """Record an outcome.

        Raises:
            StoreError: The run file cannot be written.
        """
        record = record_of(outcome)
        self._add_suite(outcome.trial.suite)
        # The file comes first: a process that is killed must not have shown what it did not keep.
        self._writer.append(record)
        self.unfinished.ended(record["id"])
        self.summary.add(record)
        self._progress.ended(record)
        is_whole = self._budget.most is None or not has_unreported_spending(record)
        stop = self._budget.add(spent(record) + spent_on_judges(record), is_whole=is_whole)
        if stop is not None:
            self._stop(stop)
        # Only an observer can ask for a trial twice; a planned run keeps no indexes, so that its
        # memory does not grow with the number of trials.
        if self._observer is not None:
            self._has_repeated |= record["index"] in self._indexes
            self._indexes.add(record["index"])
            self._observer.ended(outcome, record)

    def _came(self, reply: Unfinished, cost: float) -> None:
        # A judge may take long, and meanwhile others begin: at the ends of trials it is too late.
        stop = self._budget.reached(cost, is_whole=not reply.unreported)
        if stop is not None:
            self._stop(stop)

    def finish(self, *, is_readable: bool = True) -> None:
        """Complete the summary; a trial that ran again counts with its newest outcome.

        Args:
            is_readable: Whether the run file is complete; else what was counted has to do.

        Raises:
            StoreError: The run file cannot be read.
        """
        if self._has_repeated and is_readable:
            # The summary adds up as it goes and cannot take back what a rerun replaced. The reader
            # of the run file yields only the newest outcome of each trial.
            self.summary = RunSummary()
            with RunReader(self._writer.written) as reader:
                for record in reader.outcomes():
                    self.summary.add(record)
        self.summary.finish()

    def _add_suite(self, suite: Suite) -> None:
        """Write a suite that is not in the plan into the run file, if it has a file of its own."""
        if suite.name not in self.suites:
            self.suites[suite.name] = suite
            # Suites that tests build in Python have no file that a later command could load.
            if suite.span.path.name.endswith(SUFFIXES):
                self._writer.suite(suite_head(suite, self._identical_in(suite)))
