"""The commit of git that a folder is at."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 2.0  # it is good to know, but no reason to keep a run waiting
_REVISION = re.compile(r"# branch\.oid ([0-9a-f]{40,64})")


@dataclass(frozen=True, slots=True)
class GitCommit:
    """A commit, and whether files that git tracks differ from it; None for what is not known."""

    revision: str | None = None
    is_dirty: bool | None = None


def git_commit(folder: Path) -> GitCommit:
    """Return the commit that a folder is at; nothing is known without git or a repository."""
    # One process says both; locks and counts of other branches are of no use here.
    shown = _git(
        folder, "--no-optional-locks", "status", "--porcelain=v2", "--branch", "--no-ahead-behind",
        "--untracked-files=no",
    )  # fmt: skip
    if shown is None:
        # in a very large repository comparing all files may take too long
        revision = _git(folder, "rev-parse", "--verify", "HEAD")
        return GitCommit(None if revision is None else revision.strip())
    found = _REVISION.search(shown)
    if found is None:  # nothing is committed yet
        return GitCommit()
    changed = any(line and not line.startswith("#") for line in shown.splitlines())
    return GitCommit(found[1], changed)


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603  # the user's own git
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
