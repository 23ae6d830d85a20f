"""Says of a plan which variants would send the same request: as text, as data, or as errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from harness import app
from harness.cli.vocabulary import shown
from harness.errors import SuiteError
from harness.model.identical_variants import IdenticalGroup, IdenticalVariants, grouped
from harness.printable import visible

_MOST_SHOWN = 5


def print_warnings(plan: app.Plan, *, on_stderr: bool) -> int:
    """Print what is the same about the variants of a plan, and return how many warnings it has."""
    groups = grouped(plan.identical_variants())
    for group in groups[:_MOST_SHOWN]:
        for line in _lines(group):
            click.echo(line, err=on_stderr)
    if len(groups) > _MOST_SHOWN:
        remaining = len(groups) - _MOST_SHOWN
        click.echo(f"… and {remaining:,} more; `harness validate --json` has all", err=on_stderr)
    return len(groups)


def _lines(group: IdenticalGroup) -> Iterator[str]:
    word = click.style("warning", fg="yellow", bold=True)
    location = click.style(visible(str(group.first.span)), bold=True)
    yield f"{word}: {location}: {visible(group.headline)}"
    for reason in group.first.reasons:
        yield f"  {visible(shown(reason.words))}"
    yield f"  fix: {visible(shown(group.first.fix))}"


def warnings_data(plan: app.Plan) -> list[dict[str, Any]]:
    """Return all warnings of a plan as plain data, each with its text and its fix."""
    return [
        {
            "problem": shown(found.problem),
            "fix": shown(found.fix),
            **found.as_data(),
            "reasons": [
                {"text": shown(reason.words), **reason.as_data()} for reason in found.reasons
            ],
        }
        for found in plan.identical_variants()
    ]


def warnings_as_errors(plan: app.Plan) -> list[SuiteError]:
    """Return what is only a warning or a note, as errors."""
    return [*map(_as_error, plan.identical_variants()), *app.requirement_errors(plan)]


def _as_error(found: IdenticalVariants) -> SuiteError:
    return SuiteError(found.span, shown(found.problem), found.fix)
