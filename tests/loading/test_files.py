from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.loading.files import MAX_BYTES, ProjectFiles, project_root
from harness.source import Span
from tests.support.sources import raw_text
from tests.support.suites import problems_in, write_cases

HERE = Span(Path("t.suite.yaml"), 1, 1)


@pytest.mark.parametrize("name", ["../x.md", "/etc/passwd", "a/../../x.md", "link/x.md", "C:\\x"])
def test_files_are_read_below_the_root_only(tmp_path: Path, name: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "x.md").write_text("secret")
    (root / "link").symlink_to(tmp_path)
    path = write_cases(root, f"  - id: a\n    prompt: {{file: '{name}'}}\n")

    (error,) = problems_in(path)

    assert "outside the project" in error.problem or "not a relative path" in error.problem


def read_problem(folder: Path, name: str) -> SuiteError:
    with pytest.raises(SuiteError) as caught:
        ProjectFiles().read_bytes(folder, name, HERE)
    return caught.value


def test_a_missing_file_is_reported_with_the_closest_name(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "terse.md").write_text("x")

    error = read_problem(tmp_path, "prompts/tersse.md")

    assert (error.problem, error.fix) == (
        "file not found: `prompts/tersse.md`",
        "write `prompts/terse.md`",
    )


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    assert "create the folder `gone`" in str(read_problem(tmp_path, "gone/x.md").fix)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(SuiteError, match="`folder` is not a regular file"):
        ProjectFiles().find(tmp_path, "folder", HERE)
    assert "cannot read `folder`" in read_problem(tmp_path, "folder").problem


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert read_problem(tmp_path, "pipe").problem == "`pipe` is not a regular file"


def test_a_file_larger_than_the_api_accepts_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "large.pdf").open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    assert "`large.pdf` is 20.0 MB" in read_problem(tmp_path, "large.pdf").problem


def test_a_text_comes_without_byte_order_mark_and_with_line_feeds(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbfa\r\nb\rc")

    text = ProjectFiles().read_text(tmp_path, raw_text("a.md"))

    assert text == "a\nb\nc"
    assert str(text.span_at(2)) == f"{tmp_path / 'a.md'}:2:1"


def test_a_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"ok \xff")

    with pytest.raises(SuiteError, match="is not UTF-8: invalid byte at offset 3"):
        ProjectFiles().read_text(tmp_path, raw_text("a.md"))


@pytest.mark.parametrize("marker", ["harness.toml", "pyproject.toml", ".git"])
def test_the_root_is_the_nearest_folder_with_a_marker(tmp_path: Path, marker: str) -> None:
    (tmp_path / marker).touch()
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)

    assert project_root(folder) == project_root(folder / "x.yaml") == tmp_path
