from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from harness.pytest_plugin.options import (
    OPTIONS,
    check_baseline_options,
    ini_path,
    option_or_ini,
    rule,
)


@dataclass
class FakeConfig:
    """The part of pytest's configuration that options are read from."""

    options: dict[str, Any] = field(default_factory=dict)
    ini: dict[str, str] = field(default_factory=dict)
    rootpath: Path = Path("/configured")
    inipath: Path | None = None

    def getoption(self, name: str) -> Any:
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


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("fail-on", "brken"),
        ("errors", "ignore"),
        ("confirm", "0"),
        ("confirm", "101"),
        ("confirm", "many"),
        ("margin", "0"),
        ("margin", "nan"),
        ("margin", "5 %"),
    ],
)
def test_rules_of_a_baseline_are_checked_wherever_they_are_written(option: str, text: str) -> None:
    name = option.replace("-", "_")

    with pytest.raises(argparse.ArgumentTypeError):
        OPTIONS[option]["type"](text)
    with pytest.raises(pytest.UsageError, match=f"harness_{name}: '{text}' is"):
        check_baseline_options(config(ini={"baseline": "main", name: text}))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("fail_on", "broken", "broken"), ("confirm", "5", 5), ("margin", "2.5", 2.5)],
)
def test_a_rule_of_a_baseline_is_read_from_either_place(name: str, text: str, value: Any) -> None:
    assert rule(config(options={name: value}), name) == value
    assert rule(config(ini={name: text}), name) == value
    assert rule(config(), name) is None


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        ({"fail_on": "broken"}, "--harness-fail-on"),
        ({"confirm": 5}, "--harness-confirm"),
        ({"margin": 2.0}, "--harness-margin"),
        ({"errors": "exclude"}, "--harness-errors"),
    ],
)
def test_a_rule_without_a_baseline_is_an_error_on_the_command_line_only(
    options: dict[str, Any], flag: str
) -> None:
    with pytest.raises(pytest.UsageError, match=f"{flag} needs a baseline"):
        check_baseline_options(config(options=options))
    check_baseline_options(config(ini={name: str(value) for name, value in options.items()}))
    check_baseline_options(config(options=options, ini={"baseline": "main"}))


def test_nothing_can_be_asked_again_where_replies_are_replayed() -> None:
    options = {"baseline": "main", "confirm": 5, "replay": "tapes"}

    with pytest.raises(pytest.UsageError, match="--harness-replay sends nothing"):
        check_baseline_options(config(options=options))


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "cheap"])
def test_a_budget_is_an_amount_above_0(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not an amount above 0"):
        OPTIONS["max-cost"]["type"](text)
