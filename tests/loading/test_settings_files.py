from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SettingsError
from harness.loading.settings_files import find_settings


def test_the_nearest_file_wins_alone(tmp_path: Path) -> None:
    (tmp_path / "harness.toml").write_text("concurrency = 1\n")
    near = tmp_path / "a"
    near.mkdir()
    (near / "harness.toml").write_text('reports = "out"\n')

    table = find_settings(near / "x.suite.yaml")

    assert table is not None
    assert (table.path, table.values) == (near / "harness.toml", {"reports": "out"})


def test_harness_toml_wins_over_pyproject_in_one_folder(tmp_path: Path) -> None:
    (tmp_path / "harness.toml").write_text("cache = true\n")
    (tmp_path / "pyproject.toml").write_text("[tool.harness]\ncache = false\n")

    table = find_settings(tmp_path)

    assert table is not None
    assert table.values == {"cache": True}


@pytest.mark.parametrize("text", ["", "[tool.ruff]\n", "tool = 1\n"])
def test_a_pyproject_without_our_table_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "harness.toml").write_text("cache = true\n")
    near = tmp_path / "a"
    near.mkdir()
    (near / "pyproject.toml").write_text(text)

    table = find_settings(near)

    assert table is not None
    assert table.path == tmp_path / "harness.toml"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("harness.toml", b"x = [", "invalid TOML"),
        ("harness.toml", b"a = " + b"[" * 100_000, "invalid TOML"),
        ("harness.toml", b"x = '\xff'", "not UTF-8: invalid byte at offset 5"),
        ("pyproject.toml", b"[tool]\nharness = 5\n", "`tool.harness` must be a table, found 5"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_path(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        find_settings(tmp_path)

    assert str(caught.value.problem).startswith(f"{tmp_path / name}: {words}")
    assert str(caught.value.fix)
