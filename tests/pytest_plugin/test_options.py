from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from harness.pytest_plugin.options import OPTIONS, ini_path, option_or_ini


@dataclass
class FakeConfig:
    """The part of pytest's configuration that options are read from."""

    options: dict[str, str] = field(default_factory=dict)
    ini: dict[str, str] = field(default_factory=dict)
    rootpath: Path = Path("/configured")
    inipath: Path | None = None

    def getoption(self, name: str) -> str | None:
        return self.options.get(name.removeprefix("harness_"))

    def getini(self, name: str) -> str:
        return self.ini.get(name.removeprefix("harness_"), "")


def config(**changes: Any) -> pytest.Config:
    return cast("pytest.Config", FakeConfig(**changes))


@pytest.mark.parametrize(
    ("options", "ini", "name", "value"),
    [
        ({}, {}, "model", None),
        ({"model": "one"}, {"model": "two"}, "model", "one"),
        ({}, {"model": " two "}, "model", "two"),
        ({}, {"model": "  "}, "model", None),
        ({"record": "tapes"}, {"replay": "tapes"}, "replay", None),
        ({"replay": "tapes"}, {"record": "tapes"}, "record", None),
        ({}, {"record": "tapes"}, "record", "tapes"),
        ({"model": "one"}, {"record": "tapes"}, "record", "tapes"),
    ],
)
def test_the_command_line_overrides_the_configuration(
    options: dict[str, str], ini: dict[str, str], name: str, value: str | None
) -> None:
    assert option_or_ini(config(options=options, ini=ini), name) == value


@pytest.mark.parametrize(
    ("inipath", "folder"),
    [(None, Path("/configured/reports")), (Path("/project/pytest.ini"), Path("/project/reports"))],
)
def test_a_folder_in_the_configuration_is_relative_to_it(
    inipath: Path | None, folder: Path
) -> None:
    assert ini_path(config(ini={"reports": "reports"}, inipath=inipath), "reports") == folder
    assert ini_path(config(inipath=inipath), "reports") is None


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf"])
def test_a_budget_is_an_amount_above_0(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not an amount above 0"):
        OPTIONS["max-cost"]["type"](text)
