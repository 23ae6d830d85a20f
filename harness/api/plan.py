"""Suites that are loaded and free of mistakes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import app
from harness.api import arguments
from harness.errors import SettingsError
from harness.model.identical_variants import IdenticalVariants
from harness.model.suite import Suite
from harness.wording import Option, Wording

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""A file or a folder, or several."""
Assignments = Mapping[str, Any] | Iterable[str]
"""Values by keys such as `request.temperature` or `vars.company`, or texts such as `key=value`."""


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What would run: suites without mistakes, and the trials that are selected of them.

    `len(plan)` is the number of trials. `harness.run` takes a plan as often as you like.

    Attributes:
        options: What was given to `harness.load`.
    """

    options: app.RunOptions
    _plan: app.Plan
    _trials: int

    @property
    def suites(self) -> tuple[Suite, ...]:
        """All suites that were found, selected or not."""
        return self._plan.suites

    @property
    def identical_variants(self) -> tuple[IdenticalVariants, ...]:
        """Selected variants that would send the same request; a comparison of them says nothing."""
        return self._plan.identical_variants()

    def trials(self) -> Iterator[app.PlannedTrial]:
        """Yield the trials in suite order, with their calls and the most they would cost."""
        return app.planned_trials(self._plan)

    def prepared(self, options: app.RunOptions) -> app.Plan:
        """Return what runs these suites, as they were loaded, with other settings.

        Each run gets parts of its own, so that runs of one plan may go on side by side.
        """
        book = app.SuiteBook(options)
        book.include(self._plan)
        return book.plan()

    def __len__(self) -> int:
        return self._trials

    def __repr__(self) -> str:
        names = ", ".join(suite.name for suite in self.suites)
        return f"<Plan: {self._trials:,} trials of {names}>"


def load(
    paths: Paths,
    *,
    keyword: str | None = None,
    tags: str | Iterable[str] = (),
    only: str | Iterable[str] = (),
    shard: str | None = None,
    set: Assignments = (),  # noqa: A002  # the word that the command line has for it
    repeat: int | None = None,
    allow_code: bool | None = None,
) -> Plan:
    """Load suites, check them and select trials; send nothing.

    Args:
        paths: Suite files and folders that are searched for them.
        keyword: Words in ids, such as `"refund and not haiku"` (`-k` of the command line).
        tags: A case needs one of them.
        only: Ids of cases or trials, such as `"refund"` or `"triage::refund[haiku-4-5]#2"`.
        shard: One of several equal shares, such as `"2/5"`.
        set: Settings of requests and variables for all suites: `{"request.temperature": 0}`.
        repeat: Trials per case and variant.
        allow_code: Whether `python` expectations may run functions of the project.

    Raises:
        BrokenSuitesError: All mistakes of all files.
        NothingSelectedError: No trial is left, or `only` names what is not there.
        SettingsError: An option or the settings file is unusable.
    """
    options = loading_options(
        paths, keyword=keyword, tags=tags, only=only, shard=shard, set=set, repeat=repeat,
        allow_code=allow_code,
    )  # fmt: skip
    plan = app.plan_run(options)
    return Plan(options, plan, plan.count())


def loading_options(
    paths: Paths,
    *,
    keyword: str | None,
    tags: str | Iterable[str],
    only: str | Iterable[str],
    shard: str | None,
    set: Assignments,  # noqa: A002  # as that of `load`
    repeat: int | None,
    allow_code: bool | None,
) -> app.RunOptions:
    """Return what `load` is given, as it is known inside."""
    return app.RunOptions(
        paths=_paths(paths),
        keyword=arguments.text("keyword", keyword),
        tags=arguments.texts("tags", tags),
        only=arguments.texts("only", only),
        shard=arguments.text("shard", shard),
        assignments=_assignments(set),
        repeat=arguments.count("repeat", repeat),
        flags={"allow_code": allow_code},
        environment=os.environ,
    )


def with_settings(
    options: app.RunOptions, flags: Mapping[str, Any], key: str | None
) -> app.RunOptions:
    """Return options with settings from keyword arguments, which win over all others.

    Args:
        options: They stay as they are.
        flags: Settings by name; None for those that were not given.
        key: The API key; None leaves it to the environment.
    """
    options = replace(options, flags={**options.flags, **flags})
    if key is None:
        return options
    # The settings say which variable holds the key, and check what it holds.
    variable = app.project_settings(options).api_key_env
    return replace(options, environment={**options.environment, variable: key})


def environment_options() -> app.RunOptions:
    """Return options that select nothing, for settings: those of this folder and environment."""
    return app.RunOptions((), environment=os.environ)


def _paths(paths: Paths) -> list[Path]:
    if isinstance(paths, str | os.PathLike) or not isinstance(paths, Iterable):
        paths = [paths]
    return [Path(arguments.path("paths", path)) for path in paths]


def _assignments(assignments: Assignments) -> list[str]:
    if not isinstance(assignments, Mapping):
        return arguments.texts("set", assignments)
    return [f"{key}={_yaml(key, value)}" for key, value in assignments.items()]


def _yaml(key: str, value: Any) -> str:
    """Return a value as JSON, which is YAML too, so that `"0"` stays a text."""
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        problem = Wording(
            "{set}: `{key}` cannot be written as JSON: {error}",
            set=Option("set"),
            key=str(key),
            error=str(error),
        )
        raise SettingsError(problem, "give text, numbers, lists and mappings") from error
