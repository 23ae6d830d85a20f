"""What an earlier run has to do with this one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.app.plan.planning import RunOptions, project_settings
from harness.errors import NothingSelectedError
from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.case_results import case_results, key_of
from harness.store.folder import LATEST, find_run
from harness.store.previous_run import PreviousRun
from harness.store.reader import RunReader
from harness.wording import RESUME, Option, Wording

RERUNS = ("failed", "errored", "flaky")


@contextmanager
def earlier_run(name: str, choice: RunOptions) -> Iterator[PreviousRun]:
    """Open an earlier run.

    Args:
        name: Its file, its folder, its id, or `latest`.
        choice: Says where runs are kept.

    Raises:
        StoreError: There is none, it is damaged, or a process still writes to it.
    """
    memory = PreviousRun(find_run(name, project_settings(choice).reports))
    try:
        yield memory
    finally:
        memory.close()


def find_record(name: str, choice: RunOptions) -> Path:
    """Return the run file that a person means.

    Args:
        name: Its file, its folder, its id, or `latest`.
        choice: Says where runs are kept.

    Raises:
        StoreError: There is none.
    """
    return find_run(name, project_settings(choice).reports)


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


def scoring(memory: PreviousRun, choice: RunOptions) -> RunOptions:
    """Return what to load to judge the replies of a run: its suites, options and trials.

    Raises:
        NothingSelectedError: It has no outcomes.
    """
    if not memory.labels:
        problem = f"no trial of {memory.path} ended, so there is nothing to judge"
        raise NothingSelectedError(problem, Wording("`{resume}` completes it", resume=RESUME))
    options = [each for each in memory.run.get("options", ()) if each != Option("allow_code").flag]
    pairs = list(zip(options[::2], options[1::2], strict=False))
    repeats = [int(value) for option, value in pairs if option == Option("repeat").flag]
    judges = [value for option, value in pairs if option == Option("judge").flag]
    given = {name: value for name, value in choice.flags.items() if value is not None}
    assigned = [value for option, value in pairs if option == Option("set").flag]
    return replace(
        choice,
        flags={**({"judge": judges[-1]} if judges else {}), **given},
        paths=choice.paths or [Path(suite["path"]) for suite in memory.run.get("suites", ())],
        assignments=[*assigned, *choice.assignments],
        repeat=repeats[-1] if choice.repeat is None and repeats else choice.repeat,
        ids=frozenset(memory.labels),
        include_compared=False,  # what never ran has nothing to judge
    )


__all__ = ["LATEST", "RERUNS", "earlier_run", "find_record", "rerun_ids", "scoring"]
