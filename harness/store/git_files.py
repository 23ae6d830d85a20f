"""Files as git has them at some revision."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from harness.errors import StoreError

_SECONDS = 20.0


def git_file(revision: str, path: Path) -> bytes:
    """Return a file as it is at a revision.

    Raises:
        StoreError: There is no git, no such revision, or no such file in it.
    """
    return _git("show", "--end-of-options", f"{revision}:{_from_here(path)}")


def git_names(revision: str, folder: Path) -> list[str]:
    """Return the names of the files in a folder at a revision.

    Raises:
        StoreError: There is no git, or no such revision.
    """
    listed = _git(
        "ls-tree", "-z", "--name-only", "--end-of-options", revision, f"{_from_here(folder)}/"
    )
    return [Path(os.fsdecode(name)).name for name in listed.split(b"\0") if name]


def _from_here(path: Path) -> str:
    """Return a path that git reads as one below the current folder."""
    return f"./{Path(os.path.relpath(path)).as_posix()}"


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  # the user's own git
            ["git", *arguments],  # noqa: S607
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except FileNotFoundError as error:
        raise StoreError("there is no git to take a baseline from") from error
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise StoreError(f"git has no such baseline: {words}") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise StoreError(f"git cannot be asked for a baseline: {error}") from error
    return done.stdout
