"""Compares runs, or the levels of something inside one run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from harness.api import arguments
from harness.api.plan import environment_options
from harness.api.run import Run
from harness.errors import SettingsError
from harness.suggestions import write_instead
from harness.wording import Option, Wording

if TYPE_CHECKING:
    from harness.reporting.comparing.model import Comparison

AnyRun = Run | str | os.PathLike[str]
_LEVELS = ("variant", "model", "temperature")
_ERRORS = ("fail", "exclude")


def compare(
    old: AnyRun,
    new: AnyRun | None = None,
    *,
    by: Literal["variant", "model", "temperature"] | None = None,
    reference: str | None = None,
    margin: float = 5.0,
    errors: Literal["fail", "exclude"] = "fail",
    by_tag: bool = False,
) -> list[Comparison]:
    """Say whether a run is better or worse than another, case by case.

    Args:
        old: A run, or what `Run.open` takes, or a saved baseline (its name, its file, `git:REV`).
        new: The run to compare with it; left out with `by`.
        by: Compare the levels of this inside the one run.
        reference: With `by`: the level that the others are compared with; the first one without it.
        margin: Changes of pass rate, in percentage points, that do not matter.
        errors: Whether an errored trial of the new run counts as a failure or is left out; those of
            the old run are never evidence.
        by_tag: Give each tag a verdict of its own.

    Returns:
        The comparison of the runs as a whole, then of their suites, tags and variants where there
        are several; with `by`, one for each level but the reference. Its `verdict` is None where
        `refusals` say why there is none.

    Raises:
        SettingsError: The arguments do not go together, or there are no two levels.
        StoreError: A run cannot be read, or they have no case in common.
    """
    from harness.app.compare import comparing  # a run does without

    if (new is None) == (by is None):
        words = "{new} or {by} is missing" if new is None else "{new} and {by} cannot be combined"
        problem = Wording(words, new=Option("new"), by=Option("by"))
        raise SettingsError(problem, "give two runs, or one run and `by`")
    if reference is not None and by is None:
        problem = Wording("{reference} needs {by}", reference=Option("reference"), by=Option("by"))
        raise SettingsError(problem, "say what it is a level of, or leave it out")
    fix = "give percentage points above 0, up to 100"
    if not 0 < arguments.number("margin", margin, fix) <= 100:
        raise arguments.unusable("margin", margin, fix)
    _check("errors", errors, _ERRORS)
    options, comparer = environment_options(), comparing.Comparer(margin / 100, by_tag=by_tag)
    excludes_errors = errors == "exclude"
    if by is None:
        compared = comparing.compare_runs(
            _name(old), _name(new), options, comparer, excludes_errors=excludes_errors
        )
        return compared.comparisons
    _check("by", by, _LEVELS)
    return comparing.compare_levels(
        _name(old),
        by,
        arguments.text("reference", reference),
        options,
        comparer,
        excludes_errors=excludes_errors,
    )


def _check(option: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise arguments.unusable(option, value, write_instead(str(value), values))


def _name(run: AnyRun | None) -> str:
    return str(run.path) if isinstance(run, Run) else arguments.path("run", run or "")
