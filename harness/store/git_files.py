"""Files as they are at a revision in git."""

from __future__ import annotations

import os
from pathlib import Path

from harness.errors import StoreError

_SECONDS = 20.0


def git_file(revision: str, path: Path) -> bytes:
    """Return a file as it is at a revision.

    Raises:
        StoreError: Git is not installed, or has no such revision or file.
    """
    return _git("show", "--end-of-options", f"{revision}:{_from_here(path)}")


def git_names(revision: str, folder: Path) -> list[str]:
    """Return the names of the files in a folder at a revision.

    Raises:
        StoreError: Git is not installed, or has no such revision.
    """
    listing = _git(
        "ls-tree", "-z", "--name-only", "--end-of-options", revision, f"{_from_here(folder)}/"
    )
    return [Path(os.fsdecode(name)).name for name in listing.split(b"\0") if name]


def _from_here(path: Path) -> str:
    """Return a path that git reads as relative to the current folder."""
    # Without `./` git takes a path for one from the root of the repository.
    return f"./{Path(os.path.relpath(path)).as_posix()}"


def _git(*arguments: str) -> bytes:
    import subprocess  # only baselines in git need it

    try:
        result = subprocess.run(  # noqa: S603  # the user's own git
            ["git", *arguments],  # noqa: S607
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except FileNotFoundError as error:
        raise StoreError("a baseline from git needs git, which is not installed") from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise StoreError(f"git has no such baseline: {reason}") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise StoreError(f"cannot read a baseline from git: {error}") from error
    return result.stdout
