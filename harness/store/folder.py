"""The folder of a run, and the link to the newest one."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from harness.errors import StoreError
from harness.store.reader import RunReader
from harness.store.writer import free_name
from harness.wording import Option, Wording

RUN_FILE = "run.jsonl"
LATEST = "latest"


def point_latest_to(reports: Path, run_id: str) -> None:
    """Make `reports/latest` a link to the run's folder, on systems that allow links."""
    link = reports / LATEST
    temporary = reports / f".{LATEST}-{run_id}"
    with suppress(OSError):
        temporary.symlink_to(run_id, target_is_directory=True)
        os.replace(temporary, link)  # noqa: PTH105  # replaces a link as one step
    with suppress(OSError):
        temporary.unlink()


def set_aside(path: Path) -> Path | None:
    """Rename an existing run file to `name.old` and return its new path.

    Replies are paid for, so an older run is never overwritten. None is returned if there was no
    file, or an empty one, which is removed.

    Raises:
        StoreError: The file is not a run file, or a process still writes to it.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"the run file {path} cannot be created: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(
            Wording(
                "{path} exists and is not a file; choose another {run_file}",
                path=str(path),
                run_file=Option("run_file"),
            )
        )
    try:
        if status.st_size == 0:
            path.unlink()
            return None
        with RunReader(path) as older:
            if older.is_in_use:
                who = older.head.pid or "unknown"
                raise StoreError(f"{path} is being written by another process (pid {who})")
        return _renamed(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be set aside: {error.strerror}") from error


def _renamed(path: Path) -> Path:
    aside = free_name(path)
    path.rename(aside)
    return aside


def find_run(name: str, reports: Path) -> Path:
    """Return the run file that a name refers to: a file, a folder, an id, or `latest`.

    Raises:
        StoreError: There is no such run.
    """
    for candidate in (Path(name), Path(name) / RUN_FILE, reports / name / RUN_FILE):
        if candidate.is_file():
            return candidate.resolve()
    hint = "there is no run yet" if not reports.is_dir() else f"`ls {reports}` shows the runs"
    raise StoreError(f"no run is called `{name}`; {hint}")
