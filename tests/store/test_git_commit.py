"""The commit of a folder, from real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.store.git_commit import GitCommit, git_commit

pytestmark = pytest.mark.slow  # processes of git


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a.md").write_text("one\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "First")
    return tmp_path


def test_a_clean_repository_is_at_its_commit(repository: Path) -> None:
    revision = git(repository, "rev-parse", "HEAD")
    (repository / "below").mkdir()

    assert git_commit(repository) == GitCommit(revision, is_dirty=False)
    assert git_commit(repository / "below") == GitCommit(revision, is_dirty=False)


def test_changes_of_tracked_files_make_it_dirty_staged_or_not(repository: Path) -> None:
    (repository / "a.md").write_text("two\n")
    assert git_commit(repository).is_dirty

    git(repository, "add", ".")
    assert git_commit(repository).is_dirty


def test_reports_and_other_files_that_git_does_not_track_change_nothing(repository: Path) -> None:
    (repository / "reports").mkdir()
    (repository / "reports" / "run.jsonl").touch()
    (repository / "a.md").touch()

    assert git_commit(repository).is_dirty is False


def test_before_the_first_commit_and_outside_of_git_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "--quiet")

    assert git_commit(tmp_path / "empty") == GitCommit()
    assert git_commit(tmp_path / "nowhere") == GitCommit()
