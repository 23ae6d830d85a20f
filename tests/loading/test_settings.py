from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.errors import SettingsError
from harness.loading.settings import read_settings, require_server
from harness.model.settings import Settings, Timeouts
from harness.model.usage import Price


def settings(folder: Path, toml: str = "", **sources: Any) -> Settings:
    (folder / "harness.toml").write_text(toml)
    return read_settings(folder, sources.get("environment", {}), sources.get("flags", {}))


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    toml = 'base_url = "http://file"\nconcurrency = 1\nauth = "x-api-key"\n'

    result = settings(
        tmp_path,
        toml,
        environment={"HARNESS_BASE_URL": "http://env", "HARNESS_CONCURRENCY": "2"},
        flags={"base_url": "http://flag/", "concurrency": None},
    )

    assert (result.base_url, result.concurrency, result.auth) == ("http://flag", 2, "x-api-key")


def test_settings_may_stand_in_pyproject_further_up(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\nreports = "out"\n')
    (tmp_path / "a" / "b").mkdir(parents=True)

    assert read_settings(tmp_path / "a" / "b", {}, {}).reports == tmp_path / "out"


def test_tables_are_read(tmp_path: Path) -> None:
    toml = (
        '[timeouts]\nidle = "2m"\ncase = 30\n[prices]\n"m" = {input = 1, output = 5}\n'
        '[headers]\nx-team = "a"\n'
    )

    result = settings(tmp_path, toml)

    assert result.timeouts == Timeouts(idle=120, case=30)
    assert result.prices == {"m": Price(1, 5)}
    assert result.headers == {"x-team": "a"}


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('base_ur = "x"', "unknown key `base_ur`\n  fix: write `base_url`"),
        ('api_key = "sk-1"', "unknown key `api_key`"),
        ("base_url = 5", "harness.toml: invalid `base_url`: 5"),
        ('base_url = "ftp://x"', "write a URL such as"),
        ('base_url = "http://x/v1"', "without `/v1`"),
        ('base_url = "http://me:pw@x"', "contains a user name or password"),
        ('base_url = "http://x:99999"', "a port from 1 to 65535"),
        ("concurrency = 0", "a whole number from 1 to 10000"),
        ("concurrency = true", "a whole number from 1 to 10000"),
        ('auth = "basic"', '"bearer", "x-api-key" or "none"'),
        ('task_path = "/task"', "a path with the task's id"),
        ('[headers]\nAuthorization = "x"', "may be a secret"),
        ("[timeouts]\nidel = 1", "unknown key `idel` in `timeouts`\n  fix: write `idle`"),
        ('[timeouts]\nidle = "soon"', "invalid `timeouts.idle`: 'soon'"),
        ("[prices]\nm = {input = 1}", "`prices.m` needs an input and an output price"),
        ("[prices]\nm = {input = 1, output = -1}", "invalid `prices.m.output`: -1"),
        ("x = [", "invalid TOML"),
    ],
)
def test_a_setting_that_cannot_be_used_is_reported(tmp_path: Path, toml: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, toml)

    assert words in str(caught.value)


def test_without_a_server_the_error_says_how_to_set_one() -> None:
    with pytest.raises(SettingsError, match='base_url="simulator"'):
        require_server(Settings())


def test_without_a_key_the_error_names_the_variable() -> None:
    with pytest.raises(SettingsError, match="HARNESS_API_KEY is not set"):
        require_server(Settings(base_url="http://x"))


def test_the_key_comes_from_the_variable_that_the_settings_name(tmp_path: Path) -> None:
    result = settings(tmp_path, 'api_key_env = "MY_KEY"', environment={"MY_KEY": "sk-secret"})

    assert result.api_key is not None
    assert result.api_key.reveal() == "sk-secret"
    assert "sk-secret" not in f"{result!r} {result.api_key}"
