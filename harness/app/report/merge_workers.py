"""Several run files that hold the parts of one run, made one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.app.execute.run_metadata import end_line
from harness.app.execute.running import RunResult
from harness.app.report.history import relisted
from harness.app.report.metrics import compute_metrics
from harness.exit_code import ExitCode
from harness.model.record import OutcomeRecord
from harness.reporting.summary import RunSummary
from harness.running.stopping import INTERRUPTED, Stop
from harness.store.folder import point_latest_to, set_aside
from harness.store.reader import RunReader
from harness.store.writer import RunWriter


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merged run file is to say beside the outcomes.

    Attributes:
        head: Its first line.
        readers: The runs that it is made of, one at least.
        seconds: How long the whole took.
        is_interrupted: Whether something is missing, whatever the runs know of it.
    """

    head: Mapping[str, Any]
    readers: Sequence[RunReader]
    seconds: float
    is_interrupted: bool = False

    def write(
        self, target: Path, outcomes: Iterable[OutcomeRecord], reports: Path | None
    ) -> RunResult:
        """Write a run file; an older one in its place is set aside.

        Args:
            target: The file.
            outcomes: What it is to hold.
            reports: The folder that lists it among its runs, if it lies in one.

        Raises:
            StoreError: A run cannot be read, or the file not written.
        """
        summary = RunSummary()
        aside = set_aside(target)
        with RunWriter(target) as writer:
            writer.begin(self.head)
            for record in outcomes:
                writer.append(record)
                summary.add(record)
            summary.finish()
            summary.computed = compute_metrics(self.head["suites"], summary)
            stop = self._stop()
            exit_code = summary.exit_code() if stop is None else stop.exit_code
            planned = sum((reader.end or {}).get("planned", len(reader)) for reader in self.readers)
            planned = max(planned, summary.total.trials)
            writer.end(end_line(summary, exit_code, stop, self.seconds, planned))
        if reports is not None:
            point_latest_to(reports, target.parent.name)
        return RunResult(
            target,
            summary,
            self.seconds,
            exit_code,
            planned,
            bool(self.head.get("simulated")),
            stop,
            set_aside=aside,
            unlisted=None if reports is None else relisted(reports),
        )

    def _stop(self) -> Stop | None:
        known = INTERRUPTED if self.is_interrupted else None
        return next((each for each in map(_stop_of, self.readers) if each is not None), known)


def _stop_of(part: RunReader) -> Stop | None:
    end = part.end
    if end is None:
        return INTERRUPTED
    if end["status"] == "finished":
        return None
    return Stop(str(end["stopped"]), ExitCode(end["exit_code"]))


def merged_head(readers: Sequence[RunReader]) -> dict[str, Any]:
    """Return the first line of the first run with the suites and the judges of all of them."""
    judges = {
        model
        for reader in readers
        if reader.run.get("judge")
        for model in str(reader.run["judge"]).split(", ")
    }
    suites = {suite["name"]: suite for reader in readers for suite in reader.run["suites"]}
    head = {key: value for key, value in readers[0].run.items() if key not in {"kind", "format"}}
    return {
        **head,
        "suites": list(suites.values()),
        "judge": ", ".join(sorted(judges)) or None,
        "simulated": any(reader.run.get("simulated") for reader in readers),
    }


def merge_parts(
    parts: Sequence[Path], target: Path, seconds: float, *, is_interrupted: bool = False
) -> RunResult:
    """Write the outcomes of all parts into one new run file, and remove the parts.

    A part that did not come to its end, as of a process that died, gives what it has; the whole is
    then marked as interrupted.

    Args:
        parts: Run files, one at least; of two outcomes of one trial the later part's is kept.
        target: The run file to write, in the run's folder.
        seconds: How long the whole run took.
        is_interrupted: Whether the run was ended before its time, whatever the parts know of it.

    Raises:
        StoreError: A part cannot be read, or the run file not written.
    """
    with ExitStack() as stack:
        readers = [stack.enter_context(RunReader(part)) for part in parts]
        latest = {index: reader for reader in readers for index in reader.indexes()}
        head = {**merged_head(readers), "id": target.parent.name}
        merged = Merged(head, readers, seconds, is_interrupted)
        outcomes = (latest[index].outcome(index) for index in sorted(latest))
        result = merged.write(target, outcomes, target.parent.parent)
    for part in parts:
        part.unlink()
    return result


def is_written(parts: Sequence[Path]) -> bool:
    """Return whether a process still writes to one of the parts."""
    for part in parts:
        with RunReader(part) as reader:
            if reader.is_in_use:
                return True
    return False
