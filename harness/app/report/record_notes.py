"""What to know of records and baselines that a command reads."""

from __future__ import annotations

from pathlib import Path

from harness.app.plan.options import RunOptions
from harness.app.plan.project import project_settings
from harness.model.identical_variants import counted
from harness.store.baseline import SUFFIX, is_baseline, read_baseline
from harness.store.folder import find_run
from harness.store.reader import RunReader


def record_notes(name: str, options: RunOptions) -> tuple[str, ...]:
    """Return what a person should know of a run or a baseline: that lines of it were left out.

    Args:
        name: The path of a run or of a baseline, the name of a baseline of the project, the id of
            a run, or `latest`; of a baseline in git nothing is known.
        options: Say where runs and baselines are kept.

    Raises:
        StoreError: There is none, or it is damaged.
    """
    if name.startswith("git:"):
        return ()
    settings = project_settings(options)
    # A path comes before a name, and a baseline before a run, as where baselines are opened.
    for path in (Path(name), settings.baselines / f"{name}{SUFFIX}"):
        if is_baseline(path):
            return read_baseline(path).notes
    with RunReader(find_run(name, settings.reports)) as reader:
        return reader.notes


def same_request_note(name: str, options: RunOptions) -> str:
    """Return in a line which variants of a run sent the same request; empty if none did.

    Args:
        name: The path of a run, its id, or `latest`.
        options: Say where runs are kept.

    Raises:
        StoreError: There is none, or it is damaged.
    """
    with RunReader(find_run(name, project_settings(options).reports)) as reader:
        return counted(reader.head.identical_variants)
