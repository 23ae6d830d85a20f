"""The options of the command line and of pytest's configuration."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import pytest

_INI = {
    "base_url": "the server of prompt tests; `simulator` for the built-in one",
    "concurrency": "the most requests of prompt tests under way at once",
    "model": "the model that prompt tests ask, whatever their suites say",
    "repeat": "trials per case and variant of prompt tests",
    "reports": "the folder that run files of prompt tests are written to",
    "record": "the folder that replies of prompt tests are recorded in",
    "replay": "the folder of recorded replies that prompt tests take instead of asking",
    "baseline": "the baseline or run that prompt tests are compared with; a regression fails",
}
_FILES = ["*.suite.yaml", "*.suite.yml"]


def _usd(value: str) -> float:
    cost = float(value)
    if not 0 < cost < math.inf:
        raise argparse.ArgumentTypeError(f"{value} is not an amount above 0")
    return cost


OPTIONS: dict[str, dict[str, Any]] = {
    "base-url": {"metavar": "URL", "help": _INI["base_url"]},
    "concurrency": {"metavar": "N", "help": _INI["concurrency"]},
    "model": {"metavar": "MODEL", "help": _INI["model"]},
    "repeat": {"metavar": "N", "type": int, "help": _INI["repeat"]},
    "set": {
        "metavar": "KEY=VALUE",
        "action": "append",
        "default": [],
        "help": "set for all suites: `request.temperature=0`, `vars.company=Acme`",
    },
    "cache": {
        "action": "store_const",
        "const": True,
        "default": None,
        "help": "share replies between runs",
    },
    "no-cache": {
        "action": "store_const",
        "const": False,
        "help": "do not, whatever the settings say",
    },
    "judge": {"metavar": "MODEL", "help": "the model that judges, where a suite has none"},
    "allow-code": {
        "action": "store_const",
        "const": True,
        "default": None,
        "help": "let `python` assertions run functions of the project",
    },
    "record": {"metavar": "DIR", "help": _INI["record"]},
    "replay": {"metavar": "DIR", "help": _INI["replay"]},
    "baseline": {"metavar": "BASELINE", "help": _INI["baseline"]},
    "max-cost": {"metavar": "USD", "type": _usd, "help": "stop when replies cost so much"},
    "run-file": {"metavar": "FILE", "help": "where the record goes"},
}


def add_options(parser: pytest.Parser) -> None:
    """Add `--harness-…` to the command line and `harness_…` to the configuration."""
    group = parser.getgroup("harness", "prompt tests")
    for flag, arguments in OPTIONS.items():
        name = flag.removeprefix("no-").replace("-", "_")
        group.addoption(f"--harness-{flag}", dest=f"harness_{name}", **arguments)
    for name, text in _INI.items():
        parser.addini(f"harness_{name}", text)
    parser.addini("harness_files", "how files with prompt suites are named", "args", _FILES)


def option_or_ini(config: pytest.Config, name: str) -> str | None:
    """Return what the command line says, or else the configuration.

    Of recording and replaying, the one that the command line asks for stands alone.
    """
    value = config.getoption(f"harness_{name}")
    other = {"record": "replay", "replay": "record"}.get(name)
    if value is not None or (other and config.getoption(f"harness_{other}") is not None):
        return None if value is None else str(value)
    return ini_value(config, name)


def ini_path(config: pytest.Config, name: str) -> Path | None:
    """Return a folder that the configuration names, relative to where it stands itself."""
    value = ini_value(config, name)
    folder = config.rootpath if config.inipath is None else config.inipath.parent
    return None if value is None else folder / value


def ini_value(config: pytest.Config, name: str) -> str | None:
    """Return what the configuration says under `harness_…`, or None."""
    return str(config.getini(f"harness_{name}")).strip() or None
