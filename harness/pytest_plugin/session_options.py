"""What the command line and the configuration of pytest ask of a session's run."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import app
from harness.errors import SettingsError
from harness.pytest_plugin.options import ini_path, ini_value, option_or_ini, rule
from harness.pytest_plugin.session_baseline import BaselineRules
from harness.pytest_plugin.workers import Worker

_FLAGS = ("base_url", "concurrency", "cache", "judge", "allow_code")
_SHARED = ("concurrency", "requests_per_minute", "tokens_per_minute")
_REPEATED = ("base_url", "model", "repeat", "judge")


class SessionOptions:
    """Translates pytest's options into those of a run."""

    def __init__(self, config: pytest.Config, worker: Worker | None) -> None:
        self._config, self._worker = config, worker

    @property
    def start(self) -> Path:
        """Where pytest was started."""
        return self._config.invocation_params.dir

    @property
    def model(self) -> str | None:
        """The model to ask, whatever the suites say."""
        return option_or_ini(self._config, "model")

    @property
    def replay(self) -> str | None:
        """The folder of recorded replies, as it is written."""
        return option_or_ini(self._config, "replay")

    @property
    def baseline(self) -> str | None:
        """What the session is compared with."""
        return option_or_ini(self._config, "baseline")

    @property
    def baseline_rules(self) -> BaselineRules:
        """How strictly it is."""
        values = {name: rule(self._config, name) for name in ("fail_on", "confirm", "margin")}
        given = {name: value for name, value in values.items() if value is not None}
        return BaselineRules(**given, excludes_errors=rule(self._config, "errors") == "exclude")

    @property
    def may_end_early(self) -> bool:
        """Whether a failure can end the session."""
        option = self._config.option
        return bool(option.maxfail or getattr(option, "stepwise", False))

    @property
    def budget(self) -> app.Budget:
        """What the run may take."""
        return app.Budget(self._config.getoption("harness_max_cost"))

    @property
    def sources(self) -> app.Sources:
        """Where replies come from and go to."""
        return app.Sources(record=self._folder("record"), replay=self._folder("replay"))

    def outputs(self, reports: Path) -> app.OutputOptions:
        """Return where the record goes; a worker writes its part below the reports."""
        if self._worker is not None:
            return app.OutputOptions(run_file=self._worker.part_below(reports), command=sys.argv)
        name = self._config.getoption("harness_run_file")
        run_file = None if name is None else Path(name)
        return app.OutputOptions(run_file=run_file, command=sys.argv)

    def run_options(self, start: Path) -> app.RunOptions:
        """Return what suites are loaded and run with.

        Args:
            start: Where the settings are looked for.

        Raises:
            SettingsError: The settings or options are unusable.
        """
        option = self._config.getoption
        assignments = [] if self.model is None else [f"request.model={self.model}"]
        ini: dict[str, Any] = {
            name: ini_value(self._config, name) for name in ("base_url", "concurrency")
        }
        reports = ini_path(self._config, "reports")
        ini["reports"] = None if reports is None else str(reports)
        options = app.RunOptions(
            paths=[start],
            assignments=[*assignments, *option("harness_set")],
            repeat=_whole(option_or_ini(self._config, "repeat")),
            flags={name: option(f"harness_{name}") for name in _FLAGS},
            ini=ini,
            environment=os.environ,
        )
        return options if self._worker is None else _shared(options, self._worker)

    def rerun_command(self, test: pytest.Item) -> str:
        """Return the command that runs a test again, with what it was run with."""
        name = f"{os.path.relpath(test.path)}::{test.nodeid.partition('::')[2]}"
        option, repeated = self._config.getoption, []
        for key in _REPEATED:
            value = option(f"harness_{key}")
            flag = f"--harness-{key.replace('_', '-')}"
            repeated += [] if value is None else [f"{flag}={value}"]
        repeated += [f"--harness-set={assignment}" for assignment in option("harness_set")]
        repeated += ["--harness-allow-code"] if option("harness_allow_code") else []
        return shlex.join(["pytest", name, *repeated])

    def _folder(self, name: str) -> Path | None:
        value = self._config.getoption(f"harness_{name}")
        if value is not None:
            return Path(value)
        is_meant = option_or_ini(self._config, name) is not None
        return ini_path(self._config, name) if is_meant else None


def _shared(options: app.RunOptions, worker: Worker) -> app.RunOptions:
    """Return options with a worker's share of what all workers may take together."""
    settings = app.project_settings(options)
    limits = {name: getattr(settings, name) for name in _SHARED}
    limits["concurrency"] = settings.most_concurrency
    shares = {name: worker.share(most) for name, most in limits.items() if most is not None}
    return replace(options, flags={**options.flags, **shares})


def _whole(value: str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError as error:
        problem = f"`harness_repeat` is {value!r}"
        raise SettingsError(problem, "write a whole number") from error
