"""What a run came to, and its record."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunHead
from harness.reporting.rerun_words import rerun_words
from harness.reporting.summary import RunSummary, needs_attention
from harness.running.stopping import Stop
from harness.store.reader import RunReader
from harness.store.run_index import ends_of

if TYPE_CHECKING:
    from harness.model.case_result import CaseKey


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run that has ended.

    Attributes:
        planned: How many trials were selected; a run that was stopped has fewer outcomes.
        stopped: Why the run ended early, if it did.
        broken: Why the run file is incomplete, if it is.
        set_aside: Where an older run file of the same name was moved to.
        unlisted: Why the list of runs could not be updated, if so.
        notes: What a person should know of the run files that were read for it, and of the service.
        is_interrupted: Whether a person interrupted it, also if every trial ended all the same:
            then it is complete, but nothing may follow it.
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
    is_interrupted: bool = False

    def head(self) -> RunHead:
        """Return the first line of the run file: where the run comes from.

        Raises:
            StoreError: The run file cannot be read.
        """
        try:
            return RunHead.from_data(ends_of(self.run_file)[0] or {"id": ""})
        except OSError as error:
            raise StoreError(f"{self.run_file} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise StoreError(f"{self.run_file} is damaged: {error}") from error

    def options(self) -> list[str]:
        """Return the options that a command needs to run one of the trials again."""
        return rerun_words(self.head().options)

    def problems(self, expected: Container[CaseKey] = ()) -> Iterator[OutcomeRecord]:
        """Yield the trials that need a person's attention, in suite order.

        Args:
            expected: The cases whose failures are left out, because the baseline has them too.
        """
        # Reading a long run file takes seconds; one that passed holds nothing to yield.
        if not self.summary.failed_cases and not self.summary.total.counts["errored"]:
            return
        with RunReader(self.run_file) as reader:
            for record in reader.outcomes():
                if needs_attention(record, self.summary) and not _is_expected(record, expected):
                    yield record


def _is_expected(record: OutcomeRecord, expected: Container[CaseKey]) -> bool:
    key = (record["suite"], record["case"], record["variant"])
    return record["outcome"] == "failed" and key in expected
