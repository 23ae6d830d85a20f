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
    "fail_on": "with a baseline, what fails the session: `failed` tests (default), `broken` ones,"
    " which passed in the baseline or are new, or only a `regression`",
    "confirm": "with a baseline, ask prompts whose verdict flipped again, so many times",
    "margin": "with a baseline, changes of the pass rate in points that count as equivalent",
    "errors": "with a baseline, whether errored trials `fail` (default), or to `exclude` them",
}
_NEEDING_BASELINE = {"fail_on": "failed", "confirm": None, "margin": None, "errors": "fail"}
_MOST_TIMES = 100
_FILES = ["*.suite.yaml", "*.suite.yml"]


def _usd(value: str) -> float:
    cost = _number(value)
    if not 0 < cost < math.inf:
        problem = f"{value!r} is not an amount above 0; write USD, such as 0.50"
        raise argparse.ArgumentTypeError(problem)
    return cost


def fail_on(value: str) -> str:
    """Return what fails a session."""
    return _one_of(value, "failed", "broken", "regression")


def errors(value: str) -> str:
    """Return what becomes of errored trials."""
    return _one_of(value, "fail", "exclude")


def times(value: str) -> int:
    """Return how often something is asked again."""
    if not (value.isdecimal() and 1 <= int(value) <= _MOST_TIMES):
        problem = f"{value!r} is not a whole number from 1 to {_MOST_TIMES}"
        raise argparse.ArgumentTypeError(problem)
    return int(value)


def points(value: str) -> float:
    """Return a change of the pass rate in points."""
    number = _number(value)
    if not 0 < number <= 100:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number of points above 0, up to 100")
    return number


def _number(value: str) -> float:
    """Return a number; NaN, which is in no range, if the text is none."""
    try:
        return float(value)
    except ValueError:
        return math.nan


def _one_of(value: str, *choices: str) -> str:
    if value not in choices:
        raise argparse.ArgumentTypeError(f"{value!r} is none of {', '.join(choices)}")
    return value


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
    "fail-on": {"metavar": "RULE", "type": fail_on, "help": _INI["fail_on"]},
    "confirm": {"metavar": "N", "type": times, "help": _INI["confirm"]},
    "margin": {"metavar": "POINTS", "type": points, "help": _INI["margin"]},
    "errors": {"metavar": "RULE", "type": errors, "help": _INI["errors"]},
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


def check_baseline_options(config: pytest.Config) -> None:
    """Check the options about a baseline, wherever they are written.

    Raises:
        UsageError: One is invalid, or does not go with the others.
    """
    has_baseline = option_or_ini(config, "baseline") is not None
    for name, default in _NEEDING_BASELINE.items():
        flag = f"--harness-{name.replace('_', '-')}"
        # A rule in the configuration holds whenever there is a baseline, so it needs none.
        if not has_baseline and config.getoption(f"harness_{name}") not in {None, default}:
            raise pytest.UsageError(f"{flag} needs a baseline: add --harness-baseline")
        try:
            rule(config, name)
        except argparse.ArgumentTypeError as error:
            raise pytest.UsageError(f"harness_{name}: {error}") from error
    if has_baseline and rule(config, "confirm") and option_or_ini(config, "replay"):
        problem = "--harness-confirm runs cases again, but --harness-replay sends nothing"
        raise pytest.UsageError(f"{problem}: leave one out")


def rule(config: pytest.Config, name: str) -> Any:
    """Return a checked option about a baseline, from either place; None if it is in neither.

    Raises:
        ArgumentTypeError: The configuration has an invalid one.
    """
    value = option_or_ini(config, name)
    return None if value is None else OPTIONS[name.replace("_", "-")]["type"](value)


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
