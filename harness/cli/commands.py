"""The commands by name. Each is imported when it is used: none pays for the others."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module

import click

_HOMES = {
    "assertions": ("harness.cli.assertions", "assertions_command"),
    "baseline": ("harness.cli.baseline", "baseline_group"),
    "cache": ("harness.cli.cache", "cache_group"),
    "compare": ("harness.cli.compare", "compare_command"),
    "judge-check": ("harness.cli.judge_check", "judge_check_command"),
    "list": ("harness.cli.checks", "list_command"),
    "merge": ("harness.cli.merge", "merge_command"),
    "probe": ("harness.cli.probe", "probe_command"),
    "report": ("harness.cli.report", "report_command"),
    "run": ("harness.cli.run", "run_command"),
    "schema": ("harness.cli.checks", "schema_command"),
    "score": ("harness.cli.score", "score_command"),
    "simulate": ("harness.cli.simulate", "simulate_command"),
    "validate": ("harness.cli.checks", "validate_command"),
}


class Commands(MutableMapping[str, click.Command]):
    """The commands, as click's groups keep them."""

    def __init__(self) -> None:
        self._homes = dict(_HOMES)
        self._imported: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._imported:
            module, attribute = self._homes[name]
            self._imported[name] = getattr(import_module(module), attribute)
        return self._imported[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._homes[name] = ("", name)
        self._imported[name] = command

    def __delitem__(self, name: str) -> None:
        del self._homes[name]
        self._imported.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)
