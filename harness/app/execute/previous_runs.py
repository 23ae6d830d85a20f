"""What an earlier run has to do with this one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.app.plan.planning import RunOptions, project_settings
from harness.errors import NothingSelectedError
from harness.store.folder import LATEST, find_run
from harness.store.previous_run import PreviousRun

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


def rerun_ids(labels: Mapping[str, str], what: str) -> frozenset[str]:
    """Return the trials of a run to run again.

    Args:
        labels: What became of each trial, by its id.
        what: `failed`, `errored`, or `flaky` for the cases of which some repeats passed and
            others failed; all repeats of these are meant.

    Raises:
        NothingSelectedError: There are none.
    """
    if what == "flaky":
        by_case: dict[str, set[str]] = defaultdict(set)
        for name, label in labels.items():
            by_case[name.partition("#")[0]].add(label)
        ids = {name for name in labels if {"passed", "failed"} <= by_case[name.partition("#")[0]]}
    else:
        ids = {name for name, label in labels.items() if label == what}
    if not ids:
        problem = f"no trial of the earlier run is {what}"
        raise NothingSelectedError(problem, "run without --rerun")
    return frozenset(ids)


def scoring(memory: PreviousRun, choice: RunOptions) -> RunOptions:
    """Return what to load to judge the replies of a run: its suites, options and trials.

    Raises:
        NothingSelectedError: It has no outcomes.
    """
    if not memory.labels:
        problem = f"no trial of {memory.path} ended, so there is nothing to judge"
        raise NothingSelectedError(problem, "`harness run --resume` goes on with it")
    options = [each for each in memory.run.get("options", ()) if each != "--allow-code"]
    pairs = list(zip(options[::2], options[1::2], strict=False))
    repeats = [int(value) for option, value in pairs if option == "--repeat"]
    judges = [value for option, value in pairs if option == "--judge"]
    given = {name: value for name, value in choice.flags.items() if value is not None}
    return replace(
        choice,
        flags={**({"judge": judges[-1]} if judges else {}), **given},
        paths=choice.paths or [Path(suite["path"]) for suite in memory.run.get("suites", ())],
        assignments=[*(value for option, value in pairs if option == "--set"), *choice.assignments],
        repeat=repeats[-1] if choice.repeat is None and repeats else choice.repeat,
        ids=frozenset(memory.labels),
        include_compared=False,  # what never ran has nothing to judge
    )


__all__ = ["LATEST", "RERUNS", "earlier_run", "find_record", "rerun_ids", "scoring"]
