from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SettingsError
from harness.loading.discovery import find_suites


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_is_searched_in_sorted_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.suite.yaml", "a.suite.yml", "sub/c.suite.yaml", "a.yaml", "notes.md")

    assert [str(path.relative_to(tmp_path)) for path in find_suites([tmp_path])] == [
        "a.suite.yml",
        "b.suite.yaml",
        "sub/c.suite.yaml",
    ]


@pytest.mark.parametrize("folder", [".git", ".venv", "node_modules", "__pycache__"])
def test_hidden_and_generated_folders_are_skipped(tmp_path: Path, folder: str) -> None:
    touch(tmp_path, f"{folder}/a.suite.yaml", f"x/{folder}/a.suite.yaml")

    assert find_suites([tmp_path]) == []


def test_a_file_is_listed_once_and_files_stay_in_the_order_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.suite.yaml", "b.suite.yaml")
    a, b = tmp_path / "a.suite.yaml", tmp_path / "b.suite.yaml"
    link = tmp_path / "link.suite.yaml"
    link.symlink_to(a)

    assert find_suites([b, a, tmp_path, link]) == [b, a]


def test_a_path_that_does_not_exist_is_refused_with_the_closest_name(tmp_path: Path) -> None:
    touch(tmp_path, "triage.suite.yaml")

    with pytest.raises(SettingsError) as caught:
        find_suites([tmp_path / "triag.suite.yaml"])

    assert caught.value.problem == f"`{tmp_path / 'triag.suite.yaml'}` does not exist"
    assert caught.value.fix == f"write `{tmp_path / 'triage.suite.yaml'}`"


def test_a_file_that_is_not_a_suite_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "k.yaml")

    with pytest.raises(SettingsError) as caught:
        find_suites([tmp_path / "k.yaml"])

    assert caught.value.problem == f"`{tmp_path / 'k.yaml'}` is not a suite file (*.suite.yaml)"
    assert caught.value.fix == "name a folder, or a file that ends in .suite.yaml"
