"""Says what is doubtful about a plan: as text, as data, or as errors.

These are variants that would send the same request, limits on cost without a price, unknown keys of
content blocks, and what the server was found to ignore.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from harness import app
from harness.cli.vocabulary import shown
from harness.errors import SuiteError
from harness.model.identical_variants import IdenticalVariants, grouped
from harness.printable import visible

_MOST_SHOWN = 5


def print_warnings(plan: app.Plan, *, on_stderr: bool) -> int:
    """Print the warnings of a plan, and return how many it has."""
    doubts = app.plan_doubts(plan)
    for error in doubts:
        for line in _warning_lines(str(error.span), error.problem, [], shown(error.fix)):
            click.echo(line, err=on_stderr)
    groups = grouped(plan.identical_variants())
    for group in groups[:_MOST_SHOWN]:
        reasons = [shown(reason.words) for reason in group.first.reasons]
        fix = shown(group.first.fix)
        for line in _warning_lines(str(group.first.span), group.headline, reasons, fix):
            click.echo(line, err=on_stderr)
    if len(groups) > _MOST_SHOWN:
        remaining = len(groups) - _MOST_SHOWN
        click.echo(f"… and {remaining:,} more; `harness validate --json` has all", err=on_stderr)
    return len(groups) + len(doubts)


def _warning_lines(place: str, problem: str, reasons: Iterable[str], fix: str) -> Iterator[str]:
    word = click.style("warning", fg="yellow", bold=True)
    yield f"{word}: {click.style(visible(place), bold=True)}: {visible(problem)}"
    for reason in reasons:
        yield f"  {visible(reason)}"
    yield f"  fix: {visible(fix)}"


def warnings_data(plan: app.Plan) -> list[dict[str, Any]]:
    """Return all warnings of a plan as plain data, each with its text and its fix."""
    doubts = [
        {"problem": error.problem, "fix": shown(error.fix), "place": str(error.span)}
        for error in app.plan_doubts(plan)
    ]
    identical = [
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
    return [*doubts, *identical]


def warnings_as_errors(plan: app.Plan) -> list[SuiteError]:
    """Return what is only a warning or a note, as errors."""
    identical = map(_as_error, plan.identical_variants())
    return [*identical, *app.plan_doubts(plan), *app.requirement_errors(plan)]


def _as_error(found: IdenticalVariants) -> SuiteError:
    return SuiteError(found.span, shown(found.problem), found.fix)
