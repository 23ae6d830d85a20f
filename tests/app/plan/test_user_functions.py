"""Functions of a project, found by the text of their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.plan.user_functions import UserFunctions
from harness.assertions.parameters import ArgumentError
from harness.loading.files import ProjectFiles
from harness.source import SourceFile, Text, TextOrigin

CODE = """\
open("ran", "w").close()
from os import path as joined, sep
import json.decoder
def says(output): return True
async def waits(output): return True
class Judge: pass
LIMIT: int = 3
if LIMIT:
    inside = other = len
"""


def named(folder: Path, written: str) -> Text:
    """Return the name of a function as a suite in this folder has it."""
    (folder / "harness.toml").touch()
    file = SourceFile(folder / "t.suite.yaml", written)
    return Text(written, TextOrigin(file, 0, len(written), "raw"))


@pytest.mark.parametrize(
    "function",
    ["says", "waits", "Judge", "LIMIT", "inside", "other", "joined", "sep", "json"],
)
def test_every_name_that_a_file_binds_is_a_function_that_may_be_named(
    tmp_path: Path, function: str
) -> None:
    (tmp_path / "checks.py").write_text(CODE)

    UserFunctions(ProjectFiles()).check(named(tmp_path, f"checks.py:{function}"))

    assert not (tmp_path / "ran").exists()  # the file was read, and not run


@pytest.mark.parametrize(
    ("code", "problem", "fix"),
    [
        (CODE, "`checks.py` has no `say`", "write `says`"),
        ("", "`checks.py` has no `say`", "write one"),
        ("def say(:", "checks.py:1: not valid Python: ", "mend the file"),
        ("x = '\\0'\n\0", "checks.py:1: not valid Python: ", "mend the file"),
    ],
)
def test_a_function_that_is_not_there_is_a_wrong_argument(
    tmp_path: Path, code: str, problem: str, fix: str
) -> None:
    (tmp_path / "checks.py").write_text(code)

    with pytest.raises(ArgumentError) as caught:
        UserFunctions(ProjectFiles()).check(named(tmp_path, "checks.py:say"))

    assert caught.value.problem.startswith(problem)
    assert caught.value.fix == fix


@pytest.mark.parametrize("code", ["from os.path import *\n", "def __getattr__(name): return 1\n"])
def test_names_that_only_running_a_file_would_show_are_left_to_the_run(
    tmp_path: Path, code: str
) -> None:
    (tmp_path / "checks.py").write_text(code)

    UserFunctions(ProjectFiles()).check(named(tmp_path, "checks.py:anything"))


@pytest.mark.parametrize("code", [f"x = {'-' * 100_000}1", f"x = {'+'.join('a' * 100_000)}"])
def test_a_file_that_is_nested_too_deeply_is_a_mistake_and_no_crash(
    tmp_path: Path, code: str
) -> None:
    (tmp_path / "checks.py").write_text(code)

    with pytest.raises(ArgumentError, match="is nested too deeply"):
        UserFunctions(ProjectFiles()).check(named(tmp_path, "checks.py:says"))


def test_a_file_is_relative_to_its_suite(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text(CODE)

    located = UserFunctions(ProjectFiles()).locate(named(tmp_path, "checks.py:says"))

    assert located == (tmp_path / "checks.py", "says")


@pytest.mark.parametrize("name", ["missing.py:says", "../outside.py:says"])
def test_a_file_that_is_missing_or_outside_the_project_is_refused(
    tmp_path: Path, name: str
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "outside.py").write_text(CODE)

    with pytest.raises(ArgumentError):
        UserFunctions(ProjectFiles()).locate(named(project, name))


def test_a_name_that_no_suite_has_written_is_refused() -> None:
    with pytest.raises(ArgumentError, match="is not in a suite"):
        UserFunctions(ProjectFiles()).locate("checks.py:says")
