"""Files as they are at a revision in git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.git_files import git_file, git_names


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    command = ["git", *identity, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository whose only commit has two files in a folder, and go to that folder."""
    folder = tmp_path / "project"
    (folder / "baselines").mkdir(parents=True)
    (folder / "baselines" / "main.jsonl").write_bytes(b"as committed\r\n")
    (folder / "baselines" / "ü x.jsonl").write_bytes(b"")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "Add")
    monkeypatch.chdir(folder)
    return folder


def test_a_file_is_read_byte_for_byte_as_it_was_committed(repository: Path) -> None:
    (repository / "baselines" / "main.jsonl").write_bytes(b"changed since")

    assert git_file("HEAD", Path("baselines/main.jsonl")) == b"as committed\r\n"
    assert git_file("HEAD", repository / "baselines" / "main.jsonl") == b"as committed\r\n"


def test_the_files_of_a_folder_are_named_as_they_are(repository: Path) -> None:
    (repository / "baselines" / "new.jsonl").touch()

    assert git_names("HEAD", Path("baselines")) == ["main.jsonl", "ü x.jsonl"]
    assert git_names("HEAD", Path("elsewhere")) == []


@pytest.mark.parametrize("revision", ["nowhere", "--output=x"])
def test_an_unknown_revision_is_an_error_with_the_words_of_git(
    repository: Path, revision: str
) -> None:
    with pytest.raises(StoreError, match="git has no such baseline: fatal"):
        git_file(revision, Path("baselines/main.jsonl"))
    with pytest.raises(StoreError, match="git has no such baseline: fatal"):
        git_names(revision, Path("baselines"))

    assert not (repository / "x").exists()


def test_a_file_that_was_not_committed_is_an_error(repository: Path) -> None:
    (repository / "new.jsonl").touch()

    with pytest.raises(StoreError, match="git has no such baseline"):
        git_file("HEAD", Path("new.jsonl"))


def test_git_that_is_not_installed_is_said(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository))

    with pytest.raises(StoreError, match="needs git, which is not installed"):
        git_file("HEAD", Path("baselines/main.jsonl"))
