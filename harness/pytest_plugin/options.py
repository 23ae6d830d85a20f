"""The plugin's options, on the command line and in pytest's configuration."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import pytest

_INI = {
    "base_url": "API server for prompt tests; `simulator` is the built-in one",
    "concurrency": "maximum number of requests of prompt tests in flight",
    "model": "model for prompt tests; overrides the suites",
    "repeat": "trials per case and variant of prompt tests",
    "reports": "folder for the run files of prompt tests",
    "record": "folder to record the replies of prompt tests in",
    "replay": "folder of recorded replies for prompt tests; nothing is sent",
    "baseline": "baseline or run to compare prompt tests with; a regression fails the session",
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
        "help": "set for all suites: `request.temperature=0`, `vars.company=Acme`; repeatable",
    },
    "cache": {
        "action": "store_const",
        "const": True,
        "default": None,
        "help": "reuse replies to the same request across runs",
    },
    "no-cache": {
        "action": "store_const",
        "const": False,
        "help": "do not reuse replies, whatever the settings say",
    },
    "judge": {"metavar": "MODEL", "help": "judge model, for suites that name none"},
    "allow-code": {
        "action": "store_const",
        "const": True,
        "default": None,
        "help": "let `python` assertions run project code, with your permissions",
    },
    "record": {"metavar": "DIR", "help": _INI["record"]},
    "replay": {"metavar": "DIR", "help": _INI["replay"]},
    "baseline": {"metavar": "BASELINE", "help": _INI["baseline"]},
    "max-cost": {"metavar": "USD", "type": _usd, "help": "stop when replies have cost this much"},
    "run-file": {"metavar": "FILE", "help": "write the run file there"},
}


def add_options(parser: pytest.Parser) -> None:
    """Add `--harness-…` to the command line and `harness_…` to the configuration."""
    group = parser.getgroup("harness", "prompt tests")
    for flag, arguments in OPTIONS.items():
        name = flag.removeprefix("no-").replace("-", "_")
        group.addoption(f"--harness-{flag}", dest=f"harness_{name}", **arguments)
    for name, text in _INI.items():
        parser.addini(f"harness_{name}", text)
    parser.addini("harness_files", "file name patterns of prompt suites", "args", _FILES)


def option_or_ini(config: pytest.Config, name: str) -> str | None:
    """Return an option from the command line or, if it is not there, from the configuration.

    The command line's choice between recording and replaying overrides the other one in the
    configuration, because the two exclude each other.
    """
    value = config.getoption(f"harness_{name}")
    other = {"record": "replay", "replay": "record"}.get(name)
    if value is not None or (other and config.getoption(f"harness_{other}") is not None):
        return None if value is None else str(value)
    return ini_value(config, name)


def ini_path(config: pytest.Config, name: str) -> Path | None:
    """Return a path from the configuration, relative to the configuration file."""
    value = ini_value(config, name)
    folder = config.rootpath if config.inipath is None else config.inipath.parent
    return None if value is None else folder / value


def ini_value(config: pytest.Config, name: str) -> str | None:
    """Return the value of `harness_…` in the configuration, or None."""
    return str(config.getini(f"harness_{name}")).strip() or None
