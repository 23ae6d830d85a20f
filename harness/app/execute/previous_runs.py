"""Previous runs: finding one, using its replies, and choosing its trials to run again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.app.plan.options import RunOptions, Sources
from harness.app.plan.planning import project_settings
from harness.errors import NothingSelectedError
from harness.model.case_result import CaseKey, CaseResult
from harness.model.run_file import RunHead
from harness.reporting.case_results import case_results, key_of
from harness.store.folder import LATEST, find_run
from harness.store.previous_run import PreviousRun
from harness.store.reader import RunReader
from harness.wording import RESUME, Option, Wording

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
        NothingSelectedError: No trial of it is to run again.
    """
    if resume is None and rerun is None:
        yield options, sources
        return
    with open_previous_run(LATEST if resume is None else resume, options) as previous:
        again = frozenset() if rerun is None else rerun_ids(previous.path, rerun)
        previous.forget(again)
        if resume is None:
            options = replace(options, ids=again)
        else:
            sources = replace(sources, run=previous)
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


def rerun_ids(run_file: Path, what: str) -> frozenset[str]:
    """Return the trials of a run to run again.

    Args:
        run_file: The run; its case results decide, as they do in every report.
        what: `failed` for the failed trials of cases that fail the run, `errored` for trials that
            could not be judged, `flaky` for all repeats of flaky cases.

    Raises:
        NothingSelectedError: There are none.
        StoreError: The run file cannot be read.
    """
    trials: dict[CaseKey, list[tuple[str, str]]] = {}
    with RunReader(run_file) as reader:
        for record in reader.outcomes():
            trials.setdefault(key_of(record), []).append((record["id"], record["outcome"]))
        results = list(case_results(reader.outcomes()))
    ids = frozenset(
        name
        for result in results
        for name, outcome in trials[result.key]
        if _is_chosen(result, outcome, what)
    )
    if not ids:
        problem = f"no trial of the earlier run is {what}"
        raise NothingSelectedError(problem, Wording("run without {rerun}", rerun=Option("rerun")))
    return ids


def _is_chosen(result: CaseResult, outcome: str, what: str) -> bool:
    if what == "flaky":
        return result.label.is_flaky
    if what == "errored":
        return outcome == "errored" and result.xfail is None
    return outcome == "failed" and result.label.fails_run


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
