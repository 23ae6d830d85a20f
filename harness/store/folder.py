"""The folder of a run, and the link to the newest one."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path

RUN_FILE = "run.jsonl"
LATEST = "latest"


def new_run_id(now: datetime) -> str:
    """Return an id that sorts by time and is its own even among runs of one second."""
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def point_latest_to(reports: Path, run_id: str) -> None:
    """Make `reports/latest` a link to the run's folder, where links can be made."""
    link = reports / LATEST
    temporary = reports / f".{LATEST}-{run_id}"
    with suppress(OSError):
        temporary.symlink_to(run_id, target_is_directory=True)
        os.replace(temporary, link)  # noqa: PTH105  # replaces a link as one step
    with suppress(OSError):
        temporary.unlink()


def set_aside(path: Path) -> Path | None:
    """Rename a file that stands in the way to `name.old` and return its new path, if there was one.

    Replies are paid for, so an older run is never written over.
    """
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.old")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.old{number}")
    path.rename(aside)
    return aside
