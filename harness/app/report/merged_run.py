"""Writes the outcomes of several run files into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.app.execute.run_metadata import run_end
from harness.app.execute.run_result import RunResult
from harness.app.report.history import relisted
from harness.app.report.metrics import compute_metrics
from harness.exit_code import ExitCode
from harness.model.identical_variants import merged
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunHead
from harness.model.suite_head import SuiteHead
from harness.model.unfinished import Unfinished
from harness.reporting.summary import RunSummary
from harness.running.stopping import INTERRUPTED, Stop
from harness.store.folder import point_latest_to, set_aside
from harness.store.reader import RunReader
from harness.store.writer import RunWriter


@dataclass(frozen=True, slots=True)
class MergedRun:
    """What a merged run file holds beside the outcomes.

    Attributes:
        head: Its first line.
        readers: The runs that it is made of, at least one.
        seconds: How long the whole run took.
        is_interrupted: Whether the run was ended before its time, even if every part finished.
        notes: What a person should know of it.
    """

    head: RunHead
    readers: Sequence[RunReader]
    seconds: float
    is_interrupted: bool = False
    notes: tuple[str, ...] = ()

    def write(
        self, target: Path, outcomes: Iterable[OutcomeRecord], reports: Path | None
    ) -> RunResult:
        """Write the run file; an existing one is set aside.

        Args:
            target: The file.
            outcomes: Its outcomes, in suite order.
            reports: The folder that lists the run, if it is below one.

        Raises:
            StoreError: A run cannot be read, or the file cannot be written.
        """
        summary = RunSummary()
        aside = set_aside(target)
        with RunWriter(target) as writer:
            writer.begin(self.head)
            for record in outcomes:
                writer.append(record)
                summary.add(record)
            summary.finish()
            # Metrics are computed from all trials: those of a single shard have no limits, since
            # limits are meant for whole suites.
            summary.computed = compute_metrics(self.head.suites, summary)
            summary.unfinished = sum(
                (reader.ending.unfinished for reader in self.readers if reader.ending is not None),
                Unfinished(),
            )
            stop = self._stop()
            exit_code = summary.status().exit_code if stop is None else stop.exit_code
            planned = max(sum(map(_planned, self.readers)), summary.total.trials)
            writer.end(run_end(summary, exit_code, stop, self.seconds, planned))
        if reports is not None:
            point_latest_to(reports, target.parent.name)
        return RunResult(
            target,
            summary,
            self.seconds,
            exit_code,
            planned,
            self.head.simulated or summary.total.simulated > 0,
            stop,
            set_aside=aside,
            unlisted=None if reports is None else relisted(reports),
            notes=(*self.notes, *(note for reader in self.readers for note in reader.notes)),
        )

    def _stop(self) -> Stop | None:
        """Return why the first part stopped that did, or that the whole was interrupted."""
        stops = (_stop_of(reader) for reader in self.readers)
        default = INTERRUPTED if self.is_interrupted else None
        return next((stop for stop in stops if stop is not None), default)


def _stop_of(part: RunReader) -> Stop | None:
    ending = part.ending
    if ending is None:  # its process was killed, so it could not say why
        return INTERRUPTED
    if ending.is_finished:
        return None
    if ending.stopped is None or ending.exit_code is None:
        return INTERRUPTED
    return Stop(ending.stopped, ExitCode(ending.exit_code))


def _planned(part: RunReader) -> int:
    """Return how many trials a part selected; of one that has no end, those that ended."""
    ending = part.ending
    return len(part) if ending is None or ending.planned is None else ending.planned


def merged_head(readers: Sequence[RunReader]) -> RunHead:
    """Return the first line of the first run with the suites and the judges of all of them.

    The commit is named if it is the same for all.
    """
    heads = [reader.head for reader in readers]
    judges = {judge for head in heads for judge in head.judges}
    revisions, states = {head.git for head in heads}, {head.dirty for head in heads}
    return replace(
        heads[0],
        git=heads[0].git if len(revisions) == 1 else None,
        dirty=heads[0].dirty if len(states) == 1 else None,
        suites=_suites(heads),
        judge=", ".join(sorted(judges)) or None,
        simulated=any(head.simulated for head in heads),
    )


def _suites(heads: Sequence[RunHead]) -> tuple[SuiteHead, ...]:
    """Return the suites of all runs, each as the last run describes it that knows its files.

    Variants that send the same request are those of all runs: each knows those it selected.
    """
    identical = merged(found for head in heads for found in head.identical_variants)
    suites: dict[str, SuiteHead] = {}
    for suite in (suite for head in heads for suite in head.suites):
        if suite.name not in suites or suite.files is not None:
            suites[suite.name] = suite
    return tuple(
        replace(
            suite, identical_variants=tuple(one for one in identical if one.suite == suite.name)
        )
        for suite in suites.values()
    )
