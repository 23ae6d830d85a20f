"""Previous runs: finding one, using its replies, and choosing its trials to run again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from harness.app.plan.options import RunOptions, Sources
from harness.app.plan.project import project_settings
from harness.errors import NothingSelectedError, NothingToRerunError
from harness.exit_code import ExitCode, RunStatus
from harness.model.case_result import CaseKey
from harness.model.run_file import RunHead
from harness.reporting.case_results import case_results
from harness.store.folder import LATEST, find_run
from harness.store.reader import RunReader
from harness.wording import RESUME, Option, Wording

if TYPE_CHECKING:
    from harness.store.previous_run import PreviousRun

RERUNS = ("failed", "errored", "flaky")


@contextmanager
def open_previous_run(name: str, options: RunOptions) -> Iterator[PreviousRun]:
    """Open a previous run, and close it at the end.

    Args:
        name: Its file, its folder, its id, or `latest`.
        options: Say where runs are kept.

    Raises:
        StoreError: There is no such run, it is damaged, or a process still writes to it.
    """
    from harness.store.previous_run import PreviousRun  # few runs follow another one

    previous = PreviousRun(find_run_file(name, options))
    try:
        # Open to the end of the new run: replies are read from the file only when they are needed.
        yield previous
    finally:
        previous.close()


@contextmanager
def following(
    options: RunOptions, sources: Sources, *, resume: str | None, rerun: str | None
) -> Iterator[tuple[RunOptions, Sources]]:
    """Yield the options and sources of a run that follows a previous one, if it does.

    Args:
        options: What was chosen.
        sources: Where replies come from otherwise.
        resume: The run to complete: what it has is not asked for again.
        rerun: Which of its trials run again, one of `RERUNS`; of the latest run unless one is
            resumed, and then nothing else runs.

    Raises:
        StoreError: There is no such run, it is damaged, or a process still writes to it.
        NothingToRerunError: No trial of it is to run again, and it is not resumed.
    """
    if resume is None and rerun is None:
        yield options, sources
        return
    with open_previous_run(LATEST if resume is None else resume, options) as previous:
        again = RerunSelection() if rerun is None else rerun_selection(previous.path, rerun)
        previous.forget(again.ids, again.cases)
        if resume is None:
            options = replace(options, ids=again.ids, cases=again.cases)
        else:
            sources = replace(sources, run=previous)
        if rerun is not None and not again:
            ended = _ended(previous.path)
            problem = _nothing_to_rerun(previous.path, rerun, ended)
            if resume is None:
                fix = Wording("run without {rerun}", rerun=Option("rerun"))
                code = ExitCode.INTERRUPTED if ended is None else ended.exit_code
                raise NothingToRerunError(problem, fix, int(code))
            # What the run did not get to is still to be done, so resuming goes on.
            sources = replace(sources, notes=(problem,))
        yield options, replace(sources, previous_run_file=previous.path)


def find_run_file(name: str, options: RunOptions) -> Path:
    """Return the run file that a name refers to.

    Args:
        name: A file, a folder, an id, or `latest`.
        options: Say where runs are kept.

    Raises:
        StoreError: There is no such run.
    """
    return find_run(name, project_settings(options).reports)


@dataclass(frozen=True, slots=True)
class RerunSelection:
    """What of an earlier run is to run again; false if nothing is.

    Attributes:
        ids: Ids of trials.
        cases: Cases with all their repeats.
    """

    ids: frozenset[str] = frozenset()
    cases: frozenset[CaseKey] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.ids or self.cases)


def rerun_selection(run_file: Path, what: str) -> RerunSelection:
    """Return what of a run is to run again.

    Args:
        run_file: The run; its case results decide, as they do in every report.
        what: `failed` for the cases that fail the run, `flaky` for flaky cases, `errored` for
            trials that could not be judged.

    Raises:
        StoreError: The run file cannot be read.
    """
    with RunReader(run_file) as reader:
        if what == "errored":
            # An error says nothing of the reply, so a repeat that errored can run again alone.
            trials = (record for record in reader.outcomes() if record["xfail"] is None)
            return RerunSelection(
                frozenset(record["id"] for record in trials if record["outcome"] == "errored")
            )
        # A case runs again whole: new luck for its failures alone would make it look better than
        # it is, and then it would pass a run that it fails as often as before.
        is_chosen = attrgetter("is_flaky" if what == "flaky" else "fails_run")
        results = case_results(reader.outcomes())
        return RerunSelection(
            cases=frozenset(result.key for result in results if is_chosen(result.label))
        )


_NOTHING = {"failed": "nothing failed", "errored": "nothing errored", "flaky": "nothing was flaky"}


def _ended(run_file: Path) -> RunStatus | None:
    """Return how a run ended; None if it did not."""
    from harness.reporting.html.run_status import status_of_end  # only to run again needs it

    with RunReader(run_file) as reader:
        return status_of_end(reader.end)


def _nothing_to_rerun(run_file: Path, what: str, status: RunStatus | None) -> str:
    """Say that nothing is to run again, and how the run ended if it did not pass."""
    problem = f"{_NOTHING[what]} in {run_file}"
    if status is RunStatus.PASSED:
        return problem
    return f"{problem}, which {'did not end' if status is None else f'ended {status}'}"


def scoring_options(previous: PreviousRun, options: RunOptions) -> RunOptions:
    """Return what to load to judge the replies of a run again: its suites, options and trials.

    Raises:
        NothingSelectedError: No trial of it ended.
    """
    if not previous.labels:
        problem = f"no trial of {previous.path} ended, so there is nothing to judge"
        raise NothingSelectedError(problem, Wording("`{resume}` completes it", resume=RESUME))
    return replace(
        recorded_options(previous.head, options),
        ids=frozenset(previous.labels),
        include_compared=False,  # a variant that never ran has no reply to judge
    )


def recorded_options(head: RunHead, options: RunOptions) -> RunOptions:
    """Return options with the suites of a run, and with what it was started with.

    What is given now has precedence.
    """
    then = head.options
    flags = {name: value for name, value in options.flags.items() if value is not None}
    return replace(
        options,
        # `allow_code` is not taken over: code of the project runs only where a person allows it.
        flags={**({"judge": then.judge} if then.judge else {}), **flags},
        paths=options.paths or [Path(suite.path) for suite in head.suites if suite.path],
        assignments=[*then.assignments, *options.assignments],
        repeat=then.repeat if options.repeat is None else options.repeat,
    )
