"""A run that is on record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

from harness import app
from harness.api import arguments
from harness.api.plan import environment_options
from harness.errors import SettingsError
from harness.exit_code import ExitCode, RunStatus
from harness.model.case_result import CaseKey, CaseResult
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunEnd, RunHead
from harness.reporting.case_results import case_results, key_of
from harness.reporting.rates import Rate
from harness.reporting.summary import RunSummary
from harness.store.reader import RunReader
from harness.suggestions import write_instead

Format = Literal["html", "markdown", "junit", "csv", "json", "jsonl"]


class Run:
    """A run that ended, read from its run file.

    `harness.run` returns one, and `Run.open` one of an earlier run. Printed, it is the summary of
    the command line; a notebook shows its Markdown report.

    Attributes:
        path: The run file.
        seconds: How long the run took.
    """

    def __init__(self, result: app.RunResult) -> None:
        self._result = result
        self.path: Path = result.run_file
        self.seconds: float = result.seconds

    @classmethod
    def open(cls, run: str | os.PathLike[str] = app.LATEST) -> Run:
        """Open a run.

        Args:
            run: Its file, its folder, its id, or `latest`; ids and `latest` are looked for in the
                reports folder of the project in the current folder.

        Raises:
            StoreError: There is none, or it is damaged.
        """
        from harness.app.report.recorded_runs import read_result

        return cls(
            read_result(app.find_run_file(arguments.path("run", run), environment_options()))
        )

    @property
    def exit_code(self) -> ExitCode:
        """What the command line would have exited with."""
        return self._result.exit_code

    @property
    def status(self) -> RunStatus:
        """How the run ended."""
        from harness.app.report.run_results import run_status

        return run_status(self._result)

    @property
    def passed(self) -> bool:
        """Whether everything ran, and passed as often as its `pass_rate` asks for."""
        return self.exit_code is ExitCode.PASSED

    @property
    def pass_rate(self) -> Rate:
        """The share of cases that passed, with its 95 % interval; repeats count by their share."""
        return self.summary.rate_of_run

    @property
    def summary(self) -> RunSummary:
        """Totals, and those of each suite and variant."""
        return self._result.summary

    @cached_property
    def head(self) -> RunHead:
        """Where the run comes from: the first line of its file."""
        with RunReader(self.path) as reader:
            return reader.head

    @cached_property
    def end(self) -> RunEnd | None:
        """What it came to: the last line of its file; None if the process was killed."""
        with RunReader(self.path) as reader:
            return reader.ending

    @property
    def id(self) -> str:
        """What the run is called, by which `Run.open` finds it."""
        return self.head.id

    @cached_property
    def results(self) -> tuple[CaseResult, ...]:
        """One result for each case in each variant, its repeats together, in suite order."""
        order: dict[CaseKey, int] = {}

        def outcomes() -> Iterator[OutcomeRecord]:
            for record in self.outcomes():
                order.setdefault(key_of(record), len(order))
                yield record

        # A case comes when its last repeat does, or at the end if one is missing.
        return tuple(sorted(case_results(outcomes()), key=lambda result: order[result.key]))

    def outcomes(self) -> Iterator[OutcomeRecord]:
        """Yield the record of each trial in suite order, one at a time from the file.

        Raises:
            StoreError: The run file is gone or damaged.
        """
        with RunReader(self.path) as reader:
            yield from reader.outcomes()

    def to_markdown(self) -> str:
        """Return the report that `harness run --markdown` writes."""
        return app.run_markdown_text(self._result)

    def write(
        self,
        format: Format,  # noqa: A002  # the word that the command line has for it
        path: str | os.PathLike[str],
        *,
        baseline: str | None = None,
    ) -> Path:
        """Write a report, and return its path.

        Args:
            format: What to write; `html` is the page to review the run with.
            path: Where it goes; it is there whole or not at all. Markdown is appended to the job
                summary of GitHub Actions.
            baseline: What the run is compared with, if anything; tables of trials do not show it.

        Raises:
            SettingsError: The format is unknown or shows no baseline, or the path is unusable.
            StoreError: The report cannot be written, or the baseline not read.
        """
        from harness.app.report.recorded_reports import FORMATS, write_report

        if format not in FORMATS:
            problem = f"there is no report in the format `{format}`"
            raise SettingsError(problem, write_instead(format, FORMATS))
        target = Path(path)
        app.check_report(target, self.path, "path")
        options, check = environment_options(), None
        if baseline is not None:
            from harness.app.compare.baseline_check import BaselineCheck, open_whole_baseline

            check = BaselineCheck(open_whole_baseline(baseline, app.project_settings(options)))
        write_report(str(self.path), format, target, options, check)
        return target

    def __str__(self) -> str:
        return app.summary_text(self._result)

    def __repr__(self) -> str:
        return f"<Run {self.id}: {self.status}, {self.pass_rate}>"

    def _repr_markdown_(self) -> str:
        """Show the run in a notebook."""
        return self.to_markdown()
